"""A form that came after its sign-in had ended: kept inside the sign-in page, shown, and sent by one more press."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sharecare.deps import Runtime
from sharecare.web.browser import is_sealed, seal
from sharecare.web.page import local_path

Typed = list[tuple[str, str]]
# What nobody may read off a page that is left open: a form that has one of them is filled in again instead.
SECRETS = frozenset({"password", "current", "pin", "code"})
_CONTACT = re.compile(r"contact([12])_(name|relation|phone|email)", re.ASCII)
_CONTACT_LABELS = {
    "name": "sheet.contact_name",
    "relation": "sheet.contact_relation",
    "phone": "sheet.contact_phone",
    "email": "contacts.email",
}
# By the file of words that names them; a field that several pages have goes by the plainest of its names.
LABELS = {
    name: f"{page}.{name}"
    for page, names in {
        "ask": "day_other notes start_other until",
        "asked": "note",
        "booking": "ended reason",
        "children": "allergies",
        "hours": "from_date until_date",
        "incidents": "at damage injury place third_party treatment_days what witness witness_contact",
        "insured": "body subject",
        "my_home": "address lat lon postal_code",
        "profile": "phone",
        "sheet": "costs doctor refuge",
        "sign_in": "email",
        "sign_up": "birth_date",
        "staff_incidents": "conclusion",
        "staff_members": "name",
        "staff_policies": "claims_limit_yen grace_minutes hours_from hours_until insurer max_child_months max_children "
        "max_temperature_c min_child_months number per_hour_yen per_support_yen premium_limit_yen supports_limit "
        "valid_from valid_until",
        "staff_settings": "course_units desk_email desk_hours desk_phone",
        "supporter": "evidence introduction issued_on",
    }.items()
    for name in names.split()
} | {
    "claimed_yen": "staff_incidents.claimed",
    "liability_yen": "booking.liability",
    "property_yen": "booking.property",
    "last_day": "staff_policies.end_last_day",
    "end": "hours.add_end",
    "ended_at": "booking.ended",
    "place_name": "ask.place_name",
    "reserve_yen": "staff_incidents.reserve",
    "start": "hours.add_start",
    "started_at": "staff_to_do.began",
    "target": "staff.head.target",
    "text": "asked.note",
    "thanks": "booking.cost.thanks",
    "why": "staff_to_do.record_reason",
}
# The titles of pages that forms lead to, by how their addresses begin; the longest counts.
PAGES = {
    "/ask": "ask.title",
    "/asks": "asks.title",
    "/bookings": "booking.title",
    "/changes": "booking.title",
    "/claims": "insured.claims",
    "/hours": "hours.title",
    "/hours/exceptions": "hours.see_month",
    "/hours/import": "hours.see_import",
    "/i": "invited.title",
    "/incidents": "incidents.title",
    "/join-family": "join_family.title",
    "/me": "me.title",
    "/me/children": "children.title",
    "/me/contacts": "contacts.title",
    "/me/devices": "devices.title",
    "/me/family": "family.title",
    "/me/home": "my_home.title",
    "/me/profile": "profile.title",
    "/messages": "messages.title",
    "/neighbours": "neighbours.title",
    "/neighbours/communities": "communities.title",
    "/offers": "request.title",
    "/requests": "request.title",
    "/series": "series.title",
    "/staff": "base.staff",
    "/supporter": "supporter.title",
    "/supports/calendar": "calendar_link.title",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A form that was kept: where it goes, and what was typed into it."""

    path: str
    typed: Typed

    def title(self, t: Callable[..., str]) -> str:
        """Return the name of the page it goes to, or its address."""
        begins = [begin for begin in PAGES if self.path == begin or self.path.startswith(f"{begin}/")]
        return t(PAGES[max(begins, key=len)]) if begins else self.path

    def named(self, t: Callable[..., str]) -> Typed:
        """Return what was typed under the labels that people saw."""
        return [(_label(name, t) or name, text) for name, text in self.typed if _label(name, t)]

    def others(self, t: Callable[..., str]) -> Typed:
        """Return what was chosen or came along, under the names that machines know it by."""
        return [(name, text) for name, text in self.typed if not _label(name, t)]


def _label(name: str, t: Callable[..., str]) -> str | None:
    contact = _CONTACT.fullmatch(name)
    if contact is not None:
        return t(_CONTACT_LABELS[contact[2]], n=int(contact[1]))
    return t(LABELS[name]) if name in LABELS else None


def has_secrets(typed: Sequence[tuple[str, str]]) -> bool:
    """Say whether a form holds what must not be written into a page."""
    return any(name in SECRETS for name, _ in typed)


def kept_form(here: Runtime, visit: str, path: str, typed: Typed) -> str:
    """Return a form as one field of the next: a sign-in that ended must cost nobody what they typed.

    It is sealed for one visit: whoever signs in is asked to send it, so nobody else may have put it there.
    """
    body = urlsafe_b64encode(json.dumps([path, typed]).encode()).decode()
    return f"{body}.{seal(here, 'kept', f'{visit} {body}')}"


def reopened(here: Runtime, visit: str | None, kept: str) -> Held | None:
    """Return a kept form, or None if it wasn't kept here for this visit."""
    body, _, mark = kept.rpartition(".")
    # Read only behind the seal: what others write may be nested deeper than a parser goes.
    if visit is None or not is_sealed(here, "kept", f"{visit} {body}", mark):
        return None
    path, typed = json.loads(urlsafe_b64decode(body))
    return Held(local_path(path), [(name, text) for name, text in typed])
