"""What the code on a certificate of cover opens to whoever scans it: whether it is valid, and nothing about anyone."""

from fastapi.responses import Response

from sharecare.insurance.queries import validity
from sharecare.tries import limit_lookups
from sharecare.web.browser import page_router
from sharecare.web.page import Looking

router = page_router()


@router.get("/c/{code}", operation_id="read_validity")
async def check_certificate(look: Looking, code: str) -> Response:
    """Say whether the cover is valid now."""
    await limit_lookups(look.here, look.request)
    return await look.show("cover.html", found=await validity(look.session, code=code, now=look.now))
