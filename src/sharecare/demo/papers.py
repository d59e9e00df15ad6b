"""What the demo's people write: sheets, checks at the start, notes, reports and thanks."""

from collections.abc import Sequence

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.day_schemas import ConditionDraft, EmergencyContactDraft, HandOverPerson, PreMeetingDraft
from sharecare.care.models import Booking, BookingChild
from sharecare.care.pre_meeting import agree_to_sheet, current_version, sheet_of
from sharecare.demo.settling import TERMS, Resident
from sharecare.demo.stage import Stage

REFUGES = ("美園小学校 校庭", "美園北小学校 体育館", "綾瀬公園 広場")
DOCTORS = ("みそのこどもクリニック 048-000-0001", "うらら小児科 048-000-0002")  # invented, like their numbers
COSTS = ("おやつは持参します。", "おやつ代は1回200円まで、その日に払います。", "")
NOTES = (
    "おやつを食べて、いまはブロックで遊んでいます。",
    "公園で元気に走っています。水分もとりました。",
    "少し眠そうだったので、静かな部屋で絵本を読みました。",
)
REPORTS = (
    "ごきげんに過ごしました。おやつは完食です。",
    "宿題を先にすませてから、トランプで遊びました。",
    "帰り道で見つけた葉っぱを、お土産に持ち帰りました。",
)
THANKS = (
    "安心して仕事に行けました。ありがとうございました。",
    "子どもが「また行きたい」と話しています。助かりました。",
    "急なお願いを引き受けてくださり、ありがとうございました。",
)


def contacts_for(family: Resident) -> list[EmergencyContactDraft]:
    """Return two relatives of an invented family; such telephone numbers reach nobody."""
    number, surname = family.neighbour.number, family.neighbour.name.split()[0]
    return [
        EmergencyContactDraft(name=f"{surname} {given}", relation=relation, phone=f"048-000-{number + shift:04d}")
        for given, relation, shift in (("和子", "祖母", 1000), ("一郎", "叔父", 2000))
    ]


def sheet_for(family: Resident) -> PreMeetingDraft:
    """Return what a family agrees on with a supporter."""
    number = family.neighbour.number
    return PreMeetingDraft(
        children=list(family.child_ids),
        refuge=said_of(number, REFUGES),
        doctor=said_of(number, DOCTORS),
        hand_over=[HandOverPerson(name=family.neighbour.name, relation="保護者")],
        costs=said_of(number, COSTS),
        rides=list(TERMS.means),
    )


async def read_and_agree(session: AsyncSession, supporter: Actor, booking: Booking, stage: Stage) -> None:
    """Agree to the sheet as it is, if there is one."""
    sheet = await sheet_of(session, booking)
    if sheet is not None:
        version = await current_version(session, sheet)
        await agree_to_sheet(session, by=supporter, booking_id=booking.id, version=version, now=stage.days.now)


async def checks_for(session: AsyncSession, booking: Booking) -> list[ConditionDraft]:
    """Find every child well, each at its own temperature."""
    children = select(BookingChild.child_id).where(BookingChild.booking_id == booking.id)
    warmth = 36.2 + booking.id % 7 / 10
    return [ConditionDraft(child_id=child, temperature_c=round(warmth, 1)) for child in await session.exec(children)]


def said_of(number: int, sayings: Sequence[str]) -> str:
    """Return one of a few sayings, the same for the same number."""
    return sayings[number % len(sayings)]
