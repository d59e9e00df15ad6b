"""The clock of a serious accident: reminded before, alarmed after, each once, and silent when the report went."""

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial

from incidents.scene import MINUTE, Scene
from sharecare.incidents.clock import alarm_of_report, remind_of_report, reports_near, reports_overdue
from sharecare.incidents.schemas import ReportDraft
from sharecare.incidents.service import record_report
from sharecare.messages.rules import MessageKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEAR, OVERDUE = MessageKind.REPORT_NEAR, MessageKind.REPORT_OVERDUE


async def tick(scene: Scene) -> list[tuple[str, str]]:
    """Do what is due, as the worker does; return the steps taken."""
    now = scene.world.now
    async with scene.world.database.read() as session:
        near, overdue = await reports_near(session, now=now), await reports_overdue(session, now=now)
    for mark in near:
        await scene.world.database.write(partial(remind_of_report, mark=mark, now=now))
    for mark in overdue:
        await scene.world.database.write(partial(alarm_of_report, mark=mark, now=now))
    return [("near", step) for _, step in near] + [("overdue", step) for _, step in overdue]


async def test_staff_are_reminded_before_and_alarmed_after_each_due_date(scene: Scene) -> None:
    await scene.report(scene.draft(death=True))
    due = {step: mark.due_at for step, mark in (await scene.marks()).items()}
    message_id = await scene.last_message()

    seen = []
    for moment in (
        due["same_day"] - 3 * HOUR - MINUTE,
        due["same_day"] - 3 * HOUR,
        due["same_day"] - MINUTE,
        due["same_day"],
        due["next_day"] - 6 * HOUR,
        due["next_day"],
        due["one_month"] - 7 * DAY,
        due["one_month"],
        due["one_month"] + DAY,
    ):
        scene.world.now = moment
        seen.append(await tick(scene))

    assert seen == [
        [],
        [("near", "same_day")],
        [],
        [("overdue", "same_day")],
        [("near", "next_day")],
        [("overdue", "next_day")],
        [("near", "one_month")],
        [("overdue", "one_month")],
        [],
    ]
    staff = scene.world.staff.person_id
    assert await scene.told_since(message_id) == Counter({(staff, NEAR): 3, (staff, OVERDUE): 3})


async def test_a_recorded_report_silences_its_clock(scene: Scene) -> None:
    incident = await scene.report(scene.draft(death=True))
    due = {step: mark.due_at for step, mark in (await scene.marks()).items()}
    draft = ReportDraft.model_validate({"report": "first"})
    await scene.world.do(
        lambda s: record_report(s, by=scene.world.staff, incident_id=incident.id, draft=draft, now=scene.world.now)
    )

    seen = []
    for moment in (due["same_day"] - MINUTE, due["next_day"], due["one_month"]):
        scene.world.now = moment
        seen.append(await tick(scene))

    assert seen == [[], [], [("overdue", "one_month")]]


async def test_several_workers_tell_it_once(scene: Scene) -> None:
    # Without the conditions that `_claim` puts on its row, the staff were told twelve times.
    await scene.report(scene.draft(death=True))
    scene.world.now = (await scene.marks())["one_month"].due_at
    message_id = await scene.last_message()

    await asyncio.gather(*(tick(scene) for _ in range(4)))

    assert await scene.told_since(message_id) == {(scene.world.staff.person_id, OVERDUE): 3}
