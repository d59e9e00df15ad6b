"""The product over HTTP, in process, with a clock that the test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import col, select

from conftest import Staged
from sharecare.accounts.models import Person
from sharecare.app import create_app
from sharecare.config import Settings
from sharecare.deps import Runtime
from sharecare.messages.models import Message
from sharecare.worker import run_round
from world import KEY, PASSWORD, World, make_world


@dataclass(slots=True)
class Town:
    """A running product: its clock, its world, and who is signed in."""

    app: FastAPI
    http: httpx.AsyncClient
    runtime: Runtime
    world: World
    seen: list[httpx.Response] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.world.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.world.now = moment

    async def sign_up(self, name: str, **changes: object) -> "Someone":
        """Sign up over HTTP, confirm by the token from the message, sign in."""
        email = f"{name.lower()}@example.jp"
        draft = {"email": email, "password": PASSWORD, "name": name, "area": "misono", "birth_date": "1988-04-12"}
        answer = await self.http.post("/api/v1/accounts", json={**draft, **changes})
        assert answer.status_code == 202, answer.text
        token = await self.letter_to(email, "token")
        confirmed = await self.http.post("/api/v1/accounts/confirm", json={"token": token})
        assert confirmed.status_code == 204, confirmed.text
        return await self.sign_in(email)

    async def sign_in(self, email: str, password: str = PASSWORD) -> "Someone":
        """Sign in over HTTP."""
        answer = await self.http.post("/api/v1/token", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return Someone(self, answer.json())

    def client_at(self, address: str) -> httpx.AsyncClient:
        """Give a client that calls from an address."""
        transport = httpx.ASGITransport(app=self.app, client=(address, 4711))
        return httpx.AsyncClient(transport=transport, base_url="http://testserver")

    async def letter_to(self, email: str, fact: str) -> str:
        """Read a fact from the latest message to an address."""
        async with self.runtime.database.read() as session:
            letters = select(Message).join(Person, col(Person.id) == col(Message.person_id))
            latest = letters.where(Person.email == email).order_by(col(Message.id).desc())
            message = (await session.exec(latest)).first()
        assert message is not None
        return str(message.facts[fact])

    async def round(self) -> None:
        """Let the worker do what is due."""
        await run_round(self.runtime)


@dataclass(slots=True)
class Someone:
    """A signed-in person and what every answer to them held."""

    town: Town
    tokens: dict[str, str]

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send one request, with the next access token where this one has run out; keep the answer."""
        answer = await self._sent(method, path, headers or {}, json, content)
        if answer.status_code == 401 and await self._renewed():
            answer = await self._sent(method, path, headers or {}, json, content)
        self.town.seen.append(answer)
        return answer

    async def _sent(
        self, method: str, path: str, headers: dict[str, str], json: object, content: bytes | None
    ) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return await self.town.http.request(
            method, f"/api/v1{path}", headers=bearer | headers, json=json, content=content
        )

    async def _renewed(self) -> bool:
        secret = {"refresh_token": self.tokens["refresh_token"]}
        fresh = await self.town.http.post("/api/v1/token/refresh", json=secret)
        if fresh.is_success:
            self.tokens = fresh.json()
        return fresh.is_success

    async def get(self, path: str) -> httpx.Response:
        """Read."""
        return await self.ask("GET", path)

    async def post(self, path: str, body: object = None, *, headers: dict[str, str] | None = None) -> httpx.Response:
        """Do."""
        return await self.ask("POST", path, json={} if body is None else body, headers=headers)

    async def put(self, path: str, body: object) -> httpx.Response:
        """Replace."""
        return await self.ask("PUT", path, json=body)


@asynccontextmanager
async def open_town(staged: Staged, *, trusted_proxies: str = "") -> AsyncIterator[Town]:
    """Serve a small insured town from a fresh database."""
    world = await staged(make_world)
    settings = Settings(
        database_url=world.database.url.render_as_string(hide_password=False),
        secret_key=SecretStr(KEY.decode()),
        sign_in_attempts="1000/minute",
        trusted_proxies=trusted_proxies,
    )
    app = create_app(settings, clock=lambda: world.now)
    async with app.router.lifespan_context(app):
        runtime: Runtime = app.state.runtime
        world.database, world.index = runtime.database, runtime.index
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            yield Town(app, http, runtime, world)


@pytest.fixture
async def town(staged: Staged) -> AsyncIterator[Town]:
    async with open_town(staged) as opened:
        yield opened
