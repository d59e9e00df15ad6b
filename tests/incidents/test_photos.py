"""Photos are encoded anew: the picture stays, and nothing beside it."""

import io
import zlib

import pytest
from PIL import Image, TiffImagePlugin

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
