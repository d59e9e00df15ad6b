"""What the tests of the JSON door share: people without a password's price, bodies from the OpenAPI document."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from doors import Someone, Town
from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import SignUp
from sharecare.accounts.service import appoint_staff
from sharecare.accounts.tokens import AccessClaims, issue_access_token
from sharecare.messages.models import Message
from sharecare.registration.service import confirm_address, sign_up
from world import KEY, NOW, PASSWORD, PASSWORD_HASH, make_urawa, signed_in


def through_the_door(town: Town, actor: Actor) -> Someone:
    """Let a person of the world come in over HTTP."""
    claims = AccessClaims(actor.person_id, actor.sign_in_id)
    token = issue_access_token(claims, key=KEY, now=town.now, minutes=10)
    return Someone(town, {"access_token": token, "refresh_token": "none"})


async def a_neighbour(town: Town, name: str, *, area: str = "misono") -> Actor:
    """Make someone who asks for help and offers it."""
    draft = SignUp(
        email=f"{name.lower()}@example.jp",
        password=PASSWORD,
        name=name,
        area=area,
        is_supporter=True,
        birth_date=date(1988, 4, 12),
    )

    async def work(session: AsyncSession) -> Actor:
        await sign_up(session, draft=draft, password_hash=PASSWORD_HASH, now=town.now)
        person = (await session.exec(select(Person.id).where(Person.email == draft.email))).one()
        letter = (await session.exec(select(Message).where(Message.person_id == person))).one()
        await confirm_address(session, token=letter.facts["token"], now=town.now)
        return await signed_in(session, person, now=town.now)

    return await town.runtime.database.write(work)


async def another_town(town: Town) -> tuple[Actor, Actor]:
    """Make the town next door; return one of its people and its staff."""

    async def found(session: AsyncSession) -> int:
        area = await make_urawa(session, now=NOW)
        return area.id

    area_id = await town.runtime.database.write(found)
    person, clerk = [await a_neighbour(town, name, area="urawa") for name in ("Ursula", "Ulrich")]

    async def appoint(session: AsyncSession) -> Actor:
        await appoint_staff(session, email="ulrich@example.jp", area_id=area_id, now=NOW)
        return await signed_in(session, clerk.person_id, now=NOW)

    return person, await town.runtime.database.write(appoint)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the OpenAPI document."""

    name: str
    method: str
    path: str
    document: dict[str, Any] = field(repr=False)

    @property
    def body(self) -> object:
        """Return the least valid body, or None."""
        content = self.documented.get("requestBody", {}).get("content", {})
        return self._least(content["application/json"]["schema"]) if "application/json" in content else None

    @property
    def query(self) -> dict[str, Any]:
        """Return the required parameters of the query."""
        wanted = [one for one in self.documented.get("parameters", []) if one["in"] == "query" and one.get("required")]
        return {one["name"]: self._least({"examples": one.get("examples"), **one["schema"]}) for one in wanted}

    @property
    def responses(self) -> dict[str, Any]:
        """Return the documented responses by status."""
        found: dict[str, Any] = self.documented["responses"]
        return found

    @property
    def summary(self) -> str | None:
        """Return what it says of itself."""
        return self.documented.get("summary")

    @property
    def documented(self) -> dict[str, Any]:
        """Return what the document says of it."""
        found: dict[str, Any] = self.document["paths"][self.path][self.method.lower()]
        return found

    def _least(self, schema: dict[str, Any]) -> Any:  # noqa: ANN401, PLR0911  -- any JSON value, one line each
        if "$ref" in schema:
            return self._least(self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        if schema.get("examples"):
            return schema["examples"][0]
        for key in ("anyOf", "allOf", "oneOf"):
            if key in schema:
                return self._least(schema[key][0])
        if "enum" in schema or "const" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        match schema.get("type"):
            case "object":
                wanted = schema.get("required", ())
                return {name: self._least(schema["properties"][name]) for name in wanted}
            case "array":
                return [self._least(schema["items"])] * schema.get("minItems", 0)
            case "integer" | "number":
                return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            case "boolean":
                return False
        texts = {"date": "2026-06-30", "date-time": "2026-06-02T18:30:00+09:00"}
        return texts.get(schema.get("format", ""), "x" * schema.get("minLength", 4))


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """List the operations of an OpenAPI document."""
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            yield Operation(one["operationId"], method.upper(), path, document)
