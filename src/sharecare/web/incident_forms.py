"""The forms of an incident, read alike for family, supporter and staff: a report, and what came to be known later."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child
from sharecare.areas.queries import zone_of_area
from sharecare.care.bookings import booking_by_id
from sharecare.care.models import Booking
from sharecare.care.people import children_in
from sharecare.columns import id_in
from sharecare.incidents.corrections import HELD, ReportCorrected, as_it_stood, corrections, require_newest
from sharecare.incidents.photos import Photo
from sharecare.incidents.queries import incident_view
from sharecare.incidents.rules import IncidentKind, Injured, Treatment, Whom
from sharecare.incidents.schemas import IncidentChange, IncidentDraft, IncidentView
from sharecare.incidents.service import change_incident, held_incident, report_incident
from sharecare.uploads import photo_for
from sharecare.web.forms import Form, moment_typed
from sharecare.web.page import View

TOLD = (Whom.FAMILY, Whom.AMBULANCE, Whom.DOCTOR, Whom.SCHOOL, Whom.POLICE)
CHOICES: dict[str, Any] = {
    "kinds": list(IncidentKind),
    "injured": list(Injured),
    "treatments": list(Treatment),
    "whom": TOLD,
}
STAFF_CHOICES = CHOICES | {"whom": (*TOLD, Whom.MUNICIPALITY, Whom.INSURER)}
TICKED = frozenset({"unconscious", "death"})
FIELDS_HELD = HELD - {"child_id"} | {"child"}
FIELDS = {"occurred_at": "at", "child_id": "child", "witnesses": "witness", "": "kind"}


async def take_down(session: AsyncSession, look: View, booking_id: int) -> None:
    """Report what a form tells of a booking."""
    zone, children = await _around(session, await booking_by_id(session, booking_id))
    draft = _draft(look.form, zone, children)
    await report_incident(session, by=look.actor, booking_id=booking_id, draft=draft, now=look.now)


async def complete(session: AsyncSession, look: View, incident_id: int) -> int:
    """Complete or correct a report by what a form tells; return the booking it is about.

    Raises:
        ReportCorrected: somebody did so after the form was drawn.

    """
    await held_incident(session, incident_id)  # what the form is held to, and added to, stays so meanwhile
    one = await incident_view(session, incident_id)
    require_newest(one, id_in(look.form.text("drawn")))
    zone, children = await _around(session, await booking_by_id(session, one.booking_id))
    change = _change(look.form, one, zone, children)
    await change_incident(session, by=look.actor, incident_id=incident_id, change=change, now=look.now)
    return one.booking_id


def as_known(one: IncidentView) -> Form:
    """Return the form of a report as it stands, and what tells later whether it still does."""
    return _form_of(as_it_stood(one, len(corrections(one))), drawn=len(corrections(one)))


def brought_up_to_date(form: Form, one: IncidentView) -> bool:
    """Let a form that came too late hold what stands now wherever nothing was typed into it; say whether it did."""
    if not isinstance(form.refusal, ReportCorrected):
        return False
    once, now = _form_of(as_it_stood(one, id_in(form.text("drawn")))), as_known(one)
    left_alone = {name for name in FIELDS_HELD if form.text(name) == once.text(name)}
    typed = {name: texts for name, texts in form.values.items() if name not in left_alone}
    form.values = typed | {name: texts for name, texts in now.values.items() if name in left_alone | {"drawn"}}
    return True


async def photo_sent(look: View, incident_id: int) -> Photo:
    """Return the photo that came with a form, ready to be kept with an incident."""
    return await photo_for(look.session, incident_id, await look.form.uploaded("photo"), do=look.do)


def _form_of(facts: dict[str, Any], **more: object) -> Form:
    ticked = {name: "1" for name in TICKED if facts[name]}
    texts = {name: text for name, text in facts.items() if name not in {"child_id", *TICKED}}
    return Form.of(child=facts["child_id"], **texts, **ticked, **more)


async def _around(session: AsyncSession, booking: Booking) -> tuple[ZoneInfo, Sequence[Child]]:
    return await zone_of_area(session, booking.area_id), await children_in(session, booking.request_id)


def _draft(form: Form, zone: ZoneInfo, children: Sequence[Child]) -> IncidentDraft:
    return form.read(
        IncidentDraft,
        names=FIELDS,
        kind=form.maybe("kind"),
        occurred_at=moment_typed(form.text("at"), zone),
        place=form.maybe("place"),
        what=form.maybe("what"),
        treatment_days=form.maybe("treatment_days"),
        witnesses=_seen_by(form),
        told=_told(form, zone),
        third_party=form.text("third_party"),
        **_harm(form, children),
    )


def _change(form: Form, one: IncidentView, zone: ZoneInfo, children: Sequence[Child]) -> IncidentChange:
    """Read a whole report; who was told and who saw it are added to those known before."""
    near_miss = one.kind is IncidentKind.NEAR_MISS
    known = one.model_dump(mode="json", include={"witnesses", "told"})
    change = form.read(
        IncidentChange,
        names=FIELDS,
        note=form.maybe("note"),
        place=form.maybe("place"),
        what=form.maybe("what"),
        treatment_days=form.maybe("treatment_days"),
        witnesses=known["witnesses"] + _seen_by(form),
        told=known["told"] + _told(form, zone),
        third_party=form.text("third_party"),
        **(_harm(form, children, known=one.child_id) if form.text("injured") and not near_miss else {}),
    )
    if near_miss or form.text("treatment_days"):
        return change
    return change.model_copy(update={"treatment_days": None})  # an emptied field takes it back


def _harm(form: Form, children: Sequence[Child], *, known: int | None = None) -> dict[str, Any]:
    hurt = form.text("injured") or Injured.NOBODY
    alone = children[0].id if len(children) == 1 else known
    return {
        "injured": hurt,
        "child_id": form.maybe("child") or alone if hurt == Injured.CHILD else None,
        "injury": form.text("injury"),
        "treatment": form.maybe("treatment") or Treatment.NONE,
        "unconscious": form.ticked("unconscious"),
        "death": form.ticked("death"),
        "damage": form.text("damage"),
    }


def _seen_by(form: Form) -> list[dict[str, str]]:
    name, contact = form.text("witness"), form.text("witness_contact")
    return [{"name": name, "contact": contact}] if name or contact else []


def _told(form: Form, zone: ZoneInfo) -> list[dict[str, Any]]:
    at = {whom: moment_typed(form.text(f"told_{whom}"), zone) for whom in Whom if form.text(f"told_{whom}")}
    return [{"whom": whom, "at": told_at} for whom, told_at in at.items()]
