"""The day the school closes at noon: one plan for all open requests, seen before it is sent."""

import pytest
from sqlalchemy import event
from sqlalchemy.util import await_only
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import HOUR, ask, cover_several_families, decline, offer
from conftest import Staged
from doors import Someone, Town, open_town
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import CareKind
from sharecare.care import asking
from sharecare.care.planning import Gathered, PlanIsStale, gather_open_requests, plan_of, send_plan
from sharecare.care.requests import open_request
from sharecare.care.schemas import AreaPlan, PlanSent
from sharecare.matching.assign import assign
from sharecare.trust.communities import approve_member, ask_to_join, make_community
from sharecare.trust.rules import CommunityKind
from sharecare.trust.schemas import CommunityDraft
from world import NOW, Family, World


async def a_request(town: Town, family: Family) -> int:
    need = family.need()
    opened = await town.world.do(lambda s: open_request(s, town.world.index, by=family.actor, need=need, now=town.now))
    return opened.id


async def share_a_class(town: Town, members: list[Actor]) -> None:
    async def work(session: AsyncSession) -> None:
        steward, *others = members
        draft = CommunityDraft(name="ひまわり組", kind=CommunityKind.NURSERY)
        made = await make_community(session, by=steward, draft=draft, now=town.now)
        for one in others:
            await ask_to_join(session, by=one, community_id=made.id, now=town.now)
            await approve_member(session, by=steward, community_id=made.id, person_id=one.person_id, now=town.now)

    await town.world.do(work)


async def gather_now(world: World) -> Gathered:
    async with world.database.read() as session:
        await world.index.catch_up(session, now=world.now)
        area = await area_by_id(session, world.area_id)
        return await gather_open_requests(session, world.index, area=area, now=world.now)


async def plan_now(world: World) -> AreaPlan:
    gathered = await gather_now(world)
    return plan_of(gathered, assign(gathered.problem))


async def send(world: World, plan: AreaPlan) -> PlanSent:
    async def work(session: AsyncSession) -> PlanSent:
        area = await area_by_id(session, world.area_id)
        return await send_plan(session, world.index, by=world.staff, area=area, asks=plan.asks, now=world.now)

    return await world.do(work)


async def staff_of(town: Town) -> Someone:
    return await town.sign_in("staff@example.jp")


async def test_a_plan_gives_each_request_its_own_supporter_and_is_sent_in_one_step(staged: Staged) -> None:
    async with open_town(staged) as town:
        alice, bea = await town.world.family("Alice"), await town.world.family("Bea")
        first, second = await town.world.supporter("Sachi"), await town.world.supporter("Tomo")
        await share_a_class(town, [alice.actor, bea.actor, first, second])
        requests = [await a_request(town, alice), await a_request(town, bea)]
        staff = await staff_of(town)

        plan = (await staff.post("/areas/misono/plan")).json()

        assert (plan["requests"], plan["filled"], plan["at_most"], plan["proven_optimal"]) == (2, 2, 2, True)
        assert [one["request_id"] for one in plan["asks"]] == requests
        assert {one["supporter_id"] for one in plan["asks"]} == {first.person_id, second.person_id}
        assert plan["unfilled"] == []
        sent = await staff.post("/areas/misono/plan/send", {"asks": plan["asks"]})
        assert (sent.status_code, sent.json()) == (200, {"asked": 0, "already_asked": 2})
        bookings = (await staff.get("/bookings")).json()["items"]
        assert bookings == []


async def test_a_plan_whose_request_is_gone_is_refused_whole(staged: Staged) -> None:
    async with open_town(staged) as town:
        alice = await town.world.family("Alice")
        helper = await town.world.supporter("Sachi")
        request = await a_request(town, alice)
        staff = await staff_of(town)
        asks = [{"request_id": request, "supporter_id": helper.person_id}]

        gone = [*asks, {"request_id": request + 999, "supporter_id": helper.person_id}]
        refused = await staff.post("/areas/misono/plan/send", {"asks": gone})

        assert (refused.status_code, refused.json()["code"]) == (409, "plan-is-stale")


async def test_a_plan_is_sent_to_whoever_it_names_however_many_rank_before_them(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Looked for among the first of one wave only, the second of two made every plan stale, each time anew.
    monkeypatch.setattr(asking, "MOST_ASKED", 1)
    async with open_town(staged) as town:
        families = [await town.world.family(name) for name in ("Alice", "Bea")]
        supporters = [await town.world.supporter(name) for name in ("Sachi", "Tomo")]
        requests = [await a_request(town, family) for family in families]
        staff = await staff_of(town)
        plan = (await staff.post("/areas/misono/plan")).json()

        sent = await staff.post("/areas/misono/plan/send", {"asks": plan["asks"]})

        assert [one["request_id"] for one in plan["asks"]] == requests
        assert {one["supporter_id"] for one in plan["asks"]} == {one.person_id for one in supporters}
        assert sent.status_code == 200


async def test_a_plan_asks_no_other_than_the_one_a_family_named(staged: Staged) -> None:
    async with open_town(staged) as town:
        alice = await town.world.family("Alice")
        named, other = await town.world.supporter("Sachi"), await town.world.supporter("Tomo")
        await town.world.befriend(alice.actor, named)
        need = alice.need(named_supporter_id=named.person_id)
        request = await town.world.do(
            lambda s: open_request(s, town.world.index, by=alice.actor, need=need, now=town.now)
        )
        staff = await staff_of(town)
        asks = [{"request_id": request.id, "supporter_id": other.person_id}]

        refused = await staff.post("/areas/misono/plan/send", {"asks": asks})

        assert (refused.status_code, refused.json()["code"]) == (409, "plan-is-stale")


async def test_a_plan_leaves_out_who_said_no_and_tells_who_was_asked(world: World) -> None:
    # Whoever had said no was planned again: the plan read as if it met the request, and sending it asked nobody.
    alice, bea, carol = [await world.family(name) for name in ("Alice", "Bea", "Carol")]
    helpers = [await world.supporter(name) for name in ("Sachi", "Tomo", "Uta")]
    for family, helper in zip((alice, bea), helpers, strict=False):
        await world.befriend(family.actor, helper)
    first, second = await ask(world, alice), await ask(world, bea)  # Sachi and Tomo, their friends, are asked
    await decline(world, helpers[0], first)
    plan = await plan_now(world)

    assert [(one.request_id, one.supporter_id) for one in plan.asks] == [
        (first.id, helpers[2].person_id),
        (second.id, helpers[1].person_id),
    ]
    assert plan.already_asked == [second.id]
    assert await send(world, plan) == PlanSent(asked=1, already_asked=1)
    assert await send(world, plan) == PlanSent(asked=0, already_asked=2)

    third = await ask(world, carol)
    assert (await plan_now(world)).already_asked == [first.id, second.id, third.id]


async def test_a_plan_counts_on_nobody_elsewhere_whose_offer_is_all_another_request_has(world: World) -> None:
    # Sachi could be planned for Bea's request instead, though she had offered to help Alice at that time.
    alice, bea = [await world.family(name) for name in ("Alice", "Bea")]
    helper = await world.supporter("Sachi")
    await world.befriend(bea.actor, helper)
    second, first = await ask(world, bea), await ask(world, alice)
    await offer(world, helper, first)

    plan = await plan_now(world)

    assert [(one.request_id, one.supporter_id) for one in plan.asks] == [(first.id, helper.person_id)]
    assert (plan.already_asked, plan.unfilled) == ([first.id], [second.id])


async def test_a_plan_is_refused_where_somebody_has_said_no_since(world: World) -> None:
    # It read as sent, and nobody was asked.
    alice, helper = await world.family("Alice"), await world.supporter("Sachi")
    request = await ask(world, alice)
    plan = await plan_now(world)
    await decline(world, helper, request)

    with pytest.raises(PlanIsStale):
        await send(world, plan)


async def test_a_plan_counts_each_family_of_a_group_care_towards_the_day(world: World) -> None:
    # Their bookings, at one and the same time, counted as one, and whose day was full was planned.
    await cover_several_families(world)
    helper, families = await world.supporter("Sachi", capacity=3), [await world.family(one) for one in "ABC"]
    together = {"kind": CareKind.OWN_HOME, "with_others": True, "named_supporter_id": helper.person_id}
    for family in families:
        await world.befriend(family.actor, helper)
        await offer(world, helper, await ask(world, family, **together))
    request = await ask(world, await world.family("Alice"), start_at=NOW + 29 * HOUR, end_at=NOW + 30 * HOUR)

    plan = await plan_now(world)

    assert (plan.asks, plan.unfilled) == ([], [request.id])


async def test_a_plan_is_made_from_one_state_of_the_index(world: World) -> None:
    # Posed again after the bookings were read, it held whoever had come in between, with no booking counted.
    await ask(world, await world.family("Alice"))
    known = await world.supporter("Sachi")
    async with world.database.read() as session:
        await world.index.catch_up(session, now=world.now)
    newcomer = await world.supporter("Tomo")  # whose last paper the index hasn't seen
    engine = world.database._reader.sync_engine  # noqa: SLF001  -- to come in between two statements
    between: list[str] = []

    async def catch_up() -> None:
        async with world.database.read() as session:
            await world.index.catch_up(session, now=world.now)

    def come_between(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM booking" in statement and not between:
            between.append(statement)
            await_only(catch_up())

    event.listen(engine, "before_cursor_execute", come_between)
    async with world.database.read() as session:
        area = await area_by_id(session, world.area_id)
        gathered = await gather_open_requests(session, world.index, area=area, now=world.now)
    event.remove(engine, "before_cursor_execute", come_between)

    assert gathered.problem.person_ids.tolist() == [known.person_id]
    assert newcomer.person_id in (await gather_now(world)).problem.person_ids


@pytest.mark.parametrize("path", ["/areas/misono/plan", "/areas/misono/plan/send"])
async def test_only_staff_plan(staged: Staged, path: str) -> None:
    async with open_town(staged) as town:
        parent = await town.sign_up("Alice")
        answer = await parent.post(path, {"asks": [{"request_id": 1, "supporter_id": 1}]})
        assert answer.status_code == 403
