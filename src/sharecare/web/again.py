"""A form that can't be done is shown again, with everything that was typed."""

from collections.abc import Awaitable, Callable

from fastapi import status
from fastapi.responses import Response

from sharecare.errors import NotFound, Refusal
from sharecare.web.forms import BadForm
from sharecare.web.page import View


async def or_again(
    look: View, deed: Callable[[], Awaitable[Response]], again: Callable[[int], Awaitable[Response]]
) -> Response:
    """Do what a form asks for; where that can't be done show it once more, under the status that says why.

    Raises:
        NotFound: what it is about is not there.

    """
    try:
        return await deed()
    except BadForm:
        return await again(status.HTTP_422_UNPROCESSABLE_CONTENT)
    except NotFound:
        raise
    except Refusal as refusal:
        look.here.measures.refused(refusal.code)
        look.form.refused(refusal)
        return await again(refusal.status)
