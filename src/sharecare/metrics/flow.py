"""What happened in an area on a local day: a pure function of the journal's facts.

It may be given more facts than it needs, in any order: the whole journal gives the same answer as the few that
`gather` finds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sharecare.areas.rules import AreaSettings, CareKind
from sharecare.care.rules import Side
from sharecare.clock import minutes_between
from sharecare.journal.rules import FactKind, RecordedFact
from sharecare.metrics.days import bounds, minutes_by_hour_of_week
from sharecare.metrics.figures import UNKNOWN_FAMILY, Flow, Offered, RequestLine, SafetyLine, UseLine
from sharecare.metrics.rules import ACTIVITY, FAMILY, SAFETY, in_order, rules_at

Home = tuple[int, int]
"""Area and family of a person."""


def flow_of(facts: Iterable[RecordedFact], *, area_id: int, day: date, zone: ZoneInfo) -> Flow:
    """Return what happened in an area on a local day."""
    known = in_order(facts)
    start, end = bounds(day, zone)
    today = [fact for fact in known if start <= fact.at < end]
    of_requests = _by_request(known)
    opened = [fact for fact in today if fact.kind == FactKind.REQUEST_OPENED and fact.area_id == area_id]
    completed = [fact for fact in today if fact.kind == FactKind.CARE_COMPLETED and fact.area_id == area_id]
    rules = rules_at(known, area_id=area_id, before=end)
    homes = _homes(known, before=end)
    return Flow(
        requests=[_request_line(fact, of_requests[fact.request_id], rules, zone) for fact in opened],
        uses=[_use_line(fact, of_requests[fact.request_id]) for fact in completed],
        safety=[
            _safety_line(fact, of_requests[fact.request_id])
            for fact in today
            if fact.kind in SAFETY and fact.area_id == area_id
        ],
        active=_active(today, homes, area_id),
        offered=_offered(known, area_id, start),
    )


def _by_request(facts: Iterable[RecordedFact]) -> dict[int | None, list[RecordedFact]]:
    of_requests: dict[int | None, list[RecordedFact]] = defaultdict(list)
    for fact in facts:
        of_requests[fact.request_id].append(fact)
    return of_requests


def _request_line(
    opened: RecordedFact, life: Sequence[RecordedFact], rules: AreaSettings, zone: ZoneInfo
) -> RequestLine:
    offers = [fact for fact in life if fact.kind == FactKind.OFFER_MADE]
    filling = _filling_booking(life)
    early = _withdrawn_early(opened, life, rules)
    unmet = filling is None and not early
    return RequestLine(
        family=_family_of(opened),
        cell=opened.cell,
        withdrawn_early=early,
        filled=filling is not None,
        offered_by=sorted({fact.person_id for fact in offers if fact.person_id is not None}),
        minutes_to_offer=_minutes_to(opened, offers[0] if offers else None),
        minutes_to_booking=_minutes_to(opened, filling),
        unmet_minutes=minutes_by_hour_of_week(*_window(opened), zone) if unmet else {},
    )


def _filling_booking(life: Sequence[RecordedFact]) -> RecordedFact | None:
    """Return the booking that fills a request: the first that its supporter did not cancel."""
    lost: set[int | None] = set()
    for fact in life:
        if fact.kind == FactKind.BOOKING_CANCELLED and fact.data["cancelled_by"] == Side.SUPPORTER:
            lost.add(fact.booking_id)
        elif fact.kind == FactKind.BOOKING_REINSTATED or (
            fact.kind == FactKind.NO_SHOW_DECIDED and not fact.data["stands"]
        ):
            lost.discard(fact.booking_id)
    made = (fact for fact in life if fact.kind == FactKind.BOOKING_CONFIRMED and fact.booking_id not in lost)
    return next(made, None)


def _withdrawn_early(opened: RecordedFact, life: Sequence[RecordedFact], rules: AreaSettings) -> bool:
    limit = opened.at + timedelta(minutes=rules.withdrawn_early_minutes)
    return any(fact.kind == FactKind.REQUEST_WITHDRAWN and fact.at <= limit for fact in life)


def _minutes_to(opened: RecordedFact, then: RecordedFact | None) -> int | None:
    return None if then is None else minutes_between(opened.at, then.at)


def _window(fact: RecordedFact) -> tuple[datetime, datetime]:
    return fact.start_at or fact.at, fact.end_at or fact.at


def _family_of(opened: RecordedFact | None) -> int:
    return UNKNOWN_FAMILY if opened is None else int(opened.data.get("household_id", UNKNOWN_FAMILY))


def _use_line(completed: RecordedFact, life: Sequence[RecordedFact]) -> UseLine:
    opened = next((fact for fact in life if fact.kind == FactKind.REQUEST_OPENED), None)
    data = completed.data
    return UseLine(
        family=_family_of(opened),
        supporter=completed.person_id or 0,
        pickup=data["kind"] == CareKind.PICKUP,
        minutes=data["actual_minutes"],
        covered=data["covered"],
        gap_minutes=data["gap_minutes"],
        from_elsewhere=data["supporter_area_id"] != completed.area_id,
    )


def _safety_line(fact: RecordedFact, life: Sequence[RecordedFact]) -> SafetyLine:
    opened = next((one for one in life if one.kind == FactKind.REQUEST_OPENED), None)
    return SafetyLine(kind=fact.kind, family=_family_of(opened), supporter=fact.person_id or 0)


def _homes(facts: Iterable[RecordedFact], *, before: datetime) -> dict[int, Home]:
    """Return where people belong; an area is for good, a family is not."""
    homes: dict[int, Home] = {}
    for fact in facts:
        if fact.kind not in FAMILY or fact.person_id is None or fact.at >= before:
            continue
        family = int(fact.data.get("household_id", UNKNOWN_FAMILY))
        if fact.kind == FactKind.PERSON_JOINED:
            homes[fact.person_id] = (fact.area_id or 0, family)
        elif fact.person_id in homes:
            homes[fact.person_id] = (homes[fact.person_id][0], family)
    return homes


def _active(today: Iterable[RecordedFact], homes: dict[int, Home], area_id: int) -> dict[int, int]:
    acting = {who for fact in today if fact.kind in ACTIVITY for who in actors_of(fact)}
    return {who: homes[who][1] for who in sorted(acting) if who in homes and homes[who][0] == area_id}


def actors_of(fact: RecordedFact) -> set[int]:
    """Return whom an activity makes active: a requester by asking, a supporter by offering, both by a use."""
    both = {fact.person_id, fact.other_id} if fact.kind == FactKind.CARE_COMPLETED else {fact.person_id}
    return {who for who in both if who is not None}


def _offered(facts: Iterable[RecordedFact], area_id: int, start: datetime) -> Offered | None:
    for fact in facts:
        if fact.kind == FactKind.DAY_CLOSED and fact.area_id == area_id and fact.start_at == start:
            return Offered(minutes=fact.minutes or 0, **fact.data)
    return None
