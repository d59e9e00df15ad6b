"""Taking photos in: decoded, turned upright, made small and encoded anew, so that only the picture remains. Pure."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from sharecare.errors import Refusal

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000  # what phones call 24 megapixels is 5,712 × 4,284
MAX_SIDE = 2048
QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")
_SHRUNK_AS_THEY_ARE = frozenset({"RGB", "L", "CMYK"})
# One at a time in a process: unpacked, the largest takes 100 to 400 MB for a moment. A thread of its own, not a lock:
# a decoder goes on when nobody waits for it any more, and must keep its place.
_DECODER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="photo")


class NotAPhoto(Refusal):
    """The bytes are no picture that can be read."""

    status = 400
    ja = "写真として読み取れませんでした。JPEG・PNG・WebP の写真を5MB・2500万画素まで送れます。"
    en = "That can't be read as a photo. Send a JPEG, PNG or WebP of up to 5 MB and 25 megapixels."


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and nothing else."""

    width: int
    height: int
    jpeg: bytes


async def decoded(data: bytes) -> Photo:
    """Return a photo `reencoded` as soon as it is its turn.

    Raises:
        NotAPhoto: as there.

    """
    return await asyncio.get_running_loop().run_in_executor(_DECODER, reencoded, data)


def reencoded(data: bytes) -> Photo:
    """Return a photo without anything that the camera wrote beside it: place, time, owner.

    Raises:
        NotAPhoto: it is too large, of another format, broken, or unpacks to more pixels than phones take.

    """
    if len(data) > MAX_BYTES:
        raise NotAPhoto
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise NotAPhoto
            # Made small first: a large JPEG is never unpacked whole, and of the others one more copy at most.
            picture = opened if opened.mode in _SHRUNK_AS_THEY_ARE else opened.convert("RGB")
            picture.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=1.0)
            picture = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise NotAPhoto from error
    written = io.BytesIO()
    # A picture of its own pixels alone: `save` would carry over what the opened one knew.
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    bare.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Photo(picture.width, picture.height, written.getvalue())
