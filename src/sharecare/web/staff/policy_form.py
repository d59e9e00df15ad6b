"""The form of a policy: read into a draft, and filled in as the policy before it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sharecare.areas.rules import CareKind, Level, Means
from sharecare.insurance.rules import Terms
from sharecare.insurance.schedule import Exclusion, Peril, Schedule, Tariff
from sharecare.insurance.schemas import PolicyDraft, PolicyView
from sharecare.web.forms import Form, midnight_typed

AGES = ("min_child_months", "max_child_months")
HOURS = ("hours_from", "hours_until")
COUNTS = (*AGES, "max_children", "grace_minutes", "max_temperature_c")
TARIFF = tuple(Tariff.model_fields)
AGGREGATE_LIMITS = ("supports_limit", "premium_limit_yen", "claims_limit_yen")
PERIL_LIMITS: Mapping[Peril, str] = {peril: f"{peril}_yen" for peril in Peril}
OF_DRAFT = (PERIL_LIMITS[Peril.LIABILITY], PERIL_LIMITS[Peril.PROPERTY])
OF_SCHEDULE = (PERIL_LIMITS[Peril.INJURY], *AGGREGATE_LIMITS)
# What an area's first policy usually says; it excludes all it can: too much cover must not come from an oversight.
USUAL_YEN = 50_000_000
USUAL_SCHEDULE = Schedule(exclusions=tuple(Exclusion))
# Which field of the form tells of what is wrong, where the draft calls it otherwise.
FIELDS = {
    **{f"terms.{name}": name for name in Terms.model_fields},
    **{f"terms.kinds.{kind}": f"kind_{kind}" for kind in CareKind},
    **{f"schedule.{name}": name for name in Schedule.model_fields},
    **{f"schedule.tariff.{name}": name for name in TARIFF},
    **{f"schedule.deductibles_yen.{peril}": f"deductible_{peril}" for peril in Peril},
    "policy_reversed": "valid_until",
    "ages_reversed": "max_child_months",
    "clock_reversed": "hours_until",
    "means_unnamed": "means",
}
_AROUND_FIGURES = str.maketrans("", "", ", ¥円")


def draft_typed(form: Form, zone: ZoneInfo) -> PolicyDraft:
    """Read a policy from the form; its days are whole days of the area, and its hours those of the area's clock.

    Raises:
        BadForm: something can't be read.

    """
    terms = {
        "kinds": _given({kind: form.maybe(f"kind_{kind}") for kind in CareKind}),
        "means": form.all("means"),
        "several_families": form.ticked("several_families"),
        "timezone": zone.key,
        **{name: form.plain(name) for name in (*COUNTS, *HOURS)},
    }
    schedule = {
        "deductibles_yen": _given({peril: _figure(form, f"deductible_{peril}") for peril in Peril}),
        "exclusions": form.all("exclusions"),
        "tariff": _given({name: _figure(form, name) for name in TARIFF}),
        **{name: _figure(form, name) for name in OF_SCHEDULE},
    }
    return form.read(
        PolicyDraft,
        names=FIELDS,
        insurer=form.maybe("insurer"),
        number=form.maybe("number"),
        valid_from=midnight_typed(form.text("valid_from"), zone),
        valid_until=midnight_typed(form.text("valid_until"), zone, 1),
        terms=_given(terms),
        schedule=_given(schedule),
        **{name: _figure(form, name) for name in OF_DRAFT},
    )


def as_present(known: PolicyView) -> Form:
    """Fill the form as a policy is, but for what no other policy shares with it: its number and its days."""
    yen = {name: getattr(known, name) for name in OF_DRAFT}
    return _filled(yen, known.terms, known.schedule, insurer=known.insurer)


def as_usual(zone: ZoneInfo) -> Form:
    """Fill the form of an area's first policy with what is usual."""
    terms = Terms(
        kinds=dict.fromkeys(CareKind, Level.REGISTERED),
        means=(Means.FOOT,),
        min_child_months=12,
        max_child_months=155,
        max_children=3,
        hours_from="06:00",
        hours_until="20:00",
        timezone=zone.key,
        grace_minutes=30,
        max_temperature_c=37.5,
    )
    return _filled(dict.fromkeys(OF_DRAFT, USUAL_YEN), terms, USUAL_SCHEDULE)


def _filled(yen: Mapping[str, int], terms: Terms, schedule: Schedule, **texts: str) -> Form:
    figures: dict[str, int | None] = {
        **yen,
        **{name: getattr(schedule, name) for name in OF_SCHEDULE},
        **{f"deductible_{peril}": deductible for peril, deductible in schedule.deductibles_yen.items()},
        **{name: getattr(schedule.tariff, name) for name in TARIFF},
    }
    return Form.of(
        **texts,
        **{name: f"{figure:,}" if figure else None for name, figure in figures.items()},
        **{f"kind_{kind}": level.value for kind, level in terms.kinds.items()},
        **{name: getattr(terms, name) for name in (*COUNTS, *HOURS)},
        means=terms.means,
        several_families=1 if terms.several_families else None,
        exclusions=schedule.exclusions,
    )


def _figure(form: Form, name: str) -> str | None:
    """Return a figure without its yen and the commas between its digits; None if left out."""
    return (form.plain(name) or "").translate(_AROUND_FIGURES) or None


def _given(values: Mapping[str, object]) -> dict[str, object]:
    """Leave out what was left out, so that the shape's default counts."""
    return {name: value for name, value in values.items() if value is not None}
