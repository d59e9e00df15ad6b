"""One policy table for every door: nothing without a row, no row without a door, and each row holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.door import Operation, a_neighbour, another_town, operations, through_the_door
from care.steps import HOUR, ask, book, offer, propose
from doors import Someone, Town
from sharecare.accounts.rules import Actor
from sharecare.app import create_app
from sharecare.areas.rules import Level
from sharecare.care.models import Ask
from sharecare.care.series import open_series
from sharecare.care.series_choosing import accept_for_series, offer_for_series
from sharecare.care.series_schemas import SeriesDraft
from sharecare.certification.rules import CredentialKind
from sharecare.certification.schemas import CredentialDraft
from sharecare.certification.service import submit_credential
from sharecare.config import Settings
from sharecare.deps import authorise
from sharecare.incidents.bordereaux import send_bordereau
from sharecare.incidents.claim_schemas import ClaimDraft, LetterDraft
from sharecare.incidents.claims import file_claim
from sharecare.incidents.letters import attach, keep_letter
from sharecare.incidents.papers import Paper
from sharecare.incidents.photos import Photo
from sharecare.incidents.rules import MediaType
from sharecare.incidents.schemas import IncidentDraft
from sharecare.incidents.service import add_photo, report_incident
from sharecare.insurance.sent import BordereauKind
from sharecare.policy import POLICY, Relation, Role, Thing
from sharecare.registration.service import add_insurer
from sharecare.trust.communities import ask_to_join, make_community
from sharecare.trust.schemas import CommunityDraft
from sharecare.web.browser import admit
from world import PASSWORD_HASH, signed_in

MAY = date(2026, 5, 1)
DOCUMENT = create_app(Settings()).openapi()
OPERATIONS = {one.name: one for one in operations(DOCUMENT)}
ABOUT_THINGS = [name for name in POLICY if POLICY[name].thing is not None]


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(OPERATIONS) == sorted(POLICY)


def test_every_route_asks_the_table() -> None:
    # One made without `api_router` or `page_router` would answer whoever comes.
    guards = {
        route.path: {authorise, admit} & {needed.dependency for needed in route.dependencies}
        for route in create_app(Settings()).routes
        if isinstance(route, APIRoute)
    }

    assert {path for path, guard in guards.items() if not guard} == {"/health", "/ready", "/metrics"}
    assert {path.split("/")[1:3] == ["api", "v1"] for path, guard in guards.items() if authorise in guard} == {True}


@pytest.mark.parametrize("name", [name for name in POLICY if POLICY[name].thing is not None])
def test_a_rule_about_a_thing_finds_it_in_the_path(name: str) -> None:
    thing = POLICY[name].thing
    assert thing is not None
    assert f"{{{thing}}}" in OPERATIONS[name].path
    assert POLICY[name].relations


@dataclass(frozen=True, slots=True)
class Street:
    """A town with one of each thing, those it belongs to, and those it doesn't concern."""

    town: Town
    things: Mapping[Thing, object]
    people: Mapping[Relation, Someone]
    stranger: Someone
    staff: Someone
    foreign_staff: Someone
    insurer: Someone

    async def tried(self, name: str, by: Someone) -> tuple[int, str | None]:
        """Send the least valid command about the thing there is; return its status and code."""
        one, thing = OPERATIONS[name], POLICY[name].thing
        assert thing is not None
        path = one.path.removeprefix("/api/v1").replace(f"{{{thing}}}", str(self.things[thing]))
        path = path.replace("{end}", "start")
        if "{person_id}" in path:  # a second id in the path: someone who exists
            path = path.replace("{person_id}", str(self.things[Thing.PERSON]))
        for second in ("{photo_id}", "{letter_id}", "{attachment_id}"):
            path = path.replace(second, "1")
        query = "&".join(f"{key}={value}" for key, value in one.query.items())
        answer = await by.ask(one.method, f"{path}?{query}", json=_body(one))
        is_json = answer.content and "json" in answer.headers.get("content-type", "")
        return answer.status_code, _code(answer.json() if is_json else None)


def _body(one: Operation) -> object:
    if one.name == "propose_change":
        return {"new_end_at": "2026-06-02T19:30:00+09:00"}
    return one.body


def _code(body: Any) -> str | None:  # noqa: ANN401  -- any JSON value
    return body.get("code") if isinstance(body, dict) else None


@pytest.fixture
async def street(town: Town) -> Street:
    world = town.world
    family, helper = await world.family("Alice", children=2), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    one, other = family.child_ids
    booking = await book(world, family, helper, children=[one])
    change = await propose(world, family.actor, booking, booking.end_at + HOUR)
    later = {"start_at": booking.start_at - 3 * HOUR, "end_at": booking.start_at - 2 * HOUR, "children": [other]}
    request = await ask(world, family, **later)
    offered = await offer(world, helper, request)
    weekly = SeriesDraft(need=family.need(**{**later, "children": [one]}), until=date(2026, 6, 16))
    series = await world.do(lambda s: open_series(s, world.index, by=family.actor, draft=weekly, now=town.now))
    await world.do(lambda s: offer_for_series(s, by=helper, series_id=series.id, note="", now=town.now))
    by, chosen = family.actor, helper.person_id
    await world.do(lambda s: accept_for_series(s, by=by, series_id=series.id, supporter_id=chosen, now=town.now))
    stranger = await a_neighbour(town, "Mallory")
    _, foreign_staff = await another_town(town)

    async def reported(session: AsyncSession) -> tuple[int, int, int, int, Actor]:
        draft = IncidentDraft.model_validate(
            {"kind": "incident", "occurred_at": town.now, "place": "園", "what": "転んだ", "injured": "child"}
        )
        incident = await report_incident(session, by=helper, booking_id=booking.id, draft=draft, now=town.now)
        await add_photo(session, by=helper, incident_id=incident.id, photo=Photo(1, 1, b"-"), now=town.now)
        filing = ClaimDraft.model_validate({"peril": "liability", "claimant": "family", "claimed_yen": 1})
        claim = await file_claim(session, by=world.staff, incident_id=incident.id, draft=filing, now=town.now)
        writing = LetterDraft.model_validate(
            {"correspondent": "insurer", "outgoing": True, "at": town.now, "subject": "送付"}
        )
        letter = await keep_letter(session, by=world.staff, claim_id=claim.id, draft=writing, now=town.now)
        paper = Paper(MediaType.PDF, b"-")
        await attach(session, by=world.staff, claim_id=claim.id, letter_id=letter.id, paper=paper, now=town.now)
        sent = await send_bordereau(
            session, by=world.staff, policy_id=claim.policy_id, kind=BordereauKind.SUPPORTS, month=MAY, now=town.now
        )
        insurer = await add_insurer(
            session,
            area="misono",
            insurer="さくら損害保険",
            email="desk@sakura.example",
            name="損保 担当",
            password_hash=PASSWORD_HASH,
            now=town.now,
        )
        return incident.id, claim.id, claim.policy_id, sent.id, await signed_in(session, insurer.id, now=town.now)

    async def more(session: AsyncSession) -> tuple[int, int, int]:
        community = await make_community(
            session, by=family.actor, draft=CommunityDraft(name="ひよこ組", kind="nursery"), now=town.now
        )
        await ask_to_join(session, by=helper, community_id=community.id, now=town.now)
        draft = CredentialDraft(kind=CredentialKind.IDENTITY, issued_on=town.now.date())
        credential = await submit_credential(session, by=family.actor, draft=draft, now=town.now)
        asked = (await session.exec(select(Ask.id).where(Ask.request_id == request.id))).one()
        return community.id, credential.id, asked

    community, credential, asked = await world.do(more)
    incident, claim, policy, sent, insurer = await world.do(reported)
    door = {who: through_the_door(town, actor) for who, actor in (("family", family.actor), ("helper", helper))}
    return Street(
        town,
        things={
            Thing.AREA: "misono",
            Thing.PERSON: helper.person_id,
            Thing.COMMUNITY: community,
            Thing.CREDENTIAL: credential,
            Thing.REQUEST: request.id,
            Thing.ASK: asked,
            Thing.OFFER: offered.id,
            Thing.BOOKING: booking.id,
            Thing.CHANGE: change.id,
            Thing.POLICY: policy,
            Thing.BORDEREAU: sent,
            Thing.INCIDENT: incident,
            Thing.CLAIM: claim,
            Thing.SERIES: series.id,
        },
        people={
            Relation.MEMBER: door["family"],
            Relation.STEWARD: door["family"],
            Relation.FAMILY: door["family"],
            Relation.ASKED: door["helper"],
            Relation.SUPPORTER: door["helper"],
            Relation.AREA_STAFF: through_the_door(town, world.staff),
            Relation.INSURER: through_the_door(town, insurer),
        },
        stranger=through_the_door(town, stranger),
        staff=through_the_door(town, world.staff),
        foreign_staff=through_the_door(town, foreign_staff),
        insurer=through_the_door(town, insurer),
    )


async def test_nobody_reaches_what_is_not_theirs(street: Street) -> None:
    # With `check` taken out of `authorise`, a stranger read the bordereau, planned the area and set its goals.
    assert set(street.things) == set(Thing)

    by_stranger = {name: await street.tried(name, street.stranger) for name in ABOUT_THINGS}
    by_foreigner = {name: await street.tried(name, street.foreign_staff) for name in ABOUT_THINGS}

    open_to_members = {name for name in ABOUT_THINGS if Relation.MEMBER in POLICY[name].relations}
    staffs = {name for name in ABOUT_THINGS if not POLICY[name].roles & {Role.ANYONE, Role.REQUESTER, Role.SUPPORTER}}
    others = set(ABOUT_THINGS) - staffs - open_to_members
    assert {name: by_stranger[name] for name in staffs} == dict.fromkeys(staffs, (403, "not-for-your-role"))
    assert {name: by_stranger[name] for name in others} == dict.fromkeys(others, (404, "not-found"))
    insurers = {name for name in staffs if Role.STAFF not in POLICY[name].roles}
    assert {name: by_foreigner.pop(name) for name in insurers} == {"read_claim_photo": (403, "not-for-your-role")}
    assert by_foreigner == dict.fromkeys(by_foreigner, (404, "not-found"))


async def test_whoever_it_concerns_gets_through(street: Street) -> None:
    """And so the bodies above are valid: no refusal there was only for a malformed one."""
    shut = {401, 403, 404, 405, 422}

    answers = {
        (name, relation): await street.tried(name, street.people[relation])
        for name in ABOUT_THINGS
        for relation in sorted(POLICY[name].relations)
    }

    assert {key: answer for key, answer in answers.items() if answer[0] in shut or answer[0] >= 500} == {}


async def test_an_insurer_reaches_its_own_policies_bordereaux_and_claims_and_nothing_else(street: Street) -> None:
    # With `ANYONE` left to insurers, they read the area's communities and its settings.
    of_insurers = {name for name in POLICY if Role.INSURER in POLICY[name].roles}

    told = {name: await street.tried(name, street.insurer) for name in ABOUT_THINGS}
    unbound = {}
    for name, rule in POLICY.items():
        if rule.roles and rule.thing is None and name not in of_insurers:
            one = OPERATIONS[name]
            path = "".join("1" if part.startswith("{") else part for part in _parts(one.path.removeprefix("/api/v1")))
            unbound[name] = (await street.insurer.ask(one.method, path, json=_body(one))).status_code

    assert {name: told[name][0] for name in of_insurers & told.keys()} == dict.fromkeys(of_insurers & told.keys(), 200)
    others = told.keys() - of_insurers
    assert {name: told[name] for name in others} == dict.fromkeys(others, (403, "not-for-your-role"))
    assert unbound == dict.fromkeys(unbound, 403)
    assert of_insurers == {
        "sign_out",
        "list_sign_ins",
        "revoke_sign_in",
        "change_password",
        "read_my_account",
        "list_messages",
        "read_message",
        "read_all_messages",
        "list_insured_policies",
        "read_policy",
        "list_bordereaux",
        "read_sent_bordereau",
        "list_claims",
        "read_claim",
        "read_claim_photo",
        "read_claim_attachment",
    }


async def test_another_companys_insurer_sees_no_policy(street: Street) -> None:
    async def work(session: AsyncSession) -> Actor:
        other = await add_insurer(
            session,
            area="misono",
            insurer="もみじ損害保険",
            email="desk@momiji.example",
            name="もみじ 担当",
            password_hash=PASSWORD_HASH,
            now=street.town.now,
        )
        return await signed_in(session, other.id, now=street.town.now)

    other = through_the_door(street.town, await street.town.runtime.database.write(work))
    shared = ("read_policy", "list_bordereaux", "read_sent_bordereau", "list_claims")
    names = (*shared, "read_claim", "read_claim_photo", "read_claim_attachment")

    assert {name: await street.tried(name, other) for name in names} == dict.fromkeys(names, (404, "not-found"))
    assert (await other.get("/insurer/policies")).json() == []
    assert [one["number"] for one in (await street.insurer.get("/insurer/policies")).json()] == ["SK-1"]


async def test_nobody_gets_in_without_a_sign_in(town: Town) -> None:
    closed = {}
    for name, rule in POLICY.items():
        if rule.roles:
            one = OPERATIONS[name]
            path = "".join("1" if part.startswith("{") else part for part in _parts(one.path))
            answer = await town.http.request(one.method, path, json=_body(one), params=one.query)
            closed[name] = (answer.status_code, answer.json()["code"], answer.headers["www-authenticate"])

    assert closed == dict.fromkeys(closed, (401, "not-signed-in", "Bearer"))
    assert len(closed) > len(ABOUT_THINGS)


async def test_what_takes_a_role_is_refused_to_others(town: Town) -> None:
    world = town.world
    people = {
        Role.SUPPORTER: through_the_door(town, (await world.family("Alice")).actor),
        Role.REQUESTER: through_the_door(town, await world.supporter("Bob", level=Level.REGISTERED)),
    }
    refused = {}
    for name, rule in POLICY.items():
        if len(rule.roles) == 1 and (lacking := people.get(next(iter(rule.roles)))) is not None:
            one = OPERATIONS[name]
            path = "".join("1" if part.startswith("{") else part for part in _parts(one.path.removeprefix("/api/v1")))
            answer = await lacking.ask(one.method, path, json=_body(one))
            refused[name] = (answer.status_code, answer.json()["code"])

    assert refused == dict.fromkeys(refused, (403, "not-for-your-role"))
    assert {"open_request", "read_hours"} <= refused.keys()


def _parts(path: str) -> list[str]:
    return path.replace("{", "\0{").replace("}", "}\0").split("\0")


async def test_ids_that_no_database_holds_are_no_error_of_ours(street: Street) -> None:
    # Without the limit in `relations_to`, SQLite's driver raised an error of its own: a 500.
    wrong = {}
    for name in ABOUT_THINGS:
        thing, roles = POLICY[name].thing, POLICY[name].roles
        who = street.staff if Role.STAFF in roles else street.insurer if Role.INSURER in roles else street.stranger
        for key in ("0", "-1", str(2**63), "9" * 40, "x", "%00", "１"):
            there = Street(street.town, {**street.things, thing: key}, street.people, *_rest(street))  # type: ignore[dict-item]  # wrong on purpose
            status, _ = await there.tried(name, who)
            if status not in (404, 422):
                wrong[name, key] = status

    assert wrong == {}


def _rest(street: Street) -> tuple[Someone, Someone, Someone, Someone]:
    return street.stranger, street.staff, street.foreign_staff, street.insurer
