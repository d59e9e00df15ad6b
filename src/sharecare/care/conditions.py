"""Temperature and condition at the start, held to the policy's illness rule."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.care.bookings import window_facts
from sharecare.care.day_models import ConditionCheck
from sharecare.care.day_rules import takes_in, tells_again
from sharecare.care.day_schemas import ConditionDraft
from sharecare.care.models import Booking, BookingChild
from sharecare.errors import Refusal
from sharecare.insurance.models import Cover
from sharecare.insurance.rules import Terms
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all


class ConditionNeeded(Refusal):
    """Every child is looked at before the care begins."""

    status = 400
    ja = "お子さん一人ひとりの体温と様子を入力してください。"
    en = "Give the temperature and condition of every child in this care."


class TooIll(Refusal):
    """The policy's illness rule keeps a child at home; what was found stays written down."""

    keeps_writes = True
    ja = (
        "保険の決まりで、いまは預かれません(体温{limit}℃まで、体調のよいお子さん)。保護者に知らせました。"
        "電話でご相談ください。体調が戻れば測り直して始められます。戻らなければ、どちらからでもキャンセルできます。"
    )
    en = (
        "The insurance doesn't allow care now (at most {limit} °C, and not unwell). The guardians have been told: "
        "call them. If the child gets better, measure again; if not, either of you can cancel."
    )


async def check_conditions(
    session: AsyncSession, booking: Booking, checks: Sequence[ConditionDraft], *, by: Actor, now: datetime
) -> None:
    """Write down how each child is, and hold it to the terms of the booking's own cover.

    Raises:
        ConditionNeeded: a child was not looked at, or another family's was.
        TooIll: one is too warm or unwell; the guardians are told so, and again if it is found so a while later.

    """
    cared_for = select(BookingChild.child_id).where(BookingChild.booking_id == booking.id)
    if sorted(await session.exec(cared_for)) != sorted(check.child_id for check in checks):
        raise ConditionNeeded
    limit = (await _terms(session, booking)).max_temperature_c
    turned_away = select(ConditionCheck.checked_at).where(
        ConditionCheck.booking_id == booking.id, col(ConditionCheck.taken_in).is_(False)
    )
    tells = tells_again(sorted(await session.exec(turned_away)), now)
    found = [
        ConditionCheck(
            booking_id=booking.id,
            **check.model_dump(),
            taken_in=takes_in(check.temperature_c, check.condition, max_temperature_c=limit),
            checked_by=by.person_id,
            checked_at=now,
        )
        for check in checks
    ]
    session.add_all(found)
    if all(one.taken_in for one in found):
        return
    if tells:
        facts = window_facts(booking) | {"name": (await person_by_id(session, by.person_id)).name}
        to = dict.fromkeys(await guardian_ids_of(session, booking.household_id), facts)
        await tell_all(session, to=to, kind=MessageKind.NOT_TAKEN_IN, now=now)
    raise TooIll(limit=limit)


async def _terms(session: AsyncSession, booking: Booking) -> Terms:
    terms = (await session.exec(select(Cover.terms).where(Cover.id == booking.cover_id))).one()
    return Terms.model_validate(terms)
