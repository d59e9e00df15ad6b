"""Policies, bordereaux and certificates: for an area's staff, their insurer, and whoever checks a certificate."""

import asyncio
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Header, Path, Query, Request, Response, status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.api.door import api_router
from sharecare.api.parameters import Id
from sharecare.areas.queries import area_by_slug
from sharecare.care.policy_end import PolicyEnding, end_policy_early
from sharecare.deps import Do, Here, Now, Reader, Who
from sharecare.drafts import MONTH
from sharecare.incidents import bordereaux
from sharecare.incidents.bordereau_schemas import BordereauOrder, MonthStanding, SentBordereauView, SentRow
from sharecare.incidents.months import months_of_area
from sharecare.insurance.bordereau import as_csv, as_workbook, bordereau
from sharecare.insurance.queries import policies_of, policies_of_insurer, policy_by_id, policy_standing, validity
from sharecare.insurance.schemas import Bordereau, PolicyDraft, PolicyEnd, PolicyStanding, PolicyView, Validity
from sharecare.insurance.service import make_policy
from sharecare.spreadsheet import CSV, XLSX
from sharecare.tries import limit_lookups

router = api_router("insurance")

_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            CSV: {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}


class Format(StrEnum):
    """How a bordereau is written."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


WrittenAs = Annotated[Format | None, Query(alias="format", description="Goes before the `Accept` header.")]
Accept = Annotated[str, Header()]


@router.get("/areas/{slug}/policies", operation_id="list_policies")
async def list_policies(slug: str, session: Reader) -> list[PolicyView]:
    """List an area's policies, newest first."""
    area = await area_by_slug(session, slug)
    return [PolicyView.model_validate(policy) for policy in await policies_of(session, area_id=area.id)]


@router.post("/areas/{slug}/policies", status_code=status.HTTP_201_CREATED, operation_id="make_policy")
async def make(slug: str, draft: PolicyDraft, actor: Who, do: Do, now: Now) -> PolicyView:
    """Register a policy; one that begins later replaces it from then on."""

    async def work(session: AsyncSession) -> PolicyView:
        area = await area_by_slug(session, slug)
        policy = await make_policy(session, by_person_id=actor.person_id, area_id=area.id, draft=draft, now=now)
        return PolicyView.model_validate(policy)

    return await do(work)


@router.get("/covers/{code}/validity", operation_id="read_validity")
async def read_validity(
    code: Annotated[str, Path(max_length=30)], request: Request, here: Here, session: Reader, now: Now
) -> Validity:
    """Say whether the cover behind a certificate's code is valid now; of the people it says nothing."""
    await limit_lookups(here, request)
    return await validity(session, code=code, now=now)


@router.get("/insurer/policies", operation_id="list_insured_policies")
async def list_insured_policies(actor: Who, session: Reader) -> list[PolicyStanding]:
    """List the policies of one's own company, newest first."""
    return await policies_of_insurer(session, actor.insurer or "")


@router.get("/policies/{policy_id}", operation_id="read_policy")
async def read_policy(policy_id: Id, session: Reader) -> PolicyStanding:
    """Read a policy and how far its aggregates are used."""
    return await policy_standing(session, await policy_by_id(session, policy_id))


@router.post("/policies/{policy_id}/end", operation_id="end_policy")
async def end(policy_id: Id, order: PolicyEnd, actor: Who, do: Do, now: Now) -> PolicyEnding:
    """End a policy early. Bookings beyond that move to another policy, or are cancelled where none covers them."""
    return await do(
        lambda session: end_policy_early(session, by=actor, policy_id=policy_id, ends_at=order.ends_at, now=now)
    )


@router.get("/policies/{policy_id}/bordereaux", operation_id="list_bordereaux")
async def list_bordereaux(policy_id: Id, session: Reader) -> list[SentRow]:
    """List what was sent to the insurer about a policy, newest first."""
    return await bordereaux.sent_of_policy(session, policy_id)


@router.post("/policies/{policy_id}/bordereaux", status_code=status.HTTP_201_CREATED, operation_id="send_bordereau")
async def send_bordereau(policy_id: Id, order: BordereauOrder, actor: Who, do: Do, now: Now) -> SentBordereauView:
    """Send the insurer a month that is over: frozen from then on. The second time, only what has changed since."""
    month = date.fromisoformat(f"{order.month}-01")

    async def work(session: AsyncSession) -> SentBordereauView:
        sent = await bordereaux.send_bordereau(
            session, by=actor, policy_id=policy_id, kind=order.kind, month=month, now=now
        )
        return await bordereaux.sent_view(session, sent.id)

    return await do(work)


@router.get(
    "/bordereaux/{bordereau_id}",
    operation_id="read_sent_bordereau",
    response_model=SentBordereauView,
    responses=_FILES,
)
async def read_sent_bordereau(
    bordereau_id: Id, session: Reader, written: WrittenAs = None, accept: Accept = ""
) -> SentBordereauView | Response:
    """Read a bordereau exactly as it was sent, as JSON, CSV or a workbook."""
    sent = await bordereaux.sent_view(session, bordereau_id)
    name = f"bordereau-{sent.policy_number}-{sent.kind}-{sent.month}-{sent.number}"
    match _chosen(written, accept):
        case Format.CSV:
            return _csv(bordereaux.sent_as_csv(sent), name)
        case Format.XLSX:
            return _file(await asyncio.to_thread(bordereaux.sent_as_xlsx, sent), XLSX, f"{name}.xlsx")
    return sent


@router.get("/areas/{slug}/bordereaux", operation_id="list_bordereau_months")
async def list_bordereau_months(slug: str, here: Here, session: Reader, now: Now) -> list[MonthStanding]:
    """List the months of an area's policies that are over: what was sent of each, and what must be adjusted."""
    area = await area_by_slug(session, slug)
    return await months_of_area(session, area_id=area.id, drafts=here.drafts, now=now)


@router.get("/areas/{slug}/bordereau", operation_id="read_bordereau", response_model=Bordereau, responses=_FILES)
async def read_bordereau(
    slug: str,
    month: Annotated[str, Query(pattern=MONTH, examples=["2026-11"])],
    session: Reader,
    written: WrittenAs = None,
    accept: Accept = "",
) -> Bordereau | Response:
    """Read every cover of a month as it stands now, as JSON, CSV or a workbook; nothing is sent."""
    area = await area_by_slug(session, slug)
    first = date.fromisoformat(f"{month}-01")
    report = await bordereau(session, area_id=area.id, month=first, zone=ZoneInfo(area.timezone))
    name = f"bordereau-{area.slug}-{month}"
    match _chosen(written, accept):
        case Format.CSV:
            return _csv(as_csv(report), name)
        case Format.XLSX:
            return _file(await asyncio.to_thread(as_workbook, report), XLSX, f"{name}.xlsx")
    return report


def _chosen(written: Format | None, accept: str) -> Format:
    """Return what was asked for: the parameter goes before the header."""
    if written is not None:
        return written
    return Format.CSV if CSV in accept else Format.XLSX if XLSX in accept else Format.JSON


def _csv(text: str, name: str) -> Response:
    # With a byte-order mark: spreadsheets in Japan take a file without one for Shift JIS.
    return _file(text.encode("utf-8-sig"), CSV, f"{name}.csv")


def _file(content: bytes, media_type: str, name: str) -> Response:
    named = f"attachment; filename*=UTF-8''{quote(name)}" if not name.isascii() else f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": named})
