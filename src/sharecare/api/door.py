"""What every route of the API has in common."""

from fastapi import APIRouter, Depends

from sharecare.api.problems import PROBLEMS
from sharecare.deps import authorise

PREFIX = "/api/v1"


def api_router(tag: str, *, under: str = "") -> APIRouter:
    """Return a router whose routes are held to the policy table and answer problems as documents.

    Its routes are whole as they are: including it in another router would build each of them again.
    """
    return APIRouter(prefix=f"{PREFIX}{under}", tags=[tag], dependencies=[Depends(authorise)], responses=PROBLEMS)
