"""What routes ask for: who is asking, a session, a command, the caught-up index, the time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from fastapi.encoders import jsonable_encoder
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.accounts.tokens import NotSignedIn, read_access_token
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.clock import Clock
from sharecare.config import Settings
from sharecare.db import Database
from sharecare.errors import NotFound, Refusal
from sharecare.idempotency import IdempotencyKey, answer_in, claim_key, fingerprint_of, give_up, keep_answer
from sharecare.incidents.drafts import Drafts
from sharecare.matching.feed import LiveIndex
from sharecare.messages.mail import Email
from sharecare.messages.outbox import Channel
from sharecare.observe import Measures
from sharecare.policy import POLICY, NotForYourRole, Relation, Role, Rule, Thing
from sharecare.relations import Asker, asker_of, relations_to
from sharecare.replication import mark
from sharecare.tiles import Tiles

T = TypeVar("T")


@dataclass(slots=True)
class Runtime:
    """What one server process holds."""

    settings: Settings
    database: Database
    index: LiveIndex
    clock: Clock
    measures: Measures = field(default_factory=Measures)
    shows_demo: bool = False
    channels: Sequence[Channel] = field(init=False)
    tries: RateLimitItem = field(init=False)
    limiter: MovingWindowRateLimiter = field(init=False)
    tiles: Tiles = field(init=False)
    drafts: Drafts = field(default_factory=Drafts)

    def __post_init__(self) -> None:
        self.channels = _channels(self.settings)
        self.tries = parse(self.settings.sign_in_attempts)
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
        self.tiles = Tiles(self.settings.tile_url)


def _channels(settings: Settings) -> Sequence[Channel]:
    if settings.smtp_url is None:
        return ()
    mail = Email(settings.smtp_url.get_secret_value(), sender=settings.mail_from, public_url=settings.public_url)
    return (mail,)


class Replayed(Exception):  # noqa: N818  -- not an error: the first answer, given again
    """The idempotency key has answered this command before."""

    def __init__(self, status: int, body: Any) -> None:  # noqa: ANN401  -- any JSON
        self.status = status
        self.body = body


# Of what a route asks for, each part asks for as few others as it can: FastAPI goes through all of them and theirs, for
# every request, and when it builds the route.


async def runtime_of(request: Request) -> Runtime:
    """Return the process's runtime."""
    held: Runtime = request.app.state.runtime
    return held


Here = Annotated[Runtime, Depends(runtime_of)]


async def present(request: Request) -> datetime:
    """Return the door's time, one throughout a request; nothing below reads a clock."""
    if not hasattr(request.state, "now"):
        request.state.now = request.app.state.runtime.clock()
    now: datetime = request.state.now
    return now


Now = Annotated[datetime, Depends(present)]


async def _read_session(request: Request) -> AsyncIterator[AsyncSession]:
    here = await runtime_of(request)
    async with here.database.read() as session:
        yield session


Reader = Annotated[AsyncSession, Depends(_read_session, scope="function")]
Bearer = Annotated[
    HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False, description="An access token."))
]


async def authorise(request: Request, session: Reader, bearer: Bearer) -> Asker | None:
    """Let a request through by the policy table; every route of the API depends on this.

    Raises:
        NotSignedIn: the action needs a sign-in, and none that is valid came.
        NotForYourRole: the person lacks the role.
        NotFound: the person is nothing to the object, or there is no such object.

    """
    rule = POLICY[request.scope["route"].operation_id]
    if not rule.roles:
        return None
    if bearer is None:
        raise NotSignedIn
    here, now = await runtime_of(request), await present(request)
    claims = read_access_token(bearer.credentials, key=here.settings.signing_key, now=now)
    key = str(request.path_params[rule.thing]) if rule.thing else ""
    asker = await asker_of(session, claims, rule.thing, key, now=now, position=here.index.looks_from)
    _hold(rule, asker.actor, asker.relations)
    return asker


async def check(session: AsyncSession, rule: Rule, actor: Actor, path_params: dict[str, str]) -> None:
    """Hold an actor to a rule, as pages do.

    Raises:
        NotForYourRole: the person lacks the role.
        NotFound: the person is nothing to the object, or there is no such object.

    """
    held = await relations_to(session, rule.thing, str(path_params[rule.thing]), actor) if rule.thing else frozenset()
    _hold(rule, actor, held)
    for_staff = rule.thing is not Thing.AREA and Relation.AREA_STAFF in rule.relations
    slug = path_params.get(Thing.AREA) if for_staff else None
    # A staff page is no door for the sides of a care, and what it lists around the thing is of the area it names.
    if slug is not None and Relation.AREA_STAFF not in held & await relations_to(session, Thing.AREA, slug, actor):
        raise NotFound


def _hold(rule: Rule, actor: Actor, relations: frozenset[Relation]) -> None:
    if not rule.roles & _roles_of(actor):
        raise NotForYourRole
    if rule.thing is not None and not relations & rule.relations:
        raise NotFound


def _roles_of(actor: Actor) -> frozenset[Role]:
    if actor.insurer is not None:
        return frozenset({Role.INSURER})
    roles = {Role.ANYONE}
    roles |= {Role.REQUESTER} if actor.is_requester else set()
    roles |= {Role.SUPPORTER} if actor.is_supporter else set()
    roles |= {Role.STAFF} if actor.staff_of else set()
    return frozenset(roles)


Asking = Annotated[Asker | None, Depends(authorise)]


async def _signed_in(asker: Asking) -> Actor:
    if asker is None:
        raise NotSignedIn
    return asker.actor


Who = Annotated[Actor, Depends(_signed_in)]


class Command:
    """One write transaction, and with an `Idempotency-Key` one outcome for ever."""

    def __init__(
        self, here: Runtime, reader: AsyncSession, request: Request, person_id: int, key: str | None, body: bytes
    ) -> None:
        self._here = here
        self._reader = reader
        self._request = request
        self._person_id = person_id
        self._key = key
        self._body = body

    async def __call__(self, verb: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run a verb and commit; the response leaves afterwards.

        Raises:
            Replayed: the key answered this command before.

        """
        # One connection at a time: on PostgreSQL both come from one pool, and commands that each held one while they
        # waited for a second would wait for one another.
        await self._reader.close()
        if self._key is None:
            return await self._here.database.write(verb)
        done = await self._here.database.write(lambda session: self._once(session, verb, self._key or ""))
        if isinstance(done, Replayed):
            raise done
        return done

    async def _once(
        self, session: AsyncSession, verb: Callable[[AsyncSession], Awaitable[T]], key: str
    ) -> "T | Replayed":
        url = self._request.url
        secret = self._here.settings.signing_key
        fingerprint = fingerprint_of(self._request.method, f"{url.path}?{url.query}", self._body, key=secret)
        status = self._request.scope["route"].status_code or 200
        claim = IdempotencyKey(
            person_id=self._person_id, key=key, fingerprint=fingerprint, status=status, used_at=self._here.clock()
        )
        if (first := await claim_key(session, claim)) is not None:
            # The first commit may have been given up before its standby had it: this one waits for both.
            await mark(session)
            return Replayed(first.status, answer_in(first, key=secret))
        try:
            done = await verb(session)
        except Refusal as refusal:
            if refusal.keeps_writes:
                await give_up(session, claim)  # the writes stay, but a refusal is no answer to give again
            raise
        await keep_answer(session, claim, _kept(jsonable_encoder(done)), key=secret)
        return done


def _kept(body: Any) -> Any:  # noqa: ANN401  -- any JSON
    """Leave out what closes with time: a replay must not show an address that may no longer be seen."""
    return {**body, "details": None} if isinstance(body, dict) and "details" in body else body


async def _command(
    request: Request,
    reader: Reader,
    asker: Asking,
    idempotency_key: Annotated[
        str | None,
        Header(min_length=8, max_length=100, description="Repeat a command with the same key to get its first answer."),
    ] = None,
) -> Command:
    key = idempotency_key if asker is not None and request.method != "GET" else None
    body = await request.body() if key else b""
    person_id = asker.actor.person_id if asker else 0
    return Command(await runtime_of(request), reader, request, person_id, key, body)


Do = Annotated[Command, Depends(_command)]


async def caught_up(request: Request, asker: Asking, session: Reader) -> LiveIndex:
    """Return the index as of every change committed before this request."""
    here, now = await runtime_of(request), await present(request)
    if asker is None or not here.index.is_caught_up(asker.beyond, now=now):
        await here.index.catch_up(session, now=now)
    return here.index


Index = Annotated[LiveIndex, Depends(caught_up)]


def language_of(request: Request) -> str:
    """Return `en` where the client asks for English first, else `ja`."""
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "ja"


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Runtime]:
    """Open what a process needs, and close it."""
    database = Database(settings.url, pool_size=settings.database_pool)
    measures = Measures()
    index = LiveIndex(busy_periods, stream_busy, timed=measures.ranking)
    held = Runtime(settings=settings, database=database, index=index, clock=clock, measures=measures)
    try:
        yield held
    finally:
        await held.tiles.close()
        await database.close()
