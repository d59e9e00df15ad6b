"""Taking an incident in: who hears of it, who may read it, what stays when more comes to be known."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from care.steps import last_ids, row
from incidents.scene import MINUTE, Scene
from sharecare.accounts.models import RecordAccess
from sharecare.accounts.schemas import Reason
from sharecare.errors import NotFound
from sharecare.incidents.clock import reports_overdue
from sharecare.incidents.models import Incident
from sharecare.incidents.photos import Photo
from sharecare.incidents.queries import incident_file, incident_view, incidents_of_booking
from sharecare.incidents.rules import due_dates
from sharecare.incidents.schemas import Conclusion, ReportDraft
from sharecare.incidents.service import (
    Contradiction,
    EnoughPhotos,
    IncidentClosed,
    IncidentOpen,
    NearMissHurtsNobody,
    NoReportDue,
    NothingNew,
    NotYetHappened,
    add_photo,
    close_incident,
    record_report,
    reopen_incident,
    report_incident,
)
from sharecare.journal.models import Fact
from sharecare.messages.rules import MessageKind
from world import World

M = MessageKind


async def facts_after(world: World, fact_id: int) -> list[Fact]:
    async with world.database.read() as session:
        return list(await session.exec(select(Fact).where(Fact.id > fact_id)))


async def seen_by(scene: Scene) -> dict[str, list[str]]:
    async with scene.world.database.read() as session:
        actors = {"family": scene.family.actor, "helper": scene.helper, "staff": scene.world.staff}
        return {
            who: [one.kind for one in await incidents_of_booking(session, by=actor, booking_id=scene.booking.id)]
            for who, actor in actors.items()
        }


async def test_an_accident_is_told_to_the_staff_and_to_the_other_side(scene: Scene) -> None:
    fact_id, message_id = await last_ids(scene.world)

    incident = await scene.report()

    assert await scene.told_since(message_id) == {
        (scene.world.staff.person_id, M.INCIDENT_FILED): 1,
        (scene.family.actor.person_id, M.INCIDENT_TOLD): 1,
    }
    (fact,) = await facts_after(scene.world, fact_id)
    assert (fact.kind, fact.booking_id, fact.person_id) == (
        "incident_reported",
        scene.booking.id,
        scene.helper.person_id,
    )
    assert fact.data == {"incident_id": incident.id, "serious": False, "treatment": "first_aid"}
    assert await scene.marks() == {}


async def test_a_near_miss_is_told_to_the_staff_alone_and_read_by_its_side_alone(scene: Scene) -> None:
    message_id = await scene.last_message()

    await scene.report(scene.near_miss())
    await scene.report(scene.draft(), by=scene.family.actor)

    told = await scene.told_since(message_id)
    assert told[scene.world.staff.person_id, M.INCIDENT_FILED] == 2
    assert told[scene.helper.person_id, M.INCIDENT_TOLD] == 1
    assert told[scene.family.actor.person_id, M.INCIDENT_TOLD] == 0
    assert await seen_by(scene) == {"family": ["incident"], "helper": ["near_miss", "incident"], "staff": []}


async def test_a_familys_near_miss_is_not_shown_to_the_supporter(scene: Scene) -> None:
    await scene.report(scene.near_miss(), by=scene.family.actor)

    assert await seen_by(scene) == {"family": ["near_miss"], "helper": [], "staff": []}


async def test_a_near_miss_that_staff_took_in_stays_with_them(scene: Scene) -> None:
    # Who told them by phone is not kept, and neither side may learn that the other did.
    await scene.report(scene.near_miss(), by=scene.world.staff)

    assert await seen_by(scene) == {"family": [], "helper": [], "staff": []}


async def test_what_lies_in_the_future_or_names_another_child_is_refused(scene: Scene) -> None:
    other = await scene.world.family("Carol")

    with pytest.raises(NotFound):
        await scene.report(scene.draft(child_id=other.child_ids[0]))
    later = scene.draft(occurred_at=scene.world.now + MINUTE)
    by, booking_id, now = scene.helper, scene.booking.id, scene.world.now
    with pytest.raises(NotYetHappened):
        await scene.world.do(lambda s: report_incident(s, by=by, booking_id=booking_id, draft=later, now=now))


async def test_what_was_said_before_stays_when_more_comes_to_be_known(scene: Scene) -> None:
    incident = await scene.report()

    await scene.change(incident, note="念のため病院へ", treatment="doctor", treatment_days=3)

    async with scene.world.database.read() as session:
        view = await incident_view(session, incident.id)
    assert (view.treatment, view.treatment_days, view.injury) == ("doctor", 3, "ひざのすりむき")
    (note,) = view.notes
    assert (note.text, note.written_by) == ("念のため病院へ", "Alice")
    assert note.changes == {"treatment": "first_aid", "treatment_days": None}
    assert "約束するものではありません" in view.notice.ja


async def test_a_near_miss_does_not_turn_into_an_accident(scene: Scene) -> None:
    incident = await scene.report(scene.near_miss(), by=scene.family.actor)
    await scene.change(incident, note="信号はありませんでした")

    with pytest.raises(NearMissHurtsNobody):
        await scene.change(incident, injury="打撲")


async def test_a_serious_accident_starts_the_clock_when_it_happened(scene: Scene) -> None:
    message_id = await scene.last_message()

    await scene.report(scene.draft(unconscious=True))

    due = {step: mark.due_at.isoformat() for step, mark in (await scene.marks()).items()}
    assert due == {  # the accident: 2026-06-02 17:10 in Japan
        "same_day": "2026-06-02T15:00:00+00:00",
        "next_day": "2026-06-03T15:00:00+00:00",
        "one_month": "2026-07-02T15:00:00+00:00",
    }
    assert (await scene.told_since(message_id))[scene.world.staff.person_id, M.SERIOUS_ACCIDENT] == 1


async def test_what_turns_out_serious_later_starts_the_clock_then_and_once(scene: Scene) -> None:
    incident = await scene.report()
    scene.world.now += timedelta(days=12)
    message_id = await scene.last_message()

    await scene.change(incident, treatment_days=30)
    await scene.change(incident, treatment_days=45)

    assert (await scene.marks())["same_day"].due_at.isoformat() == "2026-06-14T15:00:00+00:00"
    assert await scene.told_since(message_id) == {(scene.world.staff.person_id, M.SERIOUS_ACCIDENT): 1}


async def test_a_report_does_not_contradict_itself_after_a_change_either(scene: Scene) -> None:
    # "Nobody hurt", with a broken arm, forty days and a death, was kept as a serious accident.
    nobody = scene.draft(injured="nobody", child_id=None, injury="", treatment="none")
    incident = await scene.report(nobody)

    with pytest.raises(Contradiction) as refused:
        await scene.change(incident, injury="腕の骨折", treatment="hospital", treatment_days=40, death=True)

    assert "けがをした人も選んでください" in refused.value.text("ja")
    assert "say who was hurt" in refused.value.text("en")
    hurt = {"injured": "child", "child_id": scene.family.child_ids[0]}
    changed = await scene.change(incident, **hurt, injury="腕の骨折", treatment="hospital", treatment_days=40)
    assert (changed.serious, changed.child_id) == (True, scene.family.child_ids[0])
    for contradicting in ({"child_id": 1, "injured": "other"}, {"injured": "nobody"}):
        with pytest.raises(Contradiction):
            await scene.change(incident, **contradicting)
    with pytest.raises(NotFound):
        await scene.change(incident, child_id=(await scene.world.family("Carol")).child_ids[0])


async def test_everything_an_insurer_asks_can_be_completed_and_keeps_what_stood_before(scene: Scene) -> None:
    # Who was told when, who saw it, where and what it was: none of it could be said any more after the first report.
    incident, at = await scene.report(), scene.world.now.isoformat()
    told = [{"whom": "family", "at": at, "note": ""}, {"whom": "doctor", "at": at, "note": "みその小児科"}]
    seen = [{"name": "目撃 太郎", "contact": "090-0000-1111"}]

    await scene.change(incident, place="公園の出口", what="段差で転んだ。", told=told, witnesses=seen, injured="child")
    await scene.change(incident, injured="supporter")

    async with scene.world.database.read() as session:
        view = await incident_view(session, incident.id)
    assert (view.place, view.what, view.injured, view.child_id) == ("公園の出口", "段差で転んだ。", "supporter", None)
    assert [(one.whom, one.at) for one in view.told] == [("family", scene.world.now), ("doctor", scene.world.now)]
    assert [one.name for one in view.witnesses] == ["目撃 太郎"]
    assert [note.changes for note in view.notes] == [
        {"place": "公園の入口", "what": "段差でつまずいた。", "told": [], "witnesses": []},
        {"injured": "child", "child_id": scene.family.child_ids[0]},
    ]


async def test_nobody_is_told_before_it_happened_or_after_now(scene: Scene) -> None:
    incident, happened = await scene.report(), scene.booking.start_at + 10 * MINUTE

    with pytest.raises(NotYetHappened):
        await scene.change(incident, told=[{"whom": "family", "at": (scene.world.now + MINUTE).isoformat()}])
    with pytest.raises(Contradiction, match="told before it happened"):
        await scene.change(incident, told=[{"whom": "family", "at": (happened - MINUTE).isoformat()}])


async def test_a_change_that_changes_nothing_is_no_note(scene: Scene) -> None:
    incident = await scene.report()

    for nothing in ({}, {"place": "公園の入口", "death": False}):
        with pytest.raises(NothingNew):
            await scene.change(incident, **nothing)


async def test_a_near_miss_may_be_told_more_fully(scene: Scene) -> None:
    incident = await scene.report(scene.near_miss(), by=scene.family.actor)

    changed = await scene.change(incident, what="自転車の前に飛び出しかけた。", witnesses=[{"name": "目撃 太郎"}])

    assert changed.what == "自転車の前に飛び出しかけた。"


async def test_what_is_serious_no_longer_is_not_reported_and_the_staff_hear_of_it(scene: Scene) -> None:
    # The marks stayed, and the staff were alarmed about reports that nobody owed.
    incident = await scene.report(scene.draft(treatment="hospital", treatment_days=40))
    due = {step: mark.due_at.isoformat() for step, mark in (await scene.marks()).items()}
    by, now = scene.world.staff, scene.world.now
    sent = ReportDraft.model_validate({"report": "first"})
    await scene.world.do(lambda s: record_report(s, by=by, incident_id=incident.id, draft=sent, now=now))
    message_id = await scene.last_message()

    changed = await scene.change(incident, note="骨折ではなく打撲でした", treatment_days=3)

    assert (changed.serious, set(await scene.marks())) == (False, {"same_day", "next_day"})  # those that were met
    assert await scene.told_since(message_id) == {(by.person_id, M.NO_LONGER_SERIOUS): 1}
    async with scene.world.database.read() as session:
        note = (await incident_view(session, incident.id)).notes[-1]
        scene.world.now += timedelta(days=60)
        assert list(await reports_overdue(session, now=scene.world.now)) == []
    withdrawn = [{"step": "one_month", "due_at": due["one_month"]}]
    assert note.changes == {"treatment_days": 40, "marks": withdrawn}
    await scene.change(incident, treatment_days=31)
    assert (await scene.marks())["one_month"].due_at > scene.world.now


async def test_a_report_to_the_authority_stops_its_clock_once(scene: Scene) -> None:
    incident = await scene.report(scene.draft(treatment_days=30))
    by, now = scene.world.staff, scene.world.now
    draft = ReportDraft.model_validate({"report": "first", "note": "市へ電話"})

    await scene.world.do(lambda s: record_report(s, by=by, incident_id=incident.id, draft=draft, now=now))

    assert {step: mark.met_at for step, mark in (await scene.marks()).items()} == {
        "same_day": now,
        "next_day": now,
        "one_month": None,
    }
    with pytest.raises(NoReportDue):
        await scene.world.do(lambda s: record_report(s, by=by, incident_id=incident.id, draft=draft, now=now))


async def test_a_closed_incident_takes_nothing_more(scene: Scene) -> None:
    incident = await scene.report()
    by, now, learned = scene.world.staff, scene.world.now, Conclusion(conclusion="段差に目印")

    await scene.world.do(lambda s: close_incident(s, by=by, incident_id=incident.id, draft=learned, now=now))

    kept = await row(scene.world, Incident, incident.id)
    assert (kept.state, kept.closed_at, kept.conclusion) == ("closed", now, "段差に目印")
    with pytest.raises(IncidentClosed):
        await scene.change(incident, note="追記")
    with pytest.raises(IncidentClosed):
        await scene.world.do(lambda s: close_incident(s, by=by, incident_id=incident.id, draft=learned, now=now))


async def test_a_closed_incident_is_opened_again_and_may_turn_out_to_be_serious(scene: Scene) -> None:
    # Closed after first aid, it refused what the hospital found a month later, and no clock ran.
    incident, world = await scene.report(), scene.world
    learned, closed_at = Conclusion(conclusion="段差に目印"), world.now
    closing = partial(close_incident, by=world.staff, incident_id=incident.id, draft=learned)
    why = Reason(reason="通院が続いている")
    reopening = partial(reopen_incident, by=world.staff, incident_id=incident.id, draft=why)
    with pytest.raises(IncidentOpen):
        await world.do(lambda s: reopening(s, now=world.now))
    await world.do(lambda s: closing(s, now=closed_at))
    world.now += timedelta(days=31)

    await world.do(lambda s: reopening(s, now=world.now))

    kept = await row(world, Incident, incident.id)
    assert (kept.state, kept.closed_at, kept.conclusion) == ("open", None, "")
    async with world.database.read() as session:
        [note] = (await incident_view(session, incident.id)).notes
    assert (note.written_by, note.text) == ("Staff", "通院が続いている")
    assert note.changes == {"conclusion": "段差に目印", "closed_at": closed_at.isoformat()}
    await scene.change(incident, treatment="doctor", treatment_days=35)
    due = due_dates(world.now, ZoneInfo("Asia/Tokyo"))
    assert {step: mark.due_at for step, mark in (await scene.marks()).items()} == due
    facts = await facts_after(world, 0)
    assert [one.kind for one in facts][-3:] == ["incident_closed", "incident_reopened", "incident_changed"]
    await world.do(lambda s: closing(s, now=world.now))


async def test_an_incident_holds_ten_photos(scene: Scene) -> None:
    incident, photo = await scene.report(), Photo(1, 1, b"\xff\xd8")

    async def add() -> None:
        await scene.world.do(
            lambda s: add_photo(s, by=scene.helper, incident_id=incident.id, photo=photo, now=scene.world.now)
        )

    for _ in range(10):
        await add()
    with pytest.raises(EnoughPhotos):
        await add()


async def test_staff_read_it_with_a_reason_that_both_sides_can_see(scene: Scene) -> None:
    incident = await scene.report()
    by, now = scene.world.staff, scene.world.now

    view = await scene.world.do(
        lambda s: incident_file(s, by=by, incident_id=incident.id, reason="事故の確認", now=now)
    )

    assert view.what == "段差でつまずいた。"
    async with scene.world.database.read() as session:
        looks = (await session.exec(select(RecordAccess))).all()
    assert {(look.person_id, look.reader_id, look.reason) for look in looks} == {
        (person.person_id, by.person_id, "事故の確認") for person in (scene.family.actor, scene.helper)
    }
