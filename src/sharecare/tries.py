"""How often something may be tried: from one address, at one account, with one code."""

from ipaddress import IPv4Address, ip_address, ip_network

from fastapi import Request
from limits import parse

from sharecare.deps import Runtime
from sharecare.errors import Refusal

LOOKUPS = parse("60/minute")  # a nursery scans the certificates of a whole group at its door


class TooManyTries(Refusal):
    """A limit on guessing was reached."""

    status = 429
    ja = "試行回数が多すぎます。{seconds}秒ほど待ってから、もう一度お試しください。"
    en = "Too many attempts. Wait about {seconds} seconds and try again."


async def limit_tries(here: Runtime, request: Request, email: str) -> None:
    """Count one attempt from an address, and from it on one account.

    Whoever sits at another address is not locked out by it: the account's own budget is ten times as large.

    Raises:
        TooManyTries: one of the three has had too many; then none is counted further.

    """
    network, account = _network_of(request), email.casefold()
    wide = type(here.tries)(here.tries.amount * 10, here.tries.multiples)
    limits = (
        (here.tries, "network", network),
        (here.tries, "pair", f"{account} {network}"),
        (wide, "account", account),
    )
    for item, kind, who in limits:
        if not await here.limiter.test(item, kind, who):
            window = await here.limiter.get_window_stats(item, kind, who)
            raise TooManyTries(seconds=max(1, int(window.reset_time - here.clock().timestamp()) + 1))
    for item, kind, who in limits:
        await here.limiter.hit(item, kind, who)


async def limit_network(here: Runtime, request: Request) -> None:
    """Count one attempt at something that takes no account, from where it comes.

    Raises:
        TooManyTries: there were too many.

    """
    await limit_tries(here, request, f"anyone at {_network_of(request)}")


async def limit_lookups(here: Runtime, request: Request) -> None:
    """Count one look at something that takes no account but a code, from where it comes.

    Raises:
        TooManyTries: there were too many.

    """
    network = _network_of(request)
    if not await here.limiter.hit(LOOKUPS, "lookup", network):
        window = await here.limiter.get_window_stats(LOOKUPS, "lookup", network)
        raise TooManyTries(seconds=max(1, int(window.reset_time - here.clock().timestamp()) + 1))


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
