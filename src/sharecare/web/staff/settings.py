"""What the area decides: its rules and why the law's switches exist, its goals."""

from typing import Annotated, Any

from fastapi.responses import Response
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas import service
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_slug, goals_of, settings_of
from sharecare.areas.rules import AreaSettings, GoalMetric, ThanksRates, kept_settings
from sharecare.areas.schemas import GoalDraft
from sharecare.areas.words import LEVELS
from sharecare.drafts import Draft
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.credentials import name_of_unit, unit_named
from sharecare.web.forms import Form
from sharecare.web.page import Looking, View

router = page_router()

NUMBERS = {
    "who": ("supporter_min_years", "child_min_months", "child_max_months"),
    "waves": ("friends_of_friends_after_minutes", "open_after_minutes", "withdrawn_early_minutes"),
    "care": ("handover_overdue_minutes", "escalation_minutes", "buffer_minutes"),
    "limits": ("previews_a_day", "requests_a_day", "bookings_a_day"),
    "privacy": ("k_staff", "k_public"),
}
TIMES = ("care_from", "care_until")
LEVEL_FIELDS = ("level_among_friends", "level_among_friends_of_friends", "level_open")
LAW = ("open_preschool_needs_notification", "criminal_record_check_required")
SWITCHES = (*LAW, "pre_meeting_required")
THANKS = tuple(ThanksRates.model_fields)
DESK = ("desk_phone", "desk_email", "desk_hours")
PLAIN = (
    *(name for names in NUMBERS.values() for name in names),
    *TIMES,
    *LEVEL_FIELDS,
    *DESK,
    "preschool_below_months",
)
# Which field of the form tells of what is wrong, where the settings call it otherwise.
FIELDS = {
    **{f"thanks.{name}": name for name in THANKS},
    "weights_sum": "distance_percent",
    "ages_reversed": "child_max_months",
}
Percent = Annotated[float, Field(ge=0, le=100)]


class WeightsTyped(Draft):
    """What counts for how much, as people write shares; in the order of `AreaSettings.weights`."""

    distance_percent: Percent
    trust_percent: Percent
    availability_percent: Percent


WEIGHTS = tuple(WeightsTyped.model_fields)


def _bounds() -> dict[str, tuple[int, int]]:
    """Return the least and the most that each number may be."""
    schema = AreaSettings.model_json_schema()
    told = schema["properties"] | schema["$defs"][ThanksRates.__name__]["properties"]
    return {name: (one["minimum"], one["maximum"]) for name, one in told.items() if "maximum" in one}


BOUNDS = _bounds()


@router.get("/staff/{slug}/settings", operation_id="edit_area_settings")
async def read_settings(slug: str, look: Looking) -> Response:
    """Show the rules of the area, and its goals."""
    return await _shown(look, await area_by_slug(look.session, slug))


@router.post("/staff/{slug}/settings", operation_id="change_area_settings")
async def change_settings(slug: str, look: Looking) -> Response:
    """Change the rules; what the form doesn't hold stays as it is."""
    by, area = look.actor, await area_by_slug(look.session, slug)

    async def work(session: AsyncSession) -> str:
        changed = await area_by_slug(session, slug)
        settings = _typed(look.form, settings_of(changed))
        await service.change_settings(session, area=changed, settings=settings, by_person_id=by.person_id, now=look.now)
        return f"/staff/{slug}/settings?done=settings_kept"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, area, code=code))


@router.get("/staff/{slug}/goals", operation_id="set_goal")
async def goals(slug: str, look: Looking) -> Response:
    """Ask for a goal."""
    return await _goals(look, slug)


@router.post("/staff/{slug}/goals", operation_id="set_goal")
async def set_goal(slug: str, look: Looking) -> Response:
    """Set or replace the goal of one metric."""
    form, by = look.form, look.actor

    async def work(session: AsyncSession) -> str:
        draft = form.read(
            GoalDraft,
            names={"": "until_date"},
            **{name: form.maybe(name) for name in ("metric", "target", "from_date", "until_date")},
        )
        area = await area_by_slug(session, slug)
        await service.set_goal(session, area_id=area.id, draft=draft, by_person_id=by.person_id, now=look.now)
        return f"/staff/{slug}/goals?done=goal_set"

    return await or_again(look, lambda: look.do(work), lambda code: _goals(look, slug, code=code))


def _typed(form: Form, known: AreaSettings) -> AreaSettings:
    """Read the settings from the form; what it doesn't hold stays.

    Raises:
        BadForm: some can't be read.

    """
    kept: dict[str, Any] = known.model_dump(mode="json")
    names = form.text("course_units").replace("、", ",").split(",")
    shares: dict[str, object] = {name: form.maybe(name) for name in WEIGHTS}
    weights = form.read(WeightsTyped, names=FIELDS, **shares)
    typed = {
        **{name: form.text(name) for name in PLAIN},
        **{name: form.ticked(name) for name in SWITCHES},
        "thanks": {name: form.text(name) for name in THANKS},
        "weights": [getattr(weights, name) / 100 for name in WEIGHTS],
        "course_units": [unit_named(name.strip()) for name in names if name.strip()],
    }
    return form.read(AreaSettings, names=FIELDS, **(kept | typed))


async def _shown(look: View, area: Area, *, code: int = 200) -> Response:
    known, beyond = kept_settings(area.settings)
    if not look.form.values:
        look.form = _form_of(known, look.language)
        told = {path.rpartition(".")[2]: look.t("staff_settings.beyond", value=kept) for path, kept in beyond.items()}
        look.form.problems |= told
    return await look.show(
        "staff/settings.html",
        code=code,
        slug=area.slug,
        numbers=NUMBERS,
        times=TIMES,
        level_fields=LEVEL_FIELDS,
        law=LAW,
        weights=WEIGHTS,
        thanks=THANKS,
        bounds=BOUNDS,
        levels=LEVELS,
    )


def _form_of(known: AreaSettings, language: str) -> Form:
    flat: dict[str, Any] = known.model_dump(mode="json")
    units = ("、" if language == "ja" else ", ").join(name_of_unit(unit, language) for unit in known.course_units)
    flat |= flat.pop("thanks") | {"course_units": units}
    flat |= {name: f"{getattr(known, name):%H:%M}" for name in TIMES}
    flat |= {name: f"{share * 100:.10g}" for name, share in zip(WEIGHTS, known.weights, strict=True)}
    off = {name for name in SWITCHES if not flat[name]}
    return Form.of(**{name: value for name, value in flat.items() if name not in off})


async def _goals(look: View, slug: str, *, code: int = 200) -> Response:
    area = await area_by_slug(look.session, slug)
    known = await goals_of(look.session, area.id)
    return await look.show("staff/goals.html", code=code, slug=slug, goals=known, metrics=list(GoalMetric))
