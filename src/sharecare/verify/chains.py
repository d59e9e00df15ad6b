"""Invariant 3, and the database's own guards of 1 and 3: nothing rewritten, and nothing that would let it be."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.insurance.audit import broken_chains, broken_covers
from sharecare.journal.audit import broken_seals
from sharecare.verify.breach import Breach

APPEND_ONLY = ("journal_fact", "journal_seal", "insurance_ledger", "claim_ledger", "insurance_bordereau")
NO_OVERLAP = {"booking": "ex_booking_supporter_overlap", "booking_child": "ex_booking_child_overlap"}
GROUP, CAPACITY, GAP = "ex_booking_group_overlap", "ex_booking_group_capacity", "cover_gap_no_delete"
_GUARDS_POSTGRESQL = (
    "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' "
    "UNION SELECT conname FROM pg_constraint WHERE contype = 'x'"
)
_GUARDS_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


async def broken_chains_and_guards(session: AsyncSession) -> list[Breach]:
    """Find altered lines of the ledger, covers at odds with theirs, broken seals, and guards that are missing."""
    lines = await broken_chains(session)
    covers = await broken_covers(session)
    seals = await broken_seals(session)
    return [
        *(Breach(3, "ledger chain broken", "insurance_ledger", (line.policy_id, line.seq)) for line in lines),
        *(Breach(3, f"cover at odds with its lines: {c.fault}", "insurance_cover", (c.cover_id,)) for c in covers),
        *(Breach(3, "journal seal broken", "journal_seal", (seal.seq,)) for seal in seals),
        *await _missing_guards(session),
    ]


async def _missing_guards(session: AsyncSession) -> list[Breach]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    guards = text(_GUARDS_SQLITE if sqlite else _GUARDS_POSTGRESQL)
    there = set((await (await session.connection()).execute(guards)).scalars())
    wanted = [
        *((3, table, f"{table}_{what}") for table in APPEND_ONLY for what in _append_only(sqlite=sqlite)),
        *((1, table, f"{name}{what}") for table, name in NO_OVERLAP.items() for what in _no_overlap(sqlite=sqlite)),
        *((1, "booking_child", f"{CAPACITY}{what}") for what in _no_overlap(sqlite=sqlite)),
        *(() if sqlite else ((1, "booking", GROUP),)),
        (2, "cover_gap", GAP),
    ]
    return [
        Breach(invariant, "a guard of the database is missing", table, (name,))
        for invariant, table, name in wanted
        if name not in there
    ]


def _append_only(*, sqlite: bool) -> tuple[str, ...]:
    return ("no_update", "no_delete") if sqlite else ("append_only",)


def _no_overlap(*, sqlite: bool) -> tuple[str, ...]:
    return ("_insert", "_update") if sqlite else ("",)
