"""The QR code of a handover."""

import io

import segno
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.day_rules import handover_link
from sharecare.care.queries import handover_pins
from sharecare.care.rules import CareEnd
from sharecare.errors import NotFound


async def handover_code(session: AsyncSession, booking_id: int, end: CareEnd, *, key: bytes, public_url: str) -> bytes:
    """Return an SVG that says what the parent's digits say.

    Raises:
        NotFound: no parent is there at this end, or the booking is over.

    """
    pins = await handover_pins(session, booking_id, key=key)
    pin = pins.start if end is CareEnd.START else pins.finish
    if pin is None:
        raise NotFound
    drawn = io.BytesIO()
    link = handover_link(public_url, booking_id, end, pin)
    segno.make(link, error="m", micro=False).save(drawn, kind="svg", scale=6, border=4, xmldecl=False, light="#fff")
    return drawn.getvalue()
