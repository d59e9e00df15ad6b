"""A town's areas, its staff, its insurers' accounts and the list of its blocks."""

import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.passwords import hash_password
from sharecare.accounts.service import appoint_staff, dismiss_staff
from sharecare.areas.queries import area_by_slug
from sharecare.areas.rules import AreaSettings
from sharecare.areas.service import make_area
from sharecare.areas.townblocks import BadRow, add_town_blocks, read_town_list
from sharecare.console import AreaSlug, AsJson, choose, give_up, language, print_json, run, screen
from sharecare.deps import Runtime
from sharecare.registration.service import add_insurer, ask_for_reset


def add_staff(area: AreaSlug, email: Annotated[str, typer.Option(help="The address of a confirmed account.")]) -> None:
    """Let a person work for an area."""

    async def work(here: Runtime) -> None:
        async def appoint(session: AsyncSession) -> None:
            found = await area_by_slug(session, area)
            await appoint_staff(session, email=email, area_id=found.id, now=here.clock())

        await here.database.write(appoint)

    run(work)


def remove_staff(area: AreaSlug, email: Annotated[str, typer.Option(help="The staff member's address.")]) -> None:
    """Let a person work for an area no longer; after that its staff can suspend the account like any other."""

    async def work(here: Runtime) -> None:
        async def dismiss(session: AsyncSession) -> None:
            found = await area_by_slug(session, area)
            await dismiss_staff(session, email=email, area_id=found.id, now=here.clock())

        await here.database.write(dismiss)

    run(work)


def add_an_insurer(
    area: AreaSlug,
    insurer: Annotated[str, typer.Option(help="The insurer's name, exactly as its policies write it.")],
    email: Annotated[str, typer.Option(help="An address that has no account yet.")],
    name: Annotated[str, typer.Option(help="Who will use it.")],
) -> None:
    """Open an account that sees one insurer's policies, bordereaux and claims; a mail lets them set a password."""

    async def work(here: Runtime) -> None:
        unknown = await hash_password(secrets.token_urlsafe())  # nobody knows it: the mail is the way in

        async def add(session: AsyncSession) -> None:
            now = here.clock()
            await add_insurer(
                session, area=area, insurer=insurer, email=email, name=name, password_hash=unknown, now=now
            )
            await ask_for_reset(session, email=email, now=now)

        await here.database.write(add)

    run(work)


def add_area(
    slug: Annotated[str, typer.Argument(help="A short name for addresses, e.g. misono.")],
    name_ja: Annotated[str, typer.Option(help="The name in Japanese.")],
    name_en: Annotated[str, typer.Option(help="The name in English.")],
    timezone: Annotated[str, typer.Option(help="The area's time zone.")] = "Asia/Tokyo",
) -> None:
    """Add an area with the default rules; its staff change them later."""

    async def work(here: Runtime) -> None:
        await here.database.write(
            lambda session: make_area(
                session,
                slug=slug,
                name_ja=name_ja,
                name_en=name_en,
                timezone=timezone,
                settings=AreaSettings(),
                now=here.clock(),
            )
        )

    run(work)


def import_towns(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV: city_code … town, lat, lon.")],
    area: Annotated[str | None, typer.Option(help="Put the blocks into this area.")] = None,
    json_only: AsJson = False,
) -> None:
    """Import town blocks; a row without a usable point is left out and listed."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        give_up(choose(f"{file}: UTF-8 で保存されていません。", f"{file}: not UTF-8."))

    async def work(here: Runtime) -> tuple[int, int, list[BadRow]]:
        good, bad = read_town_list(text)

        async def add(session: AsyncSession) -> tuple[int, int]:
            area_id = (await area_by_slug(session, area)).id if area else None
            return await add_town_blocks(session, good, area_id=area_id)

        return *await here.database.write(add), bad

    added, known, bad = run(work)
    if json_only:
        print_json(
            {
                "added": added,
                "known": known,
                "left_out": [asdict(row) | {"reason": row.reason.text(language())} for row in bad],
            }
        )
    else:
        screen.print(
            choose(
                f"追加 {added}件、更新 {known}件、取り込めない行 {len(bad)}件",
                f"{added} added, {known} updated, {len(bad)} left out",
            ),
            highlight=False,
        )
        for row in bad:
            screen.print(
                f"{file.name}:{row.line}: {row.town}: {row.reason.text(language())}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
