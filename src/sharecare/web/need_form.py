"""The ask: three groups of choices turned into needs, one for each chosen day, and filled in from last time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sharecare.accounts.models import Child, Home
from sharecare.accounts.queries import children_of, home_of
from sharecare.areas.models import Area, TownBlock
from sharecare.areas.queries import area_by_id, settings_of, town_blocks_of
from sharecare.areas.rules import AreaSettings, CareKind, Means
from sharecare.care.group import TOGETHER
from sharecare.care.overviews import LastNeed, known_supporters, last_need, last_places
from sharecare.care.rules import HandoverBy, RequestState
from sharecare.care.schemas import Need, PlaceDraft
from sharecare.insurance.queries import policy_for
from sharecare.insurance.rules import Terms
from sharecare.web.forms import BadForm, Form
from sharecare.web.page import View

T = TypeVar("T")
AT_HOME, ELSEWHERE, OTHER = "home", "new", "other"
AT_A_HOME = frozenset({CareKind.OWN_HOME, CareKind.CHILD_HOME})
STARTS = ("07:30", "09:00", "13:00", "15:00", "16:30", "17:00", "17:30", "18:00")
LENGTHS = (30, 60, 90, 120, 180)
SATURDAY = 5
MOST_DAYS = 10
DAYS_SHOWN = 14
WEEK, YEAR = timedelta(days=7), timedelta(days=366)
# Which field of the form a field of the shape comes from.
FIELDS = {
    "start_at": "start",
    "end_at": "minutes",
    "place": "place",
    "to_place": "to",
    "named_supporter_id": "named",
    "": "kind",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What an ask chooses from."""

    area: Area
    zone: ZoneInfo
    settings: AreaSettings
    home: Home | None
    children: Sequence[Child]
    places: Sequence[PlaceDraft]
    blocks: Sequence[TownBlock]
    supporters: Mapping[int, str]  # whom one can ask by name
    last: LastNeed | None
    kinds: Sequence[CareKind]
    means: Sequence[Means]
    several_families: bool  # may be with one supporter at one time
    today: date

    @property
    def is_ready(self) -> bool:
        """Say whether the family has said where it lives and whom it is about."""
        return self.home is not None and bool(self.children)

    def days(self) -> list[date]:
        """Return the days that stand on buttons."""
        return [self.today + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)]

    def saturday(self) -> date:
        """Return the next Saturday after tomorrow."""
        return next(day for day in self.days()[2:] if day.weekday() == SATURDAY)

    def again(self) -> date | None:
        """Return the next day that falls on the same day of the week as last time, past a day that is asked for."""
        if self.last is None:
            return None
        day = self.last.request.start_at.astimezone(self.zone).date()
        stands = self.last.request.state in {RequestState.OPEN, RequestState.BOOKED}
        return _same_weekday(day, max(self.today, day) if stands else self.today)

    def starts(self, form: Form) -> list[str]:
        """Return the times that stand on buttons: usual ones, and the one of last time."""
        chosen = form.text("start")
        return sorted({*STARTS, chosen} - {"", OTHER} if _clock(chosen) else STARTS)

    def ages(self) -> dict[int, int]:
        """Return each child's whole years today."""
        return {
            child.id: (self.today.year - child.birth_month.year) - (self.today.month < child.birth_month.month)
            for child in self.children
        }


async def ground_of(look: View, *, like: int = 0) -> Ground:
    """Read what the signed-in person's ask chooses from."""
    by, session = look.actor, look.session
    area = await area_by_id(session, by.area_id)
    zone = ZoneInfo(area.timezone)
    policy = await policy_for(session, area_id=area.id, start_at=look.now, end_at=look.now)
    terms = Terms.model_validate(policy.terms) if policy else None
    return Ground(
        area=area,
        zone=zone,
        settings=settings_of(area),
        home=await home_of(session, by.household_id),
        children=await children_of(session, by.household_id),
        places=await last_places(session, by=by),
        blocks=await town_blocks_of(session, area.id),
        supporters=await known_supporters(session, by=by),
        last=await last_need(session, by=by, like=like or None),
        kinds=[kind for kind in CareKind if terms is None or kind in terms.kinds],
        means=[means for means in Means if terms is None or means in terms.means],
        several_families=terms is not None and terms.several_families,
        today=look.now.astimezone(zone).date(),
    )


def remembered(ground: Ground, *, again: bool, named: int | None) -> Form:
    """Fill the form as last time; `again` also chooses the same day of the week and keeps the notes."""
    if ground.last is None:
        only = [child.id for child in ground.children] if len(ground.children) == 1 else None
        # What needs nothing more to be said; a way begins elsewhere.
        kind = next((one for one in ground.kinds if one in AT_A_HOME), ground.kinds[0])
        return Form.of(children=only, kind=kind, place=ELSEWHERE, to=AT_HOME, minutes=60, named=named)
    last, zone = ground.last.request, ground.zone
    start, end = last.start_at.astimezone(zone), last.end_at.astimezone(zone)
    minutes = int((end - start).total_seconds() // 60)
    known = {child.id for child in ground.children}
    return Form.of(
        children=[child for child in ground.last.children if child in known],
        day=[ground.again()] if again else None,
        start=f"{start:%H:%M}",
        minutes=minutes if minutes in LENGTHS else OTHER,
        end=f"{end:%H:%M}" if minutes not in LENGTHS else None,
        kind=last.kind,
        place=_place_value(last.place, ground),
        to=_place_value(last.to_place, ground),
        means=last.means,
        handover_start=last.handover_start,
        handover_finish=last.handover_finish,
        reach=last.reach,
        notes=last.notes or None if again else None,
        others="1" if last.with_others else None,
        first="1" if again and last.first_acceptance_decides else None,
        named=named or (last.named_supporter_id if again and last.named_supporter_id in ground.supporters else None),
    )


def needs_of(look: View, ground: Ground) -> list[Need]:
    """Read one need for each chosen day.

    Raises:
        BadForm: something is missing or can't be read.

    """
    form = look.form
    days = _days(form, ground.today)
    start = _clock(form.text("start_other" if form.text("start") == OTHER else "start"))
    _require(look, "children", held=bool(form.all("children")))
    _require(look, "day", held=0 < len(days) <= MOST_DAYS)
    _require(look, "start", held=start is not None)
    if form.problems or start is None:
        raise BadForm
    values = _values(look, ground)
    windows = [_window(look, day, start, ground.zone) for day in days]
    return [form.read(Need, names=FIELDS, start_at=begin, end_at=end, **values) for begin, end in windows]


def _values(look: View, ground: Ground) -> dict[str, object]:
    form, kind = look.form, look.form.text("kind")
    fetched, elsewhere = kind == CareKind.PICKUP, kind in {CareKind.PICKUP, CareKind.EVENT}
    place = _place(look, ground, "place") if elsewhere else None
    to_place = _place(look, ground, "to") if fetched else None
    _require(look, "to", held=not fetched or place is not None or to_place is not None)
    if form.problems:
        raise BadForm
    return {
        "kind": kind or None,
        "children": form.all("children"),
        "means": form.maybe("means") if fetched else None,
        "place": place,
        "to_place": to_place,
        "reach": form.maybe("reach"),
        "named_supporter_id": form.maybe("named"),
        "urgent": True if form.ticked("urgent") else None,
        "first_acceptance_decides": form.ticked("first"),
        "with_others": form.ticked("others") and kind in TOGETHER,
        "handover_start": (form.maybe("handover_start") if fetched else None) or HandoverBy.PARENT,
        "handover_finish": (form.maybe("handover_finish") if fetched else None) or HandoverBy.PARENT,
        "notes": form.text("notes"),
    }


def _require(look: View, name: str, *, held: bool) -> None:
    if not held:
        look.form.problems.setdefault(name, look.t(f"ask.problem.{name}"))


def _days(form: Form, today: date) -> list[date]:
    """Return the chosen days, each once; what lies years away was mistyped."""
    typed = (_parsed(date.fromisoformat, text) for text in (*form.all("day"), *form.all("day_other")))
    return sorted({day for day in typed if day is not None and abs(day - today) <= YEAR})


def _window(look: View, day: date, start: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return a need's window on one day; a length that can't be read ends it where it began, and is refused there."""
    begin = datetime.combine(day, start, zone)
    if look.form.text("minutes") == OTHER:
        end = _clock(look.form.text("end"))
        _require(look, "minutes", held=end is not None)
        if end is None:
            raise BadForm
        return begin, datetime.combine(day, end, zone)
    minutes = _parsed(int, look.form.text("minutes"))
    _require(look, "minutes", held=minutes in LENGTHS)
    if minutes not in LENGTHS:
        raise BadForm
    return begin, begin + timedelta(minutes=minutes)


def _place(look: View, ground: Ground, name: str) -> PlaceDraft | None:
    """Return a chosen place, None for the home; a new one lies in a town block, or about where the family lives."""
    chosen = look.form.text(name)
    if chosen == ELSEWHERE:
        called, block_id = look.form.text(f"{name}_name"), look.form.text(f"{name}_block")
        block = next((one for one in ground.blocks if str(one.id) == block_id), None)
        near = block or ground.home
        _require(look, name, held=bool(called) and near is not None)
        return PlaceDraft(name=called[:200], lat=near.lat, lon=near.lon) if called and near else None
    known = next((place for place in ground.places if f"={place.name}" == chosen), None)
    _require(look, name, held=known is not None or chosen in {AT_HOME, ""})
    return known


def _place_value(name: str | None, ground: Ground) -> str:
    known = {place.name for place in ground.places}
    return f"={name}" if name in known else AT_HOME


def _same_weekday(day: date, today: date) -> date:
    """Return the first day after today that falls on the same day of the week."""
    while day <= today:
        day += WEEK
    return day


def _clock(text: str) -> time | None:
    return _parsed(time.fromisoformat, text) if len(text) == len("17:30") else None


def _parsed(read: Callable[[str], T], text: str) -> T | None:
    try:
        return read(text)
    except ValueError:
        return None
