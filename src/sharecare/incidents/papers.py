"""Taking papers in: a PDF file as it is, a picture of one encoded anew."""

from dataclasses import dataclass

from sharecare.errors import Refusal
from sharecare.incidents.photos import MAX_BYTES, NotAPhoto, decoded
from sharecare.incidents.rules import MediaType

_PDF_BEGINS, _PDF_ENDS = b"%PDF-", b"%%EOF"
_ENDS_WITHIN_BYTES = 1024  # readers look for the end there: PDF Reference 1.7, appendix H.3, note 18


class NotAPaper(Refusal):
    """The bytes are neither a PDF file nor a picture that can be read."""

    status = 400
    ja = "添付できませんでした。PDF か、写真(JPEG・PNG・WebP、2500万画素まで)を5MBまで添付できます。"
    en = "That can't be attached. Send a PDF, or a photo (JPEG, PNG or WebP, 25 megapixels), of up to 5 MB."


@dataclass(frozen=True, slots=True)
class Paper:
    """What can be attached to a letter."""

    media_type: MediaType
    content: bytes


async def as_paper(data: bytes) -> Paper:
    """Return a PDF file as it is, and anything else as a photo that was encoded anew.

    Raises:
        NotAPaper: it is neither, or too large.

    """
    if data.startswith(_PDF_BEGINS) and _PDF_ENDS in data[-_ENDS_WITHIN_BYTES:] and len(data) <= MAX_BYTES:
        return Paper(MediaType.PDF, data)
    try:
        return Paper(MediaType.JPEG, (await decoded(data)).jpeg)
    except NotAPhoto as refusal:
        raise NotAPaper from refusal
