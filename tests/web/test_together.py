"""Children of several families with one supporter: chosen by the family, told to all who are concerned."""

import pytest

from care.steps import ask, cover_several_families, offer, row
from sharecare.areas.rules import CareKind
from sharecare.care.models import CareRequest
from web.browsing import SMALL, Windows, clean, follow

MAY_JOIN = "ほかのご家庭の子と一緒でもよい"


@pytest.mark.parametrize("covered", [True, False])
async def test_the_choice_is_there_where_the_policy_covers_it_and_the_place_fits(
    windows: Windows,
    covered: bool,
) -> None:
    world = windows.site.world
    if covered:
        await cover_several_families(world)
    page = await windows.open((await world.family("Alice")).actor, size=SMALL)
    await page.goto("/ask")
    choice = page.locator(".pick", has_text=MAY_JOIN)

    shown = []
    for kind in ("うちで預かり", "相手の家で預かり"):
        await page.locator(".pick", has_text=kind).click()
        shown.append(await choice.is_visible())

    assert shown == [False, covered]
    await clean(page)


async def test_two_families_ask_one_supporter_and_all_three_know(windows: Windows) -> None:
    world = windows.site.world
    await cover_several_families(world)
    bob = await world.supporter("Bob", capacity=3)
    alice, carol = [await world.family(name, children=number) for name, number in (("Alice", 1), ("Carol", 2))]
    for one in (alice, carol):
        await world.befriend(one.actor, bob)
    facts = {"kind": CareKind.OWN_HOME, "with_others": True, "named_supporter_id": bob.person_id}
    first = await ask(world, alice, **facts)
    await offer(world, bob, first)
    parent, other, helper = [await windows.open(one, size=SMALL) for one in (alice.actor, carol.actor, bob)]
    await parent.goto("/supports")
    await follow(parent.locator("a.line").first)
    assert "いまのところ、予定はありません" in await parent.locator("[aria-labelledby=together]").inner_text()

    await other.goto(f"/ask?named={bob.person_id}")
    for chosen in ("明日", "17:00", "2時間", "相手の家で預かり", MAY_JOIN):
        await other.locator(".pick", has_text=chosen).first.click()
    for child in await other.locator("input[name=children]").all():
        await child.check()
    await clean(other)
    await follow(other.get_by_role("button", name="Bobさんにお願いする"))
    assert "ほかの子と一緒でもよい" in await other.locator("main").inner_text()
    assert (await row(world, CareRequest, first.id + 1)).with_others

    await helper.goto("/asks")
    assert "決まっている預かりと一緒になります" in await helper.locator("main").inner_text()
    await clean(helper)
    await follow(helper.get_by_role("button", name="手をあげる"))
    assert "ほかのご家庭のお子さん1人も" in await helper.locator("[aria-labelledby=together]").inner_text()
    await clean(helper)
    await follow(helper.locator("[aria-labelledby=together] a.line"))
    assert "依頼: Aliceさん" in await helper.locator("main").inner_text()
    await parent.reload()
    told = await parent.locator("[aria-labelledby=together]").inner_text()
    assert "ほかのご家庭のお子さん2人と" in told
    assert "Carol" not in await parent.locator("main").inner_text()
    await clean(parent)
