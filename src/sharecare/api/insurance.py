"""Policies and the bordereau: for an area's staff."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Header, Path, Query, Request, Response, status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.deps import Do, Here, Now, Reader, Who, limit_lookups
from sharecare.insurance.bordereau import as_csv, bordereau
from sharecare.insurance.queries import policies_of, validity
from sharecare.insurance.schemas import Bordereau, PolicyDraft, PolicyView, Validity
from sharecare.insurance.service import make_policy

router = APIRouter(tags=["insurance"])

CSV = "text/csv"


class Format(StrEnum):
    """How a bordereau is written."""

    JSON = "json"
    CSV = "csv"


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


@router.get(
    "/areas/{slug}/bordereau",
    operation_id="read_bordereau",
    response_model=Bordereau,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
async def read_bordereau(
    slug: str,
    month: Annotated[str, Query(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$", examples=["2026-11"])],
    session: Reader,
    written: Annotated[Format | None, Query(alias="format", description="Goes before the `Accept` header.")] = None,
    accept: Annotated[str, Header()] = "",
) -> Bordereau | Response:
    """Read every cover of a month as the insurer needs it, as JSON or as CSV for a spreadsheet."""
    area = await area_by_slug(session, slug)
    first = date.fromisoformat(f"{month}-01")
    report = await bordereau(session, area_id=area.id, month=first, zone=ZoneInfo(area.timezone))
    if written is Format.JSON or (written is None and CSV not in accept):
        return report
    # With a byte-order mark: spreadsheets in Japan take a file without one for Shift JIS.
    return Response(
        as_csv(report).encode("utf-8-sig"),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="bordereau-{area.slug}-{month}.csv"'},
    )
