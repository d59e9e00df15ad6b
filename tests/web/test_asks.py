"""What a supporter is asked: why, how far, when; yes or "can't this time", and nobody else's."""

from datetime import timedelta
from http import HTTPStatus

from care.steps import ask, offer
from sharecare.accounts.schemas import ProfileChange
from sharecare.accounts.service import change_profile
from sharecare.availability.service import set_weekly_hours
from sharecare.trust.blocks import block
from web.browsing import SMALL, Windows, findings, follow, overflow

INJECTED = '<script>alert("x")</script>'


async def test_an_ask_says_why_and_is_answered_by_one_button(windows: Windows) -> None:
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    renamed = ProfileChange(name=INJECTED)
    await world.do(lambda s: change_profile(s, by=alice.actor, change=renamed, identified=False, now=world.now))
    await ask(world, alice)
    await ask(world, alice, start_at=world.now + timedelta(days=2), end_at=world.now + timedelta(days=2, hours=1))
    page = await windows.open(bob, size=SMALL)
    await page.goto("/asks")

    cards = page.locator(".cards > li")
    assert await cards.count() == 2
    said = await cards.first.inner_text()
    for part in (
        "6月2日(火) 17:00〜19:00",
        "4歳",
        "相手の家で預かる",
        "約200m",
        INJECTED,
        "シェア友",
        "はじめから終わりまでできます",
        "1,200円",
    ):
        assert part in said
    assert await findings(page) == []
    assert await overflow(page) == 0

    await follow(cards.first.get_by_role("button", name="手をあげる"))
    assert page.url.endswith("/asks?done=offered")
    await follow(page.locator(".cards > li").first.get_by_role("button", name="今回は難しい"))
    assert "またの機会に" in await page.get_by_role("status").inner_text()
    await follow(page.get_by_role("button", name="取り下げる"))
    await follow(page.get_by_role("button", name="やっぱり手をあげる").first)

    assert await page.get_by_text("手をあげたお願い(相手の返事待ち)").count() == 1


async def test_a_direct_ask_is_booked_at_once(windows: Windows) -> None:
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    await ask(world, alice, named_supporter_id=bob.person_id)
    page = await windows.open(bob, language="en", dark=True, scripts=False)
    windows.expected.add(HTTPStatus.NOT_FOUND)
    await page.goto("/asks")
    assert "to you by name" in await page.locator(".cards").inner_text()

    await follow(page.get_by_role("button", name="I can help"))
    await page.goto("/asks")

    assert "Nothing is waiting for you" in await page.locator("main").inner_text()
    assert "you were chosen" in await page.locator("section", has_text="Booked").inner_text()
    assert await page.get_by_role("heading", name="Earlier requests").count() == 0
    world.now += timedelta(days=2)
    await page.reload()
    assert "you were chosen" in await page.locator("section", has_text="Earlier requests").inner_text()


async def test_what_changed_since_is_told(windows: Windows) -> None:
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    await ask(world, alice)
    await world.do(lambda s: set_weekly_hours(s, by=bob, weekly=[], now=world.now))
    page = await windows.open(bob, language="en", dark=True)
    await page.goto("/asks")
    assert "no longer fits" in await page.locator(".cards").inner_text()
    assert await findings(page) == []
    await world.do(lambda s: block(s, by=bob, person_id=alice.actor.person_id, now=world.now))

    await page.goto("/asks")

    assert await page.locator(".cards").count() == 0, "across a block a request looks taken"


async def test_a_stranger_can_answer_nothing(windows: Windows) -> None:
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    request = await ask(world, alice)
    await offer(world, bob, request)
    charlie = await world.supporter("Charlie")
    page = await windows.open(charlie)
    windows.expected |= {HTTPStatus.NOT_FOUND}
    await page.goto("/asks")
    assert await page.locator(".cards").count() == 0

    async def tried(path: str) -> int:
        async with page.expect_navigation() as went:
            await page.evaluate(
                "path => { const form = document.querySelector('form'); form.action = path; form.submit(); }", path
            )
        answer = await went.value
        assert answer is not None
        return answer.status

    for path in (f"/asks/requests/{request.id}/offer", "/asks/1/decline", "/asks/offers/1/withdraw"):
        assert await tried(path) == HTTPStatus.NOT_FOUND
        await page.goto("/asks")


async def test_what_lets_one_be_asked_is_said_of_the_reader(windows: Windows) -> None:
    # The reader's own level stood as a bare chip beside the family's name, and read as theirs.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await ask(world, family, urgent=True)

    for language, said in (("ja", "あなたの認定で受けられます"), ("en", "your level is enough")):
        page = await windows.open(bob, language=language)
        await page.goto("/asks")
        why = await page.locator(".chips").first.inner_text()
        assert said in why
        assert "認定サポーター" not in why


async def test_the_same_act_has_one_name_wherever_it_stands(windows: Windows) -> None:
    # It was called 手をあげる on one page and できます on the next.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    request = await ask(world, family, urgent=True)

    for language, names in (
        ("ja", ("手をあげる", "今回は難しい")),
        ("en", ("I can help", "Can't this time")),
    ):
        page = await windows.open(bob, language=language)
        for path in ("/asks", f"/requests/{request.id}"):
            await page.goto(path)
            for name in names:
                assert await page.get_by_role("button", name=name).count() == 1
