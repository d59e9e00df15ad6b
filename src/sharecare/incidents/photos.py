"""Taking photos in: decoded, turned upright, made small and encoded anew, so that only the picture remains. Pure."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from sharecare.errors import Refusal

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 2048
QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")


class NotAPhoto(Refusal):
    """The bytes are no picture that can be read."""

    status = 400
    ja = "写真として読み取れませんでした。JPEG・PNG・WebP の写真を5MBまで送れます。"
    en = "That can't be read as a photo. Send a JPEG, PNG or WebP of up to 5 MB."


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and nothing else."""

    width: int
    height: int
    jpeg: bytes


def reencoded(data: bytes) -> Photo:
    """Return a photo without anything that the camera wrote beside it: place, time, owner.

    Raises:
        NotAPhoto: it is too large, of another format, broken, or unpacks to more pixels than any camera takes.

    """
    if len(data) > MAX_BYTES:
        raise NotAPhoto
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise NotAPhoto
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise NotAPhoto from error
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    written = io.BytesIO()
    # A picture of its own pixels alone: `save` would carry over what the opened one knew.
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    bare.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Photo(picture.width, picture.height, written.getvalue())
