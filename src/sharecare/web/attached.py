"""Files that a page gives to be saved."""

from urllib.parse import quote

from fastapi.responses import Response

JSON = "application/json"


def attached(content: bytes, media_type: str, name: str) -> Response:
    """Answer with a file under a name, which need not be ASCII (RFC 6266)."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
