"""What a person will recognise a browser by."""

_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"))
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Line/", "LINE"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def device_named(user_agent: str, language: str) -> str:
    """Return system and browser in a few words; nothing finer is kept."""
    unknown = "不明な端末" if language == "ja" else "unknown device"
    named = [next((said for mark, said in table if mark in user_agent), "") for table in (_SYSTEMS, _BROWSERS)]
    return " · ".join(filter(None, named)) or unknown
