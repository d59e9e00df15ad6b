"""Whether a form still tells of a report as it stands: somebody else may have corrected it since it was drawn."""

from typing import Any

from sharecare.errors import Refusal
from sharecare.incidents.schemas import IncidentView

# What a form holds as it stood. Witnesses, and who was told, it adds to what is known then.
HELD = frozenset(
    {
        *("place", "what", "injured", "child_id", "injury", "treatment", "treatment_days", "unconscious", "death"),
        *("damage", "third_party"),
    }
)


class ReportCorrected(Refusal):
    """The report is not what the form was drawn from."""

    ja = (
        "この画面を開いたあとに、この記録が直されました。いまの記録を見て、もう一度保存してください。"
        "書いたことは残っています。手をつけていないところは、いまの記録に合わせました。"
    )
    en = (
        "This report was corrected after you opened the form. See what stands now, then save again. "
        "What you wrote is kept; what you had left alone now says what the report says."
    )


def corrections(one: IncidentView) -> list[dict[str, Any]]:
    """Return what stood there before each correction of what forms hold, oldest first; their count is a version."""
    held = [{name: was for name, was in note.changes.items() if name in HELD} for note in one.notes]
    return [before for before in held if before]


def require_newest(one: IncidentView, drawn: int) -> None:
    """Pass a form that was drawn after so many corrections, if none came later.

    Raises:
        ReportCorrected: one did.

    """
    if drawn != len(corrections(one)):
        raise ReportCorrected


def as_it_stood(one: IncidentView, drawn: int) -> dict[str, Any]:
    """Return what forms hold of a report, as plain JSON values, as it stood after so many corrections."""
    facts = one.model_dump(mode="json", include=set(HELD))
    for before in reversed(corrections(one)[drawn:]):
        facts |= before
    return facts
