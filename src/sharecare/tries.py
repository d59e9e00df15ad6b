"""How often something may be tried: from one address, at one account, with one code."""

from http import HTTPStatus
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil

from fastapi import Request
from limits import RateLimitItem, parse

from sharecare.deps import Runtime
from sharecare.errors import Refusal

LOOKUPS = parse("60/minute")  # a nursery scans the certificates of a whole group at its door


class TooManyTries(Refusal):
    """A limit on guessing was reached."""

    status = 429
    ja = "試行回数が多すぎます。{minutes}分ほど待ってから、もう一度お試しください。"
    en = "Too many attempts. Wait about {minutes} min and try again."

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds, minutes=ceil(seconds / 60))


def retry_after(refusal: Refusal) -> dict[str, str]:
    """Return the header that says when to try again, where a refusal passes with time (RFC 9110, 10.2.3)."""
    if isinstance(refusal, TooManyTries):
        return {"Retry-After": str(refusal.facts["seconds"])}
    return {"Retry-After": "2"} if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE else {}


async def limit_tries(here: Runtime, request: Request, email: str) -> None:
    """Count one attempt from an address on one account.

    Ten times as many are allowed on the account, so that whoever sits elsewhere is not locked out by it, and from the
    address: at a meet-up twenty people join by one Wi-Fi.

    Raises:
        TooManyTries: one of the three has had too many; then none is counted further.

    """
    network, account, wide = _network_of(request), email.casefold(), _wide(here)
    await _count(
        here, (wide, "network", network), (here.tries, "pair", f"{account} {network}"), (wide, "account", account)
    )


async def limit_network(here: Runtime, request: Request) -> None:
    """Count one attempt at something that takes no account, from where it comes.

    Raises:
        TooManyTries: there were too many.

    """
    await _count(here, (_wide(here), "network", _network_of(request)))


async def limit_lookups(here: Runtime, request: Request) -> None:
    """Count one look at something that takes no account but a code, from where it comes.

    Raises:
        TooManyTries: there were too many.

    """
    network = _network_of(request)
    if not await here.limiter.hit(LOOKUPS, "lookup", network):
        raise await _too_many(here, LOOKUPS, "lookup", network)


def _wide(here: Runtime) -> RateLimitItem:
    return type(here.tries)(here.tries.amount * 10, here.tries.multiples)


async def _count(here: Runtime, *limits: tuple[RateLimitItem, str, str]) -> None:
    for limit in limits:
        if not await here.limiter.test(*limit):
            raise await _too_many(here, *limit)
    for limit in limits:
        await here.limiter.hit(*limit)


async def _too_many(here: Runtime, item: RateLimitItem, kind: str, who: str) -> TooManyTries:
    window = await here.limiter.get_window_stats(item, kind, who)
    return TooManyTries(seconds=max(1, int(window.reset_time - here.clock().timestamp()) + 1))


def _network_of(request: Request) -> str:
    """Return the address a request comes from; of IPv6 the /64 that one household holds.

    A proxy that listens to both at once writes IPv4 inside IPv6 (`::ffff:…`), and the /64 of that is everybody.
    """
    host = request.client.host if request.client else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return host
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
