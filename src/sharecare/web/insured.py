"""Policies, what was sent about them and claims: an insurer's own, and for the area's staff those of the area."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from shlex import quote
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import all_areas
from sharecare.areas.words import KINDS, LEVELS, MEANS
from sharecare.incidents import bordereaux, queries
from sharecare.incidents.bordereau_schemas import SentBordereauView
from sharecare.incidents.drafts import ROWS_SHOWN
from sharecare.incidents.letters import MAX_ATTACHMENTS
from sharecare.incidents.rules import CLAIM_MOVES, ClaimState, Correspondent, MediaType
from sharecare.insurance.queries import policies_of_insurer, policy_by_id, policy_standing
from sharecare.insurance.schemas import PolicyStanding
from sharecare.insurance.sent import CHANGE
from sharecare.insurance.words import EXCLUSIONS, PERILS, STATES, in_years
from sharecare.messages.words import AGGREGATES
from sharecare.spreadsheet import CSV, XLSX
from sharecare.web.attached import JSON, attached
from sharecare.web.browser import page_router
from sharecare.web.forms import as_typed
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()
CLAIMS_AT_ONCE = 20
CHANGES, LETTERS = "changes", "letters"  # the two forms below a claim
POLICY_WORDS: Mapping[str, Any] = {
    "aggregates": AGGREGATES,
    "perils": PERILS,
    "exclusions": EXCLUSIONS,
    "kinds": KINDS,
    "levels": LEVELS,
    "means": MEANS,
    "in_years": in_years,
}
ADDING = "sharecare insurer add --area {} --insurer {} --email … --name …"  # what opens an account, as `cli` has it
STAYS = "stays"  # what the first of them means where the state is left as it is


class Written(StrEnum):
    """How a bordereau is saved."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@router.get("/insurer", operation_id="list_insured_policies")
async def policies(look: Looking) -> Response:
    """Show an insurer's policies and how far each is used."""
    company = look.actor.insurer or ""
    known = await policies_of_insurer(look.session, company)
    return await look.show(
        "insured/policies.html", company=company, policies=known, areas=await _areas(look), aggregates=AGGREGATES
    )


@router.get("/policies/{policy_id}", operation_id="read_policy")
async def policy(policy_id: Id, look: Looking, cursor: str | None = None) -> Response:
    """Show a policy, what was sent about it, and its claims."""
    standing = await _standing(look, policy_id)
    slug = slug_of(look, standing)
    return await look.show(
        "insured/policy.html",
        slug=slug,
        to_add=None if slug is None or standing.insurer_is_told else ADDING.format(slug, quote(standing.insurer)),
        areas=await _areas(look),
        one=standing,
        sent=await bordereaux.sent_of_policy(look.session, policy_id),
        claims=await queries.claims_of_policy(look.session, policy_id, cursor=cursor, limit=CLAIMS_AT_ONCE),
        claims_in_all=await queries.count_claims(look.session, policy_id),
        **POLICY_WORDS,
    )


@router.get("/claims/{claim_id}", operation_id="read_claim")
async def claim(claim_id: Id, look: Looking) -> Response:
    """Show a claim with its facts and its history; who is in it has no name."""
    return await show_claim(look, claim_id)


@router.get("/claims/{claim_id}/photos/{photo_id}", operation_id="read_claim_photo")
async def photo(claim_id: Id, photo_id: Id, look: Looking) -> Response:
    """Show a photo of what a claim is about; the look is logged."""
    by = look.actor
    await look.session.close()
    data = await look.here.database.write(
        lambda session: queries.claim_photo(session, by=by, claim_id=claim_id, photo_id=photo_id, now=look.now)
    )
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get("/claims/{claim_id}/attachments/{attachment_id}", operation_id="read_claim_attachment")
async def paper(claim_id: Id, attachment_id: Id, look: Looking) -> Response:
    """Give a paper that is with a letter, a PDF to be saved; the look is logged."""
    by = look.actor
    await look.session.close()
    given = await look.here.database.write(
        lambda session: queries.claim_attachment(
            session, by=by, claim_id=claim_id, attachment_id=attachment_id, now=look.now
        )
    )
    if given.media_type is MediaType.PDF:
        return attached(given.content, MediaType.PDF, f"attachment-{attachment_id}.pdf")
    return Response(given.content, media_type=MediaType.JPEG, headers={"Cache-Control": "no-store"})


@router.get("/bordereaux/{bordereau_id}", operation_id="read_sent_bordereau")
async def bordereau(bordereau_id: Id, look: Looking) -> Response:
    """Show what was sent, exactly as it was sent."""
    sent = await bordereaux.sent_view(look.session, bordereau_id)
    standing = await _standing(look, sent.policy_id)
    return await look.show(
        "insured/bordereau.html",
        slug=slug_of(look, standing),
        one=sent,
        rows_shown=ROWS_SHOWN,
        files=list(Written),
        states=STATES,
        change=CHANGE,
    )


@router.get("/bordereaux/{bordereau_id}/{written}", operation_id="read_sent_bordereau")
async def save(bordereau_id: Id, written: Written, look: Looking) -> Response:
    """Give what was sent as a file."""
    sent = await bordereaux.sent_view(look.session, bordereau_id)
    name = f"bordereau-{sent.policy_number}-{sent.kind}-{sent.month}-{sent.number}.{written}"
    match written:
        case Written.CSV:
            return attached(bordereaux.sent_as_csv(sent).encode("utf-8-sig"), CSV, name)
        case Written.XLSX:
            return attached(await asyncio.to_thread(bordereaux.sent_as_xlsx, sent), XLSX, name)
        case Written.JSON:
            return attached(_as_json(sent), JSON, name)


async def show_claim(look: View, claim_id: int, *, code: int = 200, sent: str = "") -> Response:
    """Draw a claim; for the staff with the forms that move it on, of which `sent` was filled in already."""
    one = await queries.claim_view(look.session, claim_id, by=look.actor)
    standing = await _standing(look, one.policy_id)
    slug = slug_of(look, standing)
    if slug is not None:
        _fill_in(look, await zone_of(look.session, one.policy_id), sent)
    return await look.show(
        "insured/claim.html",
        code=code,
        slug=slug,
        one=one,
        perils=PERILS,
        exclusions=EXCLUSIONS,
        moves=sorted(CLAIM_MOVES[one.state], key=list(ClaimState).index),
        stays=STAYS,
        correspondents=list(Correspondent),
        most_attached=MAX_ATTACHMENTS,
    )


def _fill_in(look: View, zone: ZoneInfo, sent: str) -> None:
    """Give the forms that were not sent what they begin with."""
    begin = {CHANGES: {"state": [STAYS]}, LETTERS: {"at": [as_typed(look.now, zone)]}}
    for form, values in begin.items():
        if form != sent:
            look.form.values = {**look.form.values, **values}


async def zone_of(session: AsyncSession, policy_id: int) -> ZoneInfo:
    """Return the clock by which a policy's area lives."""
    return await bordereaux.zone_of(session, await policy_by_id(session, policy_id))


def _as_json(sent: SentBordereauView) -> bytes:
    return sent.model_dump_json(indent=2).encode()


def slug_of(look: View, standing: PolicyStanding) -> str | None:
    """Return the area whose staff look, or None where an insurer does."""
    return None if look.actor.insurer is not None else standing.area


async def _areas(look: View) -> dict[str, str]:
    return {one.slug: one.name_in(look.language) for one in await all_areas(look.session)}


async def _standing(look: View, policy_id: int) -> PolicyStanding:
    return await policy_standing(look.session, await policy_by_id(look.session, policy_id))
