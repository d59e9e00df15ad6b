"""Whatever people wrote stands on the pages as they wrote it: nothing of it becomes part of one, and nothing runs."""

from typing import Any

import pytest
from playwright.async_api import Page
from sqlalchemy import JSON, Table, inspect, text, update
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from web.browsing import Windows, follow
from web.test_every_page import a_lived_in_town
from world import World

EVIL = """'"><b data-evil onclick="a()">&amp;</b><script>document.title = "taken"</script><img src=x onerror="a()">"""
# What the columns, and the keys in JSON, are called that hold what somebody wrote.
WRITTEN = {
    *("name", "name_ja", "name_en", "allergies", "notes", "note", "relation", "address", "state_reason", "evidence"),
    *("reason", "reason_ja", "reason_en", "device", "introduction", "place", "to_place", "close_reason", "text"),
    *("explanation", "what", "injury", "damage", "third_party", "conclusion", "subject", "body", "refuge", "doctor"),
    *("costs", "witnesses", "who", "prefecture", "city", "town", "insurer", "child", "children_names", "title"),
}
PAGES = {
    "parent": (
        *("/home", "/ask", "/requests", "/requests/{request_id}", "/supports", "/bookings/{booking_id}", "/messages"),
        *("/bookings/{booking_id}/sheet", "/bookings/{booking_id}/incidents", "/series/{series_id}", "/me", "/me/home"),
        *("/me/profile", "/me/children", "/me/children/{child_id}", "/me/contacts", "/me/family", "/me/devices"),
        *("/me/privacy", "/neighbours", "/neighbours/communities", "/neighbours/communities/{community_id}"),
    ),
    "supporter": (
        *("/home", "/asks", "/requests/{request_id}", "/bookings/{booking_id}", "/bookings/{booking_id}/sheet"),
        *("/bookings/{booking_id}/incidents", "/supporter", "/supporter/profile", "/supporter/credentials", "/hours"),
        *("/supporter/year", "/supports", "/supports/calendar", "/messages"),
    ),
    "staff": (
        *(f"/staff/misono{page}" for page in ("", "/to-do", "/registrations", "/papers", "/incidents")),
        *(f"/staff/misono/{page}" for page in ("claims", "bordereaux", "policies", "goals", "settings", "plan")),
        *("/staff/misono/bookings/{booking_id}", "/claims/1", "/policies/{policy_id}"),
    ),
    "insurer": ("/insurer", "/policies/{policy_id}", "/claims/1"),
    "nobody": ("/", "/sign-up", "/c/{code}"),
}


def _spoilt(value: Any, *, by_name: str = "") -> Any:  # noqa: ANN401  -- any JSON
    if isinstance(value, dict):
        return {name: _spoilt(one, by_name=name) for name, one in value.items()}
    if isinstance(value, list):
        return [_spoilt(one, by_name=by_name) for one in value]
    return EVIL if isinstance(value, str) and by_name in WRITTEN else value


async def _spoil(world: World) -> None:
    """Let everything that anybody wrote be an attack, wherever the database keeps it."""

    async def work(session: AsyncSession) -> None:
        connection = await session.connection()
        triggers = await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for trigger in triggers.scalars().all():  # ledgers refuse to be rewritten
            await connection.execute(text(f'DROP TRIGGER "{trigger}"'))
        for table in SQLModel.metadata.sorted_tables:
            written = [one.name for one in table.columns if one.name in WRITTEN and not isinstance(one.type, JSON)]
            if written:
                await connection.execute(update(table).values(dict.fromkeys(written, EVIL)))
            await _spoil_json(session, table)

    await world.database.write(work)


async def _spoil_json(session: AsyncSession, table: Table) -> None:
    columns = [one for one in table.columns if isinstance(one.type, JSON)]
    keys = list(inspect(table).primary_key)
    connection = await session.connection()
    for row in (await connection.execute(table.select())).mappings().all() if columns else ():
        values = {one.name: _spoilt(row[one.name], by_name=one.name) for one in columns}
        here = [key == row[key.name] for key in keys]
        await connection.execute(update(table).where(*here).values(values))


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)  # a page looks the same on every database
async def test_what_people_wrote_stays_text_on_every_page(windows: Windows) -> None:
    people, names = await a_lived_in_town(windows.site.world)
    await _spoil(windows.site.world)

    shown, broken = 0, []
    for who, addresses in PAGES.items():
        page = await windows.open(people.get(who))
        for address in addresses:
            answer = await page.goto(address.format(**names))
            shown += "data-evil" in await page.locator("main").inner_text()
            if answer is None or not answer.ok or await _is_taken(page):
                broken.append((who, address, answer and answer.status))
        if who == "staff":  # the file of an incident is opened with a reason
            await page.goto("/staff/misono/incidents")
            await page.locator("summary").first.click()
            await page.locator("[name=reason]").first.fill("確認のため")
            await follow(page.locator("li form button").first)
            assert "data-evil" in await page.locator("main").inner_text()
            assert not await _is_taken(page)

    assert broken == []
    assert shown > len(PAGES["parent"])  # the attack was there to be seen


async def _is_taken(page: Page) -> bool:
    return await page.title() == "taken" or bool(await page.locator("[data-evil], main img[src=x]").count())
