"""An insurer that nobody hears for: staff are told what to do, and only as long as it is so."""

from shlex import split

from sqlmodel.ext.asyncio.session import AsyncSession
from typer.main import get_command

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.cli import app
from sharecare.web.insured import ADDING
from web.browsing import SMALL, Windows, clean, follow
from world import World, an_insurer

MONTH = "/staff/misono/bordereaux/1/2026-05/supports"


async def suspend(world: World, who: Actor) -> None:
    async def work(session: AsyncSession) -> None:
        (await session.get_one(Person, who.person_id)).state = PersonState.SUSPENDED

    await world.do(work)


async def test_staff_are_told_where_no_account_carries_the_name_in_the_policy(windows: Windows) -> None:
    # Months, claims and letters went out, nobody at the insurer heard of them, and nobody knew.
    world = windows.site.world
    await an_insurer(world, "さくら損保", "other@sakura.example")
    page = await windows.open(world.staff, size=SMALL)

    await page.goto("/staff/misono/to-do")
    await clean(page)
    await follow(page.locator("section", has_text="知らせが届かない保険会社").get_by_role("link"))
    told = await page.locator("main").inner_text()
    assert "「さくら損害保険」という名前の保険会社のアカウントがありません" in told
    assert "sharecare insurer add --area misono --insurer 'さくら損害保険' --email" in told
    await clean(page)
    await page.goto(MONTH)
    assert "さくら損害保険に知らせが届いて" not in await page.locator("main").inner_text()
    await clean(page)
    await follow(page.get_by_role("link", name="どうすればよいか見る"))
    policy = page.url

    insurer = await an_insurer(world)
    for address in ("/staff/misono/to-do", policy, MONTH):
        await page.goto(address)
        shown = await page.locator("main").inner_text()
        assert [text for text in ("届かない", "アカウントがありません", "insurer add") if text in shown] == []
    desk = await windows.open(insurer, language="en")
    await desk.goto(policy)
    assert "insurer add" not in await desk.locator("main").inner_text()
    await suspend(world, insurer)
    await page.goto(policy)
    assert "アカウントがありません" in await page.locator("main").inner_text()


def test_the_command_that_staff_are_shown_is_there() -> None:
    _, *way = split(ADDING.format("misono", "Sakura"))
    command = get_command(app)
    for name in way[:2]:
        command = command.commands[name]  # type: ignore[attr-defined]

    options = {option for one in command.params for option in one.opts}

    assert {word for word in way if word.startswith("--")} <= options
