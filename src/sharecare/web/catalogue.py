"""Every sentence of the pages: one TOML file a page, Japanese and English side by side."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words"
# `one` is the English for n = 1, where it differs.
FORMS = frozenset({"ja", "en", "one"})


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return every entry by its key, `file.table.name`."""
    entries: dict[str, Mapping[str, str]] = {}
    for path in sorted(WORDS.glob("*.toml")):
        entries.update(_entries(path.stem, tomllib.loads(path.read_text(encoding="utf-8"))))
    return entries


def said(key: str, language: str, **facts: object) -> str:
    """Return an entry in Japanese (`ja`) or English (anything else), its braces filled in.

    Raises:
        KeyError: there is no such entry, or a fact is missing.

    """
    entry = catalogue()[key]
    form = "ja" if language == "ja" else "one" if facts.get("n") == 1 and "one" in entry else "en"
    return entry[form].format(**facts) if facts else entry[form]


def _entries(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    if table.keys() <= FORMS:
        yield prefix, table
        return
    for name, inner in table.items():
        yield from _entries(f"{prefix}.{name}", inner)
