"""Map pictures through us: from a real source on this machine, which is left alone when it fails."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from pictures import PICTURE, Source, pictures
from sharecare.tiles import KEPT, MAX_BYTES, REST, Tiles

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    """Serve pictures."""
    async with pictures() as opened:
        yield opened


@pytest.fixture
async def tiles(source: Source) -> AsyncIterator[Tiles]:
    """Fetch from it."""
    made = Tiles(source.url)
    yield made
    await made.close()


async def test_a_picture_is_fetched_once(tiles: Tiles, source: Source) -> None:
    first = await tiles.tile(16, 58207, 25763, now=NOW)
    again = await tiles.tile(16, 58207, 25763, now=NOW)

    assert first == again == ("image/png", PICTURE)
    assert source.asked == ["/16/58207/25763.png"]


@pytest.mark.parametrize("place", [(16, 65536, 0), (16, 0, -1), (19, 0, 0), (-1, 0, 0)])
async def test_what_the_world_has_not_is_not_asked_for(
    tiles: Tiles, source: Source, place: tuple[int, int, int]
) -> None:
    assert await tiles.tile(*place, now=NOW) is None
    assert source.asked == []


async def test_a_source_that_fails_is_left_alone_for_a_minute(tiles: Tiles, source: Source) -> None:
    source.code = HTTPStatus.BAD_GATEWAY
    failed = await tiles.tile(5, 1, 1, now=NOW)
    source.code = HTTPStatus.OK

    meanwhile = await tiles.tile(5, 2, 2, now=NOW + REST - timedelta(seconds=1))
    later = await tiles.tile(5, 2, 2, now=NOW + REST)

    assert (failed, meanwhile, later) == (None, None, ("image/png", PICTURE))
    assert source.asked == ["/5/1/1.png", "/5/2/2.png"]


async def test_a_source_that_is_not_there_is_no_error() -> None:
    nobody = Tiles("http://127.0.0.1:9/{z}/{x}/{y}.png")  # the port that discards

    assert await nobody.tile(5, 1, 1, now=NOW) is None
    await nobody.close()


async def test_open_sea_has_no_picture_and_is_no_failure(tiles: Tiles, source: Source) -> None:
    source.code = HTTPStatus.NOT_FOUND
    sea = await tiles.tile(5, 1, 1, now=NOW)
    source.code = HTTPStatus.OK

    assert sea is None
    assert await tiles.tile(5, 2, 2, now=NOW) is not None


@pytest.mark.parametrize(("kind", "body"), [("text/html", PICTURE), ("image/png", b"x" * (MAX_BYTES + 1))])
async def test_only_pictures_pass(tiles: Tiles, source: Source, kind: str, body: bytes) -> None:
    source.kind, source.body = kind, body

    assert await tiles.tile(5, 1, 1, now=NOW) is None


async def test_only_the_latest_are_kept(tiles: Tiles, source: Source) -> None:
    source.code = HTTPStatus.NOT_FOUND  # that there is none is kept as well
    for x in range(KEPT + 1):
        await tiles.tile(10, x, 0, now=NOW)
    await tiles.tile(10, KEPT, 0, now=NOW)

    await tiles.tile(10, 0, 0, now=NOW)

    assert source.asked[KEPT:] == [f"/10/{KEPT}/0.png", "/10/0/0.png"]


async def test_without_an_address_there_are_no_pictures() -> None:
    assert await Tiles("").tile(5, 1, 1, now=NOW) is None
