"""Photos are encoded anew: the picture stays, and nothing beside it."""

import io
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageStat, TiffImagePlugin

from sharecare.incidents.photos import MAX_BYTES, MAX_SIDE, NotAPhoto, reencoded

SECRET = "SECRET-CAMERA-OWNER"
GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def a_photo(*, size: tuple[int, int] = (40, 20), form: str = "JPEG", **more: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, form, **more)
    return written.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[MAKE] = SECRET
    exif[ORIENTATION] = 6  # lies on its side
    exif[GPS] = {1: "N", 2: tuple(TiffImagePlugin.IFDRational(one) for one in (35, 53, 31))}
    return a_photo(exif=exif, comment=SECRET.encode())


def test_what_the_camera_wrote_is_gone_and_the_picture_stands_upright() -> None:
    # With the opened picture saved instead of its bare pixels, the comment stayed in the file.
    data = with_exif()
    assert data.count(SECRET.encode()) == 2

    photo = reencoded(data)

    assert SECRET.encode() not in photo.jpeg
    with Image.open(io.BytesIO(photo.jpeg)) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == ("JPEG", (20, 40), {})
        assert {"exif", "comment", "icc_profile"} & opened.info.keys() == set()
    assert (photo.width, photo.height) == (20, 40)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_usual_formats_become_jpeg(form: str) -> None:
    assert reencoded(a_photo(form=form)).jpeg.startswith(b"\xff\xd8")


def test_large_pictures_are_made_small() -> None:
    photo = reencoded(a_photo(size=(3000, 1500)))

    assert (photo.width, photo.height) == (MAX_SIDE, MAX_SIDE // 2)


def quarters_of(picture: Image.Image) -> list[tuple[int, int, int, int]]:
    width, height = picture.width // 2, picture.height // 2
    return [(x, y, x + width, y + height) for y in (0, height) for x in (0, width)]


def test_a_picture_made_small_shows_the_same() -> None:
    # Four fields of colour, large enough for the decoder itself to leave pixels out.
    fields = Image.new("RGB", (5000, 3000), "red")
    for corner, colour in (((2500, 0), "lime"), ((0, 1500), "blue"), ((2500, 1500), "white")):
        fields.paste(colour, (*corner, corner[0] + 2500, corner[1] + 1500))
    for form in ("JPEG", "PNG"):
        written = io.BytesIO()
        fields.save(written, form)

        with Image.open(io.BytesIO(reencoded(written.getvalue()).jpeg)) as small:
            means = [[round(band) for band in ImageStat.Stat(small.crop(part)).mean] for part in quarters_of(small)]

        assert means == [[254, 0, 0], [0, 255, 1], [0, 0, 254], [255, 255, 255]], form


def test_what_phones_take_fits_and_a_few_pixels_more_do_not() -> None:
    # Pictures of 50 million pixels were unpacked, some 400 MB of them.
    photo = reencoded(a_photo(size=(5712, 4284)))

    assert (photo.width, photo.height) == (MAX_SIDE, MAX_SIDE * 3 // 4)
    with pytest.raises(NotAPhoto):
        reencoded(a_photo(size=(5001, 5000), form="PNG"))


SIX_AT_ONCE = """
import asyncio, sys
from sharecare.incidents.photos import decoded
from sharecare.matching.timing import peak_kib

async def main(data):
    before = peak_kib()
    await asyncio.gather(*(decoded(data) for _ in range(6)))
    print((peak_kib() - before) // 1024)

asyncio.run(main(open(sys.argv[1], "rb").read()))
"""


def test_many_photos_at_once_take_no_more_memory_than_one(tmp_path: Path) -> None:
    # Each was unpacked as it came: six took 1.6 GB.
    path = tmp_path / "transparent.png"
    Image.new("RGBA", (5000, 5000), (9, 99, 9, 99)).save(path)

    told = subprocess.run([sys.executable, "-c", SIX_AT_ONCE, str(path)], check=True, capture_output=True, text=True)

    assert int(told.stdout) < 300


def bomb() -> bytes:
    """Make a PNG of 20,000 × 20,000 pixels in a few bytes."""
    header = b"IHDR" + (20_000).to_bytes(4) * 2 + bytes((8, 2, 0, 0, 0))
    chunk = len(header[4:]).to_bytes(4) + header + zlib.crc32(header).to_bytes(4)
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        a_photo()[:200],
        a_photo(form="GIF"),
        bomb(),
        bytes(MAX_BYTES + 1),
    ],
    ids=["nothing", "a stump", "svg", "cut off", "gif", "bomb", "too large"],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPhoto):
        reencoded(data)
