"""Bordereaux: equal to the ledgers to the row and the minute, frozen once sent, corrected by what follows."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from incidents.scene import Scene
from incidents.sender import CLAIMS, JULY, JUNE, SUPPORTS, Sender, void
from sharecare.errors import Refusal
from sharecare.incidents.bordereau_schemas import SentBordereauView
from sharecare.incidents.bordereaux import month_of, sent_as_csv, sent_as_xlsx
from sharecare.insurance.models import Policy
from sharecare.insurance.queries import policy_by_id
from sharecare.insurance.sent import Month, MonthStillRuns, NothingToCorrect, content_of, folded
from statements import statements_of


async def test_a_month_is_sent_once_it_is_over(sender: Sender) -> None:
    sender.scene.world.now = JULY - timedelta(minutes=1)

    with pytest.raises(MonthStillRuns):
        await sender.send()

    sender.scene.world.now = JULY
    sent = await sender.send()
    assert (sent.month, sent.number, sent.ledger_seq, sent.policy_number) == ("2026-06", 0, 6, "SK-1")
    assert [(row["number"], row["state"], row["agreed_minutes"]) for row in sent.rows] == [
        ("SK-1-000001", "ended", 120),
        ("SK-1-000004", "bound", 60),
    ]
    assert (sent.totals["covers"], sent.totals["actual_minutes"], sent.difference) == (2, 120, {})


async def test_what_was_sent_stays_and_what_changes_follows(sender: Sender) -> None:
    scene = sender.scene
    scene.world.now = JULY
    sent = await sender.send()
    with pytest.raises(NothingToCorrect):
        await sender.send()
    await void(scene, 2)

    corrected = await sender.send()

    assert (corrected.number, [(row["change"], row["number"]) for row in corrected.rows]) == (
        1,
        [("removed", "SK-1-000004")],
    )
    assert (corrected.totals["covers"], corrected.difference["covers"]) == (1, -1)
    assert corrected.difference["agreed_minutes"] == -60
    assert await sender.again(sent) == sent
    with pytest.raises(NothingToCorrect):
        await sender.send()


async def test_a_draft_is_what_would_be_sent(sender: Sender) -> None:
    scene = sender.scene
    scene.world.now = JULY - timedelta(minutes=1)
    running = await sender.draft()
    scene.world.now = JULY
    first = await sender.draft()
    sent = await sender.send()
    known = await sender.draft()
    await void(scene, 2)
    changed = await sender.draft()
    corrected = await sender.send()

    assert (running.is_over, first.is_over) == (False, True)
    assert [one.is_new for one in (first, known, changed)] == [True, False, True]
    assert (first.number, first.rows, first.totals) == (sent.number, sent.rows, sent.totals)
    assert (known.rows, known.difference) == (sent.rows, {})
    assert (changed.number, changed.rows, changed.totals, changed.difference) == (
        corrected.number,
        corrected.rows,
        corrected.totals,
        corrected.difference,
    )


async def test_a_draft_that_was_looked_at_is_read_once_until_the_month_has_a_line_more(sender: Sender) -> None:
    scene = sender.scene
    scene.world.now = JULY
    first = await sender.draft()

    with statements_of(scene.world.database) as asked:
        again = await sender.draft()
    await void(scene, 2)
    with statements_of(scene.world.database) as asked_anew:
        changed = await sender.draft()

    assert again == first
    assert not [statement for statement in asked if "JOIN insurance_cover" in statement]
    assert [statement for statement in asked_anew if "JOIN insurance_cover" in statement]
    assert (first.count, changed.count) == (2, 1)


async def test_the_ledger_told_then_what_was_sent_then(sender: Sender) -> None:
    scene = sender.scene
    scene.world.now = JULY
    sent = await sender.send()
    await void(scene, 2)
    corrected = await sender.send()

    async with scene.world.database.read() as session:
        policy = await policy_by_id(session, 1)
        then, now = [
            await month_of(session, policy, SUPPORTS, month=JUNE, through=one.ledger_seq) for one in (sent, corrected)
        ]

    assert list(folded([sent.model_dump()]).values()) == then.rows
    assert list(folded([sent.model_dump(), corrected.model_dump()]).values()) == now.rows
    assert (sent.totals, corrected.totals) == (then.totals, now.totals)


async def test_claims_are_told_as_they_stood_at_the_months_end(sender: Sender) -> None:
    scene = sender.scene
    incident = await scene.report()
    claim, gone = await scene.claim(incident), await scene.claim(incident, claimed_yen=1)
    await scene.move(claim, state="submitted", paid_yen=3_000, reserve_yen=9_000)
    await scene.move(gone, state="withdrawn")
    scene.world.now = JULY
    await scene.move(claim, paid_yen=10_000)
    june = await sender.send(CLAIMS)
    await scene.move(claim, state="settled")
    scene.world.now = JULY + timedelta(days=31)
    july = await sender.send(CLAIMS, month=JULY.date())
    scene.world.now = JULY + timedelta(days=62)
    august = await sender.send(CLAIMS, month=date(2026, 8, 1))

    def told(sent: SentBordereauView) -> list[tuple[object, ...]]:
        names = ("number", "state", "reserve_yen", "paid_yen", "paid_in_month_yen")
        return [tuple(row[name] for name in names) for row in sent.rows]

    assert told(june) == [("SK-1-C0001", "submitted", 9_000, 3_000, 3_000), ("SK-1-C0002", "withdrawn", 0, 0, 0)]
    assert told(july) == [("SK-1-C0001", "settled", 0, 10_000, 7_000)]
    assert (august.rows, august.totals["claims"]) == ([], 0)
    assert june.totals == {
        "claims": 2,
        "open": 1,
        "claimed_yen": 12_001,
        "reserve_yen": 9_000,
        "paid_yen": 3_000,
        "paid_in_month_yen": 3_000,
    }


async def test_the_database_refuses_to_rewrite_what_was_sent(sender: Sender) -> None:
    sender.scene.world.now = JULY
    sent = await sender.send()

    for statement in ("UPDATE insurance_bordereau SET month = '2026-05'", "DELETE FROM insurance_bordereau"):

        async def rewrite(session: AsyncSession, statement: str = statement) -> None:
            await (await session.connection()).execute(text(statement))

        with pytest.raises(Refusal):
            await sender.scene.world.database.write(rewrite)
    assert await sender.again(sent) == sent


async def test_it_is_written_as_csv_and_as_a_workbook_and_runs_no_formula(sender: Sender) -> None:
    scene = sender.scene
    await _with_policy(scene, lambda policy: setattr(policy, "insurer", "=HYPERLINK(1)"))
    scene.world.now = JULY
    sent = await sender.send()

    lines = sent_as_csv(sent).splitlines()
    with ZipFile(BytesIO(sent_as_xlsx(sent))) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}

    assert lines[1].startswith("SK-1-000001,SK-1,'=HYPERLINK(1),child_home,ended,2026-06-02T17:00:00+09:00")
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 3
    assert not any("<f>" in sheet for sheet in sheets)
    assert "'=HYPERLINK(1)" in parts["xl/sharedStrings.xml"].replace("&apos;", "'")
    assert sent_as_xlsx(sent) == sent_as_xlsx(sent)


async def _with_policy(scene: Scene, change: Callable[[Policy], None]) -> None:
    async def work(session: AsyncSession) -> None:
        policy = await session.get_one(Policy, 1)
        change(policy)
        session.add(policy)

    await scene.world.do(work)


ROW = {"number": "A", "minutes": 1}


@pytest.mark.parametrize(
    ("known", "now", "changes"),
    [
        ([ROW], [ROW, {"number": "B", "minutes": 2}], [{"change": "added", "number": "B", "minutes": 2}]),
        ([ROW], [{**ROW, "minutes": 5}], [{"change": "changed", "number": "A", "minutes": 5}]),
        ([ROW], [], [{"change": "removed", **ROW}]),
    ],
)
def test_an_adjustment_holds_what_differs_and_folds_to_what_is(
    known: list[dict[str, Any]], now: list[dict[str, Any]], changes: list[dict[str, Any]]
) -> None:
    before = content_of([], Month(known, {"rows": len(known)}, 1))

    content = content_of([before], Month(now, {"rows": len(now)}, 2))

    assert content["rows"] == changes
    assert list(folded([before, content]).values()) == now
    assert content["difference"] == {"rows": len(now) - len(known)}
