"""What is exchanged about a claim: letters, and the papers that are with them."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from sharecare.accounts.rules import Actor
from sharecare.care.bookings import booking_by_id
from sharecare.care.models import Booking
from sharecare.errors import NotFound, Refusal
from sharecare.incidents.claim_schemas import AttachmentView, LetterDraft, LetterView
from sharecare.incidents.claims import record_claim
from sharecare.incidents.insurers import tell_of_claim
from sharecare.incidents.models import Claim, ClaimAttachment, ClaimLetter, Incident
from sharecare.incidents.papers import Paper
from sharecare.incidents.rules import Correspondent, MediaType
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind

MAX_ATTACHMENTS = 10


class LetterFromTheFuture(Refusal):
    """Correspondence lies in the past."""

    status = 400
    ja = "日時が、いまより後になっています。"
    en = "The time given lies in the future."


class EnoughAttachments(Refusal):
    """A letter holds so many attachments."""

    ja = "一つのやりとりに添付できるのは{limit}件までです。続きは、新しいやりとりとして記録してください。"
    en = "Up to {limit} files can be attached to one letter. Keep the rest with a letter of its own."


async def keep_letter(
    session: AsyncSession, *, by: Actor, claim_id: int, draft: LetterDraft, now: datetime
) -> ClaimLetter:
    """Keep what was exchanged about a claim.

    Raises:
        LetterFromTheFuture: the time given lies in the future.

    """
    if draft.at > now:
        raise LetterFromTheFuture
    letter = ClaimLetter(claim_id=claim_id, written_by=by.person_id, written_at=now, **draft.model_dump())
    session.add(letter)
    await session.flush()  # the answer names it
    claim, booking = await _claim_and_booking(session, claim_id)
    record_claim(session, FactKind.CLAIM_LETTER_KEPT, claim, booking, by=by, now=now)
    if draft.outgoing and draft.correspondent is Correspondent.INSURER:
        await tell_of_claim(session, claim, MessageKind.LETTER_FOR_INSURER, now=now)
    return letter


async def attach(
    session: AsyncSession, *, by: Actor, claim_id: int, letter_id: int, paper: Paper, now: datetime
) -> ClaimAttachment:
    """Keep a paper with a letter; the insurer hears of what went to it, unless it has yet to look.

    Raises:
        NotFound: the claim has no such letter.
        EnoughAttachments: it holds as many as it may.

    """
    letter = await require_attachment_room(session, claim_id=claim_id, letter_id=letter_id, hold=True)
    kept = ClaimAttachment(
        letter_id=letter_id,
        added_by=by.person_id,
        added_at=now,
        media_type=paper.media_type,
        size_bytes=len(paper.content),
        content=paper.content,
    )
    session.add(kept)
    await session.flush()  # the answer names it
    claim, booking = await _claim_and_booking(session, claim_id)
    record_claim(session, FactKind.CLAIM_LETTER_ATTACHED, claim, booking, by=by, now=now)
    if letter.outgoing and letter.correspondent == Correspondent.INSURER:
        await tell_of_claim(session, claim, MessageKind.LETTER_FOR_INSURER, unless_unread=True, now=now)
    return kept


async def require_attachment_room(
    session: AsyncSession, *, claim_id: int, letter_id: int, hold: bool = False
) -> ClaimLetter:
    """Return a letter that takes one more attachment; held, nobody else adds one meanwhile.

    Raises:
        NotFound: the claim has no such letter.
        EnoughAttachments: it holds as many as it may.

    """
    found = select(ClaimLetter).where(ClaimLetter.id == letter_id, ClaimLetter.claim_id == claim_id)
    letter = (await session.exec(found.with_for_update() if hold else found)).first()
    if letter is None:
        raise NotFound
    count = select(func.count()).select_from(ClaimAttachment).where(col(ClaimAttachment.letter_id) == letter_id)
    if (await session.exec(count)).one() >= MAX_ATTACHMENTS:
        raise EnoughAttachments(limit=MAX_ATTACHMENTS)
    return letter


async def letters_of(session: AsyncSession, claim_id: int, *, by: Actor) -> list[LetterView]:
    """Return what was exchanged about a claim, oldest first; to an insurer what was exchanged with the insurer."""
    readable = await _readable(session, claim_id, by)
    letters = (await session.exec(readable.order_by(col(ClaimLetter.at), col(ClaimLetter.id)))).all()
    with_each: dict[int, list[AttachmentView]] = {letter.id: [] for letter in letters}
    one = ClaimAttachment
    papers = select(one.letter_id, one.id, one.media_type, one.size_bytes)  # without their content
    of_these = papers.where(col(one.letter_id).in_(with_each)).order_by(col(one.id))
    for letter_id, id_, media_type, size_bytes in await session.exec(of_these):
        paper = AttachmentView(id=id_, media_type=MediaType(media_type), size_bytes=size_bytes)
        with_each[letter_id].append(paper)
    return [LetterView(**letter.model_dump(), attachments=with_each[letter.id]) for letter in letters]


async def paper_of(session: AsyncSession, *, by: Actor, claim_id: int, attachment_id: int) -> Paper:
    """Return a paper that is with a letter of a claim.

    Raises:
        NotFound: no letter of the claim that they may read has such a paper.

    """
    letters = (await _readable(session, claim_id, by)).with_only_columns(col(ClaimLetter.id))
    found = select(ClaimAttachment).where(
        ClaimAttachment.id == attachment_id, col(ClaimAttachment.letter_id).in_(letters)
    )
    if (kept := (await session.exec(found)).first()) is None:
        raise NotFound
    return Paper(MediaType(kept.media_type), kept.content)


async def _readable(session: AsyncSession, claim_id: int, by: Actor) -> SelectOfScalar[ClaimLetter]:
    letters = select(ClaimLetter).where(ClaimLetter.claim_id == claim_id)
    _, booking = await _claim_and_booking(session, claim_id)
    if booking.area_id in by.staff_of:
        return letters
    return letters.where(ClaimLetter.correspondent == Correspondent.INSURER)


async def _claim_and_booking(session: AsyncSession, claim_id: int) -> tuple[Claim, Booking]:
    claim = await session.get_one(Claim, claim_id)
    incident = await session.get_one(Incident, claim.incident_id)
    return claim, await booking_by_id(session, incident.booking_id)
