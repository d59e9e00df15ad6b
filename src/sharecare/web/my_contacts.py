"""Whom to call when no guardian answers: the family's two emergency contacts."""

from typing import Any

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.contacts import contacts_of, set_contacts
from sharecare.care.day_schemas import EmergencyContactDraft
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm, Form
from sharecare.web.page import Looking, View, local_path

router = page_router()
PLACES = (1, 2)  # in the order in which they are called
PARTS = ("name", "relation", "phone", "email")
NAMES = frozenset(f"contact{place}_{part}" for place in PLACES for part in PARTS)


@router.get("/me/contacts", operation_id="read_emergency_contacts")
async def contacts_page(look: Looking, back: str = "") -> Response:
    """Show the two contacts, to change them; `back` is where one came from."""
    contacts = await contacts_of(look.session, look.actor.household_id)
    look.form = Form.of(back=local_path(back, "/me"), **filled(contacts))
    return await _contacts(look)


@router.post("/me/contacts", operation_id="set_emergency_contacts")
async def change(look: Looking) -> Response:
    """Take over both contacts."""

    async def work(session: AsyncSession) -> str:
        await set_contacts(session, by=look.actor, contacts=contacts_in(look.form), now=look.now)
        return f"{local_path(look.form.text('back'), '/me')}?done=contacts_saved"

    return await or_again(look, lambda: look.do(work), lambda code: _contacts(look, code=code))


def contacts_in(form: Form) -> list[EmergencyContactDraft]:
    """Read both contacts from a form.

    Raises:
        BadForm: something is missing or can't be read; every field that is wrong says so.

    """
    read: list[EmergencyContactDraft] = []
    for place in PLACES:
        fields = {part: f"contact{place}_{part}" for part in PARTS}
        values = {part: form.maybe(field) for part, field in fields.items()} | {"phone": form.plain(fields["phone"])}
        try:
            read.append(form.read(EmergencyContactDraft, names=fields, **values))
        except BadForm:
            continue
    if len(read) < len(PLACES):
        raise BadForm
    return read


def filled(contacts: list[EmergencyContactDraft]) -> dict[str, Any]:
    """Return what is known of the contacts, by field."""
    known = zip(PLACES, contacts, strict=False)
    return {f"contact{place}_{part}": getattr(one, part) for place, one in known for part in PARTS}


async def _contacts(look: View, *, code: int = 200) -> Response:
    back = local_path(look.form.text("back"), "/me")
    return await look.show("contacts.html", code=code, places=PLACES, back_to=back)
