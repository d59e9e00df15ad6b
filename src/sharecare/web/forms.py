"""What a form sent, and what is wrong with it: shown again with everything that was typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from unicodedata import normalize
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData, UploadFile

from sharecare.errors import Refusal
from sharecare.malformed import in_words

M = TypeVar("M", bound=BaseModel)
_DASHES = re.compile("[‐-―−ー]")
# What carries a form rather than being typed into it.
CARRIERS = frozenset({"token", "once", "back", "kept"})


class BadForm(Exception):  # noqa: N818  -- an answer to a person, like a refusal
    """Some fields can't be read; the form that holds them says which and why."""


@dataclass(slots=True)
class Form:
    """Fields as typed, and problems by field; an empty field counts as left out."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, UploadFile] = field(default_factory=dict)
    language: str = "ja"
    problems: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    refusal: Refusal | None = None

    @classmethod
    def sent(cls, data: FormData, language: str) -> "Form":
        """Read what came; line ends become those of this house."""
        values: dict[str, list[str]] = {}
        files: dict[str, UploadFile] = {}
        for name, value in data.multi_items():
            if isinstance(value, UploadFile):
                files[name] = value
            elif text := value.strip().replace("\r\n", "\n"):
                values.setdefault(name, []).append(text)
        return cls(values, files, language)

    @classmethod
    def of(cls, **values: object) -> "Form":
        """Fill a form with what is known; None leaves a field empty."""
        lists = {
            name: [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
            for name, value in values.items()
            if value is not None
        }
        return cls(lists)

    def text(self, name: str) -> str:
        """Return a field's text; empty if it was left out."""
        return next(iter(self.values.get(name, ())), "")

    def maybe(self, name: str) -> str | None:
        """Return a field's text, or None if it was left out."""
        return self.text(name) or None

    def plain(self, name: str) -> str | None:
        """Return digits and signs as machines write them, however wide they were typed; None if left out."""
        return _DASHES.sub("-", normalize("NFKC", self.text(name))) or None

    def all(self, name: str) -> list[str]:
        """Return every value of a field that can be chosen more than once."""
        return list(self.values.get(name, ()))

    async def uploaded(self, name: str) -> bytes:
        """Return a file's content; empty if none was chosen."""
        if (sent := self.files.get(name)) is None:
            return b""
        try:
            return await sent.read()
        finally:
            await sent.close()

    def ticked(self, name: str) -> bool:
        """Say whether a box was ticked."""
        return name in self.values

    def read(self, shape: type[M], *, names: Mapping[str, str] | None = None, **values: object) -> M:
        """Read a shape from `values`; a None is left out, so that the shape's default counts.

        `names` says which field of the form tells of what is wrong with a field of the shape, by the dotted path to it
        or by the kind of error, where the two are not called the same.

        Raises:
            BadForm: it does not fit; `problems` then says where and why.

        """
        try:
            return shape.model_validate({name: value for name, value in values.items() if value is not None})
        except ValidationError as error:
            for item in error.errors():
                self.problems.setdefault(_told_at(item, names or {}), in_words(item, self.language))
            raise BadForm from error

    def refused(self, refusal: Refusal) -> "Form":
        """Take down why the whole was refused."""
        self.problem, self.refusal = refusal.text(self.language), refusal
        return self

    def typed(self) -> list[tuple[str, str]]:
        """Return what a person typed, name by name, without what merely carried it."""
        return [(name, text) for name, texts in self.values.items() if name not in CARRIERS for text in texts]


def _told_at(item: ErrorDetails, names: Mapping[str, str]) -> str:
    """Return the field that one of pydantic's errors is told at: the closest that has a name."""
    way = [str(step) for step in item["loc"]]
    paths = [".".join(way[:steps]) for steps in range(len(way), 0, -1)] or [""]
    return next((names[path] for path in (item["type"], *paths) if path in names), paths[-1])


def moment_typed(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that a field of date and time names on the area's clock; None where it names none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def midnight_typed(text: str, zone: ZoneInfo, days: int = 0) -> datetime | str | None:
    """Return the midnight at which a typed day begins, or some days later; what is no day, as it is."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  -- a day
        return datetime.combine(day + timedelta(days=days), time(), zone)
    except (ValueError, OverflowError):
        return text or None


def as_typed(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment as a field of date and time holds it."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
