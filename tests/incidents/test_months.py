"""The months of an area: what was sent of each, and which must be followed by an adjustment."""

from datetime import date, datetime, timedelta

import pytest

from incidents.sender import CLAIMS, JULY, SUPPORTS, Sender, void
from sharecare.incidents import drafts
from sharecare.incidents.bordereaux import last_line, sent_of_policy
from sharecare.incidents.drafts import Drafts
from sharecare.insurance.models import Cover
from sharecare.insurance.queries import policy_by_id
from sharecare.insurance.sent import BordereauKind
from sharecare.insurance.service import amend_cover
from statements import statements_of


async def amend_to_the_same(sender: Sender, cover_id: int) -> None:
    """Write a line that tells nothing new."""
    world = sender.scene.world
    async with world.database.read() as session:
        end_at = (await session.get_one(Cover, cover_id)).end_at
    await world.do(lambda s: amend_cover(s, cover_id=cover_id, new_end_at=end_at, now=world.now))


async def test_lists_of_what_was_sent_leave_its_content_alone(sender: Sender) -> None:
    world = sender.scene.world
    world.now = JULY
    await sender.send()

    with statements_of(world.database) as asked:
        months = await sender.months()

    assert [len(one.sent[SUPPORTS]) for one in months if one.month == "2026-06"] == [1]
    assert not [statement for statement in asked if "insurance_bordereau.content," in statement]


async def drawn_up(sender: Sender) -> int:
    """Count what is asked in order to draw a month up."""
    parts = ("JOIN insurance_cover", "insurance_bordereau.content,", "ORDER BY insurance_ledger.seq DESC")
    with statements_of(sender.scene.world.database) as asked:
        await sender.to_adjust()
    return sum(any(part in one for part in parts) for one in asked)


async def test_the_months_of_an_area_are_those_of_its_policies_that_are_over(sender: Sender) -> None:
    world = sender.scene.world
    world.now = JULY
    await sender.send(month=date(2026, 5, 1))
    await sender.send(CLAIMS, month=date(2026, 5, 1))
    await sender.send()

    found = await sender.months()
    world.now += timedelta(days=900)
    after_all = await sender.months()

    assert [(one.month, one.is_told) for one in found] == [("2026-06", False), ("2026-05", True)]
    assert [len(found[0].sent[kind]) for kind in (SUPPORTS, CLAIMS)] == [1, 0]
    assert (after_all[0].month, after_all[-1].month, len(after_all)) == ("2027-05", "2026-05", 13)


async def test_claims_are_due_after_the_policys_last_month_while_there_is_anything_to_tell(sender: Sender) -> None:
    # No month after the policy's end was ever shown as due: the insurer did not hear how its claims ended.
    scene, world = sender.scene, sender.scene.world
    claim = await scene.claim(await scene.report())
    world.now = datetime.fromisoformat("2027-07-10T09:00:00+09:00")
    await scene.move(claim, state="submitted")
    await scene.move(claim, state="settled", paid_yen=12_000)
    world.now = datetime.fromisoformat("2027-09-10T09:00:00+09:00")
    await scene.move(claim, state="submitted")
    await scene.move(claim, state="declined")
    world.now = datetime.fromisoformat("2027-12-01T00:00:00+09:00")

    async def due() -> list[tuple[str, list[BordereauKind], bool]]:
        return [(one.month, list(one.sent), one.is_told) for one in await sender.months() if one.month >= "2027-05"]

    assert await due() == [
        ("2027-09", [CLAIMS], False),
        ("2027-07", [CLAIMS], False),
        ("2027-06", [CLAIMS], False),
        ("2027-05", [SUPPORTS, CLAIMS], False),
    ]
    sent = await sender.send(CLAIMS, month=date(2027, 7, 1))
    assert [(row["state"], row["paid_in_month_yen"]) for row in sent.rows] == [("settled", 12_000)]
    assert (await due())[1] == ("2027-07", [CLAIMS], True)


async def test_a_month_that_changed_after_it_was_sent_must_be_adjusted_until_it_is(sender: Sender) -> None:
    # Nobody was told: staff saw it only where they happened to open that month.
    sender.scene.world.now = JULY
    assert await sender.to_adjust() == []  # it was not sent at all
    await sender.send()
    assert await sender.to_adjust() == []

    await void(sender.scene, 2)

    assert await sender.to_adjust() == [("2026-06", SUPPORTS)]
    assert await sender.to_adjust(Drafts()) == [("2026-06", SUPPORTS)]  # another process, or this one started anew
    await sender.send()
    assert (await sender.to_adjust(), await sender.to_adjust(Drafts())) == ([], [])


async def test_a_line_that_changes_no_row_calls_for_nothing(sender: Sender) -> None:
    # With the line alone for a reason, the month stayed on the list, and what was sent for it was refused.
    sender.scene.world.now = JULY
    await sender.send()

    await amend_to_the_same(sender, 2)

    assert (await sender.to_adjust(), (await sender.draft()).is_new) == ([], False)
    await void(sender.scene, 2)
    assert await sender.to_adjust() == [("2026-06", SUPPORTS)]


async def test_a_month_is_drawn_up_only_where_its_own_ledger_has_grown_and_then_once(sender: Sender) -> None:
    world = sender.scene.world
    world.now = JULY
    await sender.send(month=date(2026, 5, 1))
    await sender.send()

    assert await drawn_up(sender) == 0
    await amend_to_the_same(sender, 2)
    assert await drawn_up(sender) == 3  # June's last line, its rows, and what was sent of it
    assert await drawn_up(sender) == 0


@pytest.mark.parametrize("at_once", [1, 2, 50])
async def test_a_look_goes_on_where_the_last_one_stopped_and_forgets_nothing(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(drafts, "LINES_AT_ONCE", at_once)
    sender.scene.world.now = JULY
    await sender.send()
    for _ in range(3):
        await amend_to_the_same(sender, 2)
    await void(sender.scene, 2)
    for _ in range(2):
        assert await sender.to_adjust() == [("2026-06", SUPPORTS)]

    assert sender.drafts._looked[1].through == 10  # noqa: SLF001  -- a million lines show it by their time only


async def test_a_claim_moved_by_a_clock_that_is_behind_must_be_told_too(sender: Sender) -> None:
    scene, world = sender.scene, sender.scene.world
    claim = await scene.claim(await scene.report())
    moment = world.now
    world.now = JULY
    await sender.send(CLAIMS)
    await scene.move(claim, reserve_yen=9_000)
    assert await drawn_up(sender) == 0  # July's to tell
    assert await sender.to_adjust() == []

    world.now = moment
    await scene.move(claim, reserve_yen=8_000)
    world.now = JULY

    assert await sender.to_adjust() == [("2026-06", CLAIMS)]
    await sender.send(CLAIMS)
    assert await sender.to_adjust() == []


async def test_a_look_that_began_before_a_line_came_keeps_no_verdict_about_it(sender: Sender) -> None:
    # On SQLite it drew the month up from its older state, and the month stayed off the list until another line came.
    world = sender.scene.world
    world.now = JULY
    await sender.send()
    async with world.database.read() as early:
        policy, (sent, *_) = await policy_by_id(early, 1), await sent_of_policy(early, 1)
        await void(sender.scene, 2)
        async with world.database.read() as late:
            line = await last_line(late, 1, SUPPORTS)
        await sender.drafts.corrects(early, policy=policy, sent=sent, last_line_here=line, now=world.now)

    assert await sender.to_adjust() == [("2026-06", SUPPORTS)]
