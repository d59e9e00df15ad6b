"""Refusals: what people are told when something can't be done, in their language."""

from typing import ClassVar, NamedTuple


class Refusal(Exception):  # noqa: N818  -- a refusal is an answer, not an accident
    """Say no, with a reason a parent understands.

    Subclasses stand beside the verb that raises them. `ja` and `en` are format strings over the keyword facts.
    `constraints` names what the database calls the same refusal (a constraint, a trigger's text, or `table.column`
    as SQLite prints it), so that a race lost in the database reads like the courtesy check before it.
    `keeps_writes` lets the transaction commit although the verb was refused (a failed attempt must be counted).
    """

    status: ClassVar[int] = 409
    ja: ClassVar[str] = "この操作はできません。"
    en: ClassVar[str] = "This can't be done."
    constraints: ClassVar[tuple[str, ...]] = ()
    keeps_writes: ClassVar[bool] = False

    _known: ClassVar[list[type["Refusal"]]] = []

    def __init_subclass__(cls) -> None:
        Refusal._known.append(cls)

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.text("en"))

    @property
    def code(self) -> str:
        """Return the stable machine-readable name, e.g. `SlotTaken` → `slot-taken`."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))

    def text(self, language: str) -> str:
        """Return the reason in Japanese (`ja`) or English (anything else)."""
        return (self.ja if language == "ja" else self.en).format(**self.facts)

    @classmethod
    def for_constraint(cls, message: str) -> "Refusal | None":
        """Return the refusal that stands for a constraint named in a database error, if one claims it."""
        for known in cls._known:
            if any(name in message for name in known.constraints):
                return known()
        return None


class NotFound(Refusal):
    """Answer the same for what does not exist and for what is not yours to see."""

    status = 404
    ja = "見つかりませんでした。"
    en = "We couldn't find that."


class Conflict(Refusal):
    """Someone else changed the same thing first."""

    ja = "ほかの操作と重なりました。画面を読み込み直して、もう一度お試しください。"
    en = "Someone changed this at the same moment. Reload and try again."


class Busy(Refusal):
    """The database can't take the write now."""

    status = 503
    ja = "ただいま混み合っています。少し待ってから、もう一度お試しください。"
    en = "We are busy right now. Wait a moment and try again."


class Reason(NamedTuple):
    """Why something in a file can't be used, in both languages."""

    en: str
    ja: str

    def text(self, language: str) -> str:
        """Return it in Japanese (`ja`) or English (anything else)."""
        return self.ja if language == "ja" else self.en


class BadFieldError(ValueError):
    """What a field of a file says can't be used."""

    def __init__(self, en: str, ja: str) -> None:
        super().__init__(en)
        self.reason = Reason(en, ja)
