"""Policies of an area."""

from datetime import datetime

import pytest
from pydantic import ValidationError
from sqlmodel import select

from insurance.desk import DRAFT, HOUR, MINUTE, NOW, Desk
from sharecare.insurance.models import Policy
from sharecare.insurance.queries import RUN_OFF, policies_nobody_hears_of, policies_of, policy_for
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import PolicyNumberTaken
from sharecare.journal.models import Fact


async def policy_at(desk: Desk, start_at: datetime, end_at: datetime) -> Policy | None:
    async with desk.database.read() as session:
        return await policy_for(session, area_id=desk.area.id, start_at=start_at, end_at=end_at)


async def test_making_a_policy_writes_one_fact(desk: Desk) -> None:
    async with desk.database.read() as session:
        (fact,) = (await session.exec(select(Fact))).all()

    assert (fact.kind, fact.at, fact.area_id, fact.actor_id) == ("policy_made", NOW, desk.area.id, desk.person.id)
    assert (fact.start_at, fact.end_at) == (DRAFT.valid_from, DRAFT.valid_until)
    assert fact.data == {"policy_id": desk.policy.id}


async def test_an_area_sees_its_own_policies_only(desk: Desk) -> None:
    async with desk.database.read() as session:
        assert await policies_of(session, area_id=desk.area.id) == [desk.policy]
        assert await policies_of(session, area_id=desk.other_area.id) == []


async def test_an_insurer_without_an_account_waits_once_and_until_its_claims_are_in(desk: Desk) -> None:
    later = DRAFT.model_copy(update={"number": "SK-2", "valid_until": DRAFT.valid_until + HOUR})
    newest, over_at = await desk.make_policy(area=desk.area, draft=later), later.valid_until

    async with desk.database.read() as session:
        waiting = [
            await policies_nobody_hears_of(session, area_id=area.id, now=now)
            for area, now in (
                (desk.area, NOW),
                (desk.area, over_at + RUN_OFF - MINUTE),
                (desk.area, over_at + RUN_OFF),
                (desk.other_area, NOW),
            )
        ]

    assert waiting == [[newest], [newest], [], []]


async def test_make_policy_refuses_a_number_that_any_area_uses(desk: Desk) -> None:
    with pytest.raises(PolicyNumberTaken):
        await desk.make_policy(area=desk.other_area, draft=DRAFT)


def test_a_policy_ends_after_it_begins() -> None:
    with pytest.raises(ValidationError, match="a policy ends after it begins"):
        PolicyDraft.model_validate(DRAFT.model_dump() | {"valid_until": DRAFT.valid_from})


async def test_policy_must_be_valid_for_the_whole_window(desk: Desk) -> None:
    first, last = DRAFT.valid_from, DRAFT.valid_until

    assert await policy_at(desk, first, first + HOUR) == desk.policy
    assert await policy_at(desk, last - HOUR, last) == desk.policy
    assert await policy_at(desk, first - MINUTE, first + HOUR) is None
    assert await policy_at(desk, last - HOUR, last + MINUTE) is None


async def test_the_policy_that_began_last_replaces_the_one_before(desk: Desk) -> None:
    october = datetime.fromisoformat("2026-10-01T00:00:00+09:00")
    newer = await desk.make_policy(
        area=desk.area, draft=DRAFT.model_copy(update={"number": "SK-2026-B", "valid_from": october})
    )

    assert await policy_at(desk, october - HOUR, october + HOUR) == desk.policy
    assert await policy_at(desk, october, october + HOUR) == newer
