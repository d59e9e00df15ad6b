"""What lets a phone keep ShareCare among its apps, and show something without a network."""

from collections.abc import Sequence

from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from sharecare.care.overviews import BookingCard
from sharecare.care.rules import LIVE
from sharecare.web.browser import page_router
from sharecare.web.page import ASSETS, Looking, asset

router = page_router()
PICTURES = (
    ("icon-192.png", 192, "any"),
    ("icon-512.png", 512, "any"),
    ("icon-maskable-192.png", 192, "maskable"),
    ("icon-maskable-512.png", 512, "maskable"),
)


def with_ahead(response: HTMLResponse, cards: Sequence[BookingCard]) -> Response:
    """Tell the worker (offline.js) which bookings are ahead: it keeps those, and lets go of others."""
    live = [str(card.booking.id) for card in cards if card.booking.state in LIVE]
    response.headers["ShareCare-Ahead"] = " ".join(live) or "none"
    return response


@router.get("/manifest.webmanifest", operation_id="show_start")
async def manifest(look: Looking) -> Response:
    """Tell a phone how the app is called and drawn."""
    told = {
        "name": "ShareCare",
        "short_name": "ShareCare",
        "lang": look.language,
        "start_url": "/home",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf7f0",
        "theme_color": "#fbf7f0",
        "icons": [
            {"src": "/assets/icon.svg", "type": "image/svg+xml", "sizes": "any", "purpose": "any"},
            *(
                {"src": asset(name), "type": "image/png", "sizes": f"{pixels}x{pixels}", "purpose": purpose}
                for name, pixels, purpose in PICTURES
            ),
        ],
    }
    return JSONResponse(told, media_type="application/manifest+json")


@router.get("/offline", operation_id="show_start")
async def away(look: Looking) -> Response:
    """Say that there is no network; a browser keeps this page, and shows it in place of those it hasn't kept."""
    return await look.show("offline.html")


@router.get("/offline.js", operation_id="show_start")
async def worker() -> Response:
    """Give the script that answers without a network; it stands at the root, whose pages it may then serve."""
    return FileResponse(ASSETS / "offline.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"})
