"""What is exchanged about a claim: who reads which letter, the papers with it, and who is told of them."""

import asyncio
import io
from functools import partial

import pytest
from PIL import Image
from sqlmodel import select

from incidents.scene import MINUTE, Scene
from sharecare.accounts.queries import accesses_to
from sharecare.accounts.rules import Actor
from sharecare.errors import NotFound
from sharecare.incidents.claim_schemas import LetterDraft
from sharecare.incidents.letters import (
    MAX_ATTACHMENTS,
    EnoughAttachments,
    LetterFromTheFuture,
    attach,
    keep_letter,
)
from sharecare.incidents.models import Claim, ClaimAttachment
from sharecare.incidents.papers import NotAPaper, Paper, as_paper
from sharecare.incidents.photos import MAX_BYTES
from sharecare.incidents.queries import claim_attachment
from sharecare.incidents.rules import MediaType
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import mark_all_read
from world import an_insurer

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PAPER = Paper(MediaType.PDF, PDF)


async def a_letter(scene: Scene, claim: Claim, correspondent: str = "insurer", *, outgoing: bool = True) -> int:
    draft = LetterDraft.model_validate(
        {"correspondent": correspondent, "outgoing": outgoing, "at": scene.world.now, "subject": "送付"}
    )
    by, now = scene.world.staff, scene.world.now
    kept = await scene.world.do(lambda s: keep_letter(s, by=by, claim_id=claim.id, draft=draft, now=now))
    return kept.id


async def add(scene: Scene, claim: Claim, letter_id: int, paper: Paper = PAPER) -> int:
    by, now = scene.world.staff, scene.world.now
    kept = await scene.world.do(
        lambda s: attach(s, by=by, claim_id=claim.id, letter_id=letter_id, paper=paper, now=now)
    )
    return kept.id


async def look(scene: Scene, claim: Claim, attachment_id: int, by: Actor) -> Paper:
    return await scene.world.do(
        lambda s: claim_attachment(s, by=by, claim_id=claim.id, attachment_id=attachment_id, now=scene.world.now)
    )


async def told_of_letters(scene: Scene) -> int:
    async with scene.world.database.read() as session:
        told = select(Message).where(Message.kind == MessageKind.LETTER_FOR_INSURER)
        return len((await session.exec(told)).all())


async def test_an_insurer_reads_its_own_letters_only(scene: Scene) -> None:
    claim, by, now = await scene.claim(await scene.report()), scene.world.staff, scene.world.now
    for correspondent in ("insurer", "family"):
        draft = LetterDraft.model_validate(
            {"correspondent": correspondent, "outgoing": True, "at": now, "subject": correspondent}
        )
        await scene.world.do(partial(keep_letter, by=by, claim_id=claim.id, draft=draft, now=now))

    stranger = (await scene.world.family("Carol")).actor
    assert [letter.subject for letter in (await scene.view(claim)).letters] == ["insurer", "family"]
    assert [letter.subject for letter in (await scene.view(claim, by=stranger)).letters] == ["insurer"]


async def test_a_letter_lies_in_the_past(scene: Scene) -> None:
    claim, now = await scene.claim(await scene.report()), scene.world.now
    draft = LetterDraft.model_validate(
        {"correspondent": "insurer", "outgoing": False, "at": now + MINUTE, "subject": "受領"}
    )

    with pytest.raises(LetterFromTheFuture):
        await scene.world.do(lambda s: keep_letter(s, by=scene.world.staff, claim_id=claim.id, draft=draft, now=now))


async def test_a_pdf_stays_as_it_is_and_a_picture_of_a_paper_is_encoded_anew() -> None:
    written = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(written, "PNG")

    assert await as_paper(PDF) == PAPER
    picture = await as_paper(written.getvalue())

    assert (picture.media_type, picture.content[:2]) == (MediaType.JPEG, b"\xff\xd8")


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7 that breaks off", b"<html>%PDF-1.7 %%EOF", b"MZ\x90", PDF.ljust(MAX_BYTES + 1)],
    ids=["nothing", "half", "page", "program", "too large"],
)
async def test_what_is_neither_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPaper):
        await as_paper(data)


async def test_a_paper_is_shown_with_its_letter_and_each_look_is_on_record(scene: Scene) -> None:
    insurer, claim = await an_insurer(scene.world), await scene.claim(await scene.report())
    letters = [await a_letter(scene, claim), await a_letter(scene, claim)]
    paper = await add(scene, claim, letters[1])

    shown = [letter.attachments for letter in (await scene.view(claim, by=insurer)).letters]
    assert await look(scene, claim, paper, insurer) == PAPER
    assert await look(scene, claim, paper, scene.world.staff) == PAPER

    assert shown[0] == []
    assert [(one.id, one.media_type, one.size_bytes) for one in shown[1]] == [(paper, "application/pdf", len(PDF))]
    async with scene.world.database.read() as session:
        for person_id in (scene.family.actor.person_id, scene.helper.person_id):
            assert sorted(one.reason for one in (await accesses_to(session, person_id)).items) == [
                "保険の請求の書類 (a paper of an insurance claim) SK-1-C0001",
                "保険の請求の書類 (a paper of an insurance claim) SK-1-C0001 (さくら損害保険)",
            ]


async def test_a_paper_is_read_by_who_reads_its_letter_and_found_under_its_claim_alone(scene: Scene) -> None:
    insurer, incident = await an_insurer(scene.world), await scene.report()
    claim, other = await scene.claim(incident), await scene.claim(incident)
    letter = await a_letter(scene, claim, "family")
    paper = await add(scene, claim, letter)

    assert await look(scene, claim, paper, scene.world.staff) == PAPER
    for of, by in ((claim, insurer), (other, scene.world.staff)):
        with pytest.raises(NotFound):
            await look(scene, of, paper, by)
    with pytest.raises(NotFound):
        await add(scene, other, letter)


async def test_papers_are_told_once_until_the_insurer_has_looked(scene: Scene) -> None:
    insurer, claim = await an_insurer(scene.world), await scene.claim(await scene.report())
    received, outgoing = await a_letter(scene, claim, outgoing=False), await a_letter(scene, claim)
    for letter in (received, outgoing, outgoing):
        await add(scene, claim, letter)
    assert await told_of_letters(scene) == 1  # of the letter itself

    who, up_to, now = insurer.person_id, await scene.last_message(), scene.world.now
    await scene.world.do(lambda s: mark_all_read(s, person_id=who, up_to=up_to, now=now))
    for letter in (received, outgoing, outgoing):
        await add(scene, claim, letter)

    assert await told_of_letters(scene) == 2


async def test_a_letter_holds_ten_papers_however_many_come_at_once(scene: Scene) -> None:
    # Without `with_for_update`, PostgreSQL kept all twelve.
    claim = await scene.claim(await scene.report())
    letter = await a_letter(scene, claim)

    answers = await asyncio.gather(*(add(scene, claim, letter) for _ in range(12)), return_exceptions=True)

    refused = [type(answer) for answer in answers if isinstance(answer, BaseException)]
    assert refused == [EnoughAttachments] * 2
    async with scene.world.database.read() as session:
        assert len((await session.exec(select(ClaimAttachment.id))).all()) == MAX_ATTACHMENTS
