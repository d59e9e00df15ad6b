"""Where one person was asked by name, the family asks others too with one button, whatever the answer."""

from http import HTTPStatus

from playwright.async_api import expect

from care.steps import ask, asks_of
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Circle
from sharecare.care.models import CareRequest
from web.browsing import SMALL, Windows, findings, follow, look_again, overflow
from world import Family


async def asked_by_name(windows: Windows, **changes: object) -> tuple[Family, Actor, Actor, CareRequest]:
    """Ask Bob by name, beside whom Dora could help too."""
    world = windows.site.world
    family = await world.family("Alice")
    bob, dora = [await world.supporter(name) for name in ("Bob", "Dora")]
    for one in (bob, dora):
        await world.befriend(family.actor, one)
    return family, bob, dora, await ask(world, family, named_supporter_id=bob.person_id, **changes)


async def test_when_the_one_asked_cannot_others_are_asked_with_one_button(windows: Windows) -> None:
    family, bob, dora, request = await asked_by_name(windows)
    parent, helper = await windows.open(family.actor, size=SMALL), await windows.open(bob)
    await parent.goto(f"/requests/{request.id}")
    assert "Bobさんからの返事は、まだありません" in await parent.locator("main").inner_text()
    await helper.goto(f"/requests/{request.id}")
    await follow(helper.get_by_role("button", name="今回は難しい"))
    await look_again(parent)
    await expect(parent.get_by_text("Bobさんは、今回は難しいそうです。")).to_be_visible()
    assert await findings(parent) == []
    assert await overflow(parent) == 0

    await follow(parent.get_by_role("button", name="ほかの方にも声をかける"))

    assert "ほかの方にも声をかけはじめました" in await parent.get_by_role("status").inner_text()
    assert await parent.get_by_role("button", name="ほかの方にも声をかける").count() == 0
    assert await findings(parent) == []
    asked = await asks_of(windows.site.world, request)
    assert [(who, state) for who, state, _ in asked] == [(bob.person_id, "declined"), (dora.person_id, "open")]


async def test_two_guardians_who_press_at_once_widen_it_once(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.CONFLICT)
    family, _, _, request = await asked_by_name(windows, reach=Circle.FRIENDS)
    one = await windows.open(family.actor, language="en", dark=True, scripts=False)
    other = await windows.open(family.actor, language="en", scripts=False)
    for page in (one, other):
        await page.goto(f"/requests/{request.id}")
    assert "Your other friends are asked." in await one.locator("[aria-labelledby=widen]").inner_text()
    await follow(one.get_by_role("button", name="Ask others, too"))

    await follow(other.get_by_role("button", name="Ask others, too"))

    assert "This can't be done now" in await other.get_by_role("alert").inner_text()
    assert len(await asks_of(windows.site.world, request)) == 2
