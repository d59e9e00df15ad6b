"""What an insurer hears of: months, claims, letters and photos for it, each once; and the photos it may look at."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from incidents.scene import Scene
from incidents.sender import CLAIMS, JULY, Sender, void
from sharecare.accounts.models import Person
from sharecare.accounts.queries import accesses_to
from sharecare.accounts.rules import Actor, PersonState
from sharecare.errors import NotFound
from sharecare.incidents.claim_schemas import LetterDraft
from sharecare.incidents.letters import keep_letter
from sharecare.incidents.models import Claim, Incident
from sharecare.incidents.photos import Photo
from sharecare.incidents.queries import claim_photo
from sharecare.incidents.service import add_photo
from sharecare.insurance.sent import NothingToCorrect
from sharecare.messages.models import Delivery, Message
from sharecare.messages.queries import messages_of
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import mark_all_read
from world import an_insurer

M = MessageKind


@pytest.fixture
async def insurer(scene: Scene) -> Actor:
    """Let somebody of the policy's insurer hear, and two who must not: of another insurer, and suspended."""
    world = scene.world
    await an_insurer(world, "もみじ損害保険", "desk@momiji.example")
    gone = await an_insurer(world, email="gone@sakura.example")

    async def suspend(session: AsyncSession) -> None:
        person = await session.get_one(Person, gone.person_id)
        person.state = PersonState.SUSPENDED
        session.add(person)

    await world.do(suspend)
    return await an_insurer(world)


async def heard(scene: Scene) -> list[tuple[int, str]]:
    """Return whom of any insurer what was told, in the order it was."""
    kinds = [M.BORDEREAU_SENT, M.CLAIM_FOR_INSURER, M.LETTER_FOR_INSURER, M.PHOTO_FOR_INSURER]
    async with scene.world.database.read() as session:
        told = await session.exec(select(Message).where(col(Message.kind).in_(kinds)).order_by(col(Message.id)))
        return [(one.person_id, one.kind) for one in told]


async def titles(scene: Scene, person: Actor) -> list[str]:
    """Return what somebody was told, newest first."""
    async with scene.world.database.read() as session:
        return [one.title for one in (await messages_of(session, person_id=person.person_id)).items]


async def open_all(scene: Scene, person: Actor) -> None:
    who, up_to, now = person.person_id, await scene.last_message(), scene.world.now
    await scene.world.do(lambda s: mark_all_read(s, person_id=who, up_to=up_to, now=now))


async def photograph(scene: Scene, incident: Incident) -> int:
    by, now, photo = scene.helper, scene.world.now, Photo(1, 1, b"jpeg")
    return (await scene.world.do(lambda s: add_photo(s, by=by, incident_id=incident.id, photo=photo, now=now))).id


async def look(scene: Scene, claim: Claim, photo_id: int, by: Actor) -> bytes:
    return await scene.world.do(
        lambda s: claim_photo(s, by=by, claim_id=claim.id, photo_id=photo_id, now=scene.world.now)
    )


async def test_a_month_and_what_corrects_it_are_told_once_each_and_mailed(sender: Sender, insurer: Actor) -> None:
    # The insurer heard of nothing: it had to look whether something had come.
    scene = sender.scene
    scene.world.now = JULY
    await sender.send()
    with pytest.raises(NothingToCorrect):
        await sender.send()
    await void(scene, 2)
    await sender.send()
    await sender.send(CLAIMS)

    assert await heard(scene) == [(insurer.person_id, M.BORDEREAU_SENT)] * 3
    assert await titles(scene, insurer) == [
        "2026年6月の請求の一覧が届きました",
        "2026年6月の支援の一覧(訂正1)が届きました",
        "2026年6月の支援の一覧が届きました",
    ]
    async with scene.world.database.read() as session:
        mailed = select(Delivery.channel).join(Message, col(Message.id) == col(Delivery.message_id))
        assert len((await session.exec(mailed.where(Message.person_id == insurer.person_id))).all()) == 3


async def test_of_a_claim_the_insurer_hears_what_it_has_not_said_itself(scene: Scene, insurer: Actor) -> None:
    claim = await scene.claim(await scene.report())
    await scene.move(claim, reserve_yen=1)
    await scene.move(claim, state="submitted")
    await scene.move(claim, state="declined")

    assert await heard(scene) == [(insurer.person_id, M.CLAIM_FOR_INSURER)] * 2
    assert await titles(scene, insurer) == [
        "保険の請求 SK-1-C0001: 審査のために送られました",
        "保険の請求 SK-1-C0001: 新しく記録されました",
    ]


async def test_a_letter_is_told_where_it_went_to_the_insurer(scene: Scene, insurer: Actor) -> None:
    claim, by, now = await scene.claim(await scene.report()), scene.world.staff, scene.world.now
    for correspondent, outgoing in (("family", True), ("insurer", False), ("insurer", True)):
        draft = LetterDraft.model_validate(
            {"correspondent": correspondent, "outgoing": outgoing, "at": now, "subject": "Aliceさんの件"}
        )
        await scene.world.do(partial(keep_letter, by=by, claim_id=claim.id, draft=draft, now=now))

    assert Counter(await heard(scene))[insurer.person_id, M.LETTER_FOR_INSURER] == 1
    async with scene.world.database.read() as session:
        letter = (await messages_of(session, person_id=insurer.person_id)).items[0]
    assert letter.path == f"/claims/{claim.id}"
    assert "SK-1-C0001" in letter.title
    assert "Alice" not in letter.model_dump_json()


async def test_photos_of_a_claim_are_told_once_until_the_insurer_has_looked(scene: Scene, insurer: Actor) -> None:
    # Ten photos, sent one by one as phones do, would be ten mails.
    incident = await scene.report()
    await photograph(scene, incident)
    claim = await scene.claim(incident)
    for _ in range(2):
        await photograph(scene, incident)
    about_photos = [one for one in await heard(scene) if one[1] == M.PHOTO_FOR_INSURER]
    assert about_photos == [(insurer.person_id, M.PHOTO_FOR_INSURER)]

    await open_all(scene, insurer)
    await photograph(scene, incident)
    await scene.move(claim, state="withdrawn")
    await open_all(scene, insurer)
    await photograph(scene, incident)

    assert Counter(await heard(scene))[insurer.person_id, M.PHOTO_FOR_INSURER] == 2


async def test_an_insurer_looks_at_photos_of_its_claims_alone_and_each_look_is_on_record(
    scene: Scene, insurer: Actor
) -> None:
    incident, other = await scene.report(), await scene.report()
    photo, without_claim = await photograph(scene, incident), await photograph(scene, other)
    claim = await scene.claim(incident)

    assert await look(scene, claim, photo, insurer) == b"jpeg"
    with pytest.raises(NotFound):
        await look(scene, claim, without_claim, insurer)

    assert (await scene.view(claim, by=insurer)).facts.photos == [photo]
    async with scene.world.database.read() as session:
        for person_id in (scene.family.actor.person_id, scene.helper.person_id):
            assert [(one.reader, one.reason) for one in (await accesses_to(session, person_id)).items] == [
                ("損保 担当", "保険の請求の写真 (a photo of an insurance claim) SK-1-C0001 (さくら損害保険)")
            ]


@pytest.mark.parametrize("decided", ["withdrawn", "declined"])
async def test_of_a_decided_claim_no_later_photo_is_shown(scene: Scene, insurer: Actor, decided: str) -> None:
    incident = await scene.report()
    before, claim = await photograph(scene, incident), await scene.claim(incident)
    for state in ("submitted", decided) if decided == "declined" else (decided,):
        await scene.move(claim, state=state)
    scene.world.now += timedelta(minutes=1)
    after = await photograph(scene, incident)

    assert (await scene.view(claim, by=insurer)).facts.photos == [before]
    assert await look(scene, claim, before, insurer) == b"jpeg"
    with pytest.raises(NotFound):
        await look(scene, claim, after, insurer)
