"""No body that people send can hold what no database, no clock and no calendar holds."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.door import through_the_door
from doors import Town
from insurance.desk import DRAFT
from sharecare.api import ROUTERS
from sharecare.areas.rules import AreaSettings
from sharecare.areas.schemas import GoalDraft
from sharecare.insurance.schemas import PolicyDraft
from world import Family

Schema = dict[str, Any]
SETTINGS: Schema = AreaSettings().model_dump(mode="json")
POLICY: Schema = DRAFT.model_dump(mode="json")
EARLY, LATE = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"
HALF_A_PAIR = "\ud800"
# Weekly hours are only compared with days: some people end theirs on the last day there is.
WITHOUT_END = {"set_weekly_hours"}


def bodies() -> Iterator[tuple[str, TypeAdapter[Any]]]:
    """List what each operation takes."""
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.body_field is not None:
                shape: Any = route.body_field.field_info.annotation
                yield str(route.operation_id), TypeAdapter(shape)


def with_one(schema: Schema, defs: Schema, is_it: Callable[[Schema], bool], value: object) -> Iterator[object]:
    """Yield bodies that hold a value and nothing else, one for each place where it may stand."""
    if "$ref" in schema:
        yield from with_one(defs[schema["$ref"].rpartition("/")[2]], defs, is_it, value)
    elif is_it(schema):
        yield value
    for key in ("anyOf", "allOf", "oneOf"):
        for one in schema.get(key, ()):
            yield from with_one(one, defs, is_it, value)
    for name, one in schema.get("properties", {}).items():
        yield from ({name: inner} for inner in with_one(one, defs, is_it, value))
    if isinstance(schema.get("items"), dict):
        yield from ([inner] for inner in with_one(schema["items"], defs, is_it, value))
    if isinstance(schema.get("additionalProperties"), dict):
        for named in with_one({"type": "string"}, defs, is_it, value):
            yield {named: 1}
        yield from ({"x": inner} for inner in with_one(schema["additionalProperties"], defs, is_it, value))


def taken(is_it: Callable[[Schema], bool], value: object, kind: str) -> list[tuple[str, object]]:
    """Return the operations whose bodies may hold a value, and where; others refuse it as being of a kind."""
    found = []
    tried = 0
    for name, body in bodies():
        schema = body.json_schema()
        for sent in with_one(schema, schema.get("$defs", {}), is_it, value):
            tried += 1
            try:
                body.validate_python(sent)
            except ValidationError as error:
                if kind in {one["type"] for one in error.errors()}:
                    continue
            found.append((name, sent))
    assert tried
    return found


@pytest.mark.parametrize("text", ["a\0b", HALF_A_PAIR])
def test_no_text_of_any_body_holds_what_cannot_be_stored(text: str) -> None:
    assert taken(lambda schema: schema.get("type") == "string", text, "unstorable") == []


@pytest.mark.parametrize("name", ["\0", HALF_A_PAIR])
def test_no_field_of_any_body_is_called_what_cannot_be_told(name: str) -> None:
    for operation, body in bodies():
        with pytest.raises(ValidationError) as refused:
            body.validate_python({name: 1})
        assert [one["type"] for one in refused.value.errors()] == ["unstorable"], operation


@pytest.mark.parametrize("moment", [EARLY, LATE])
def test_no_body_names_a_moment_that_cannot_be_moved_between_zones(moment: str) -> None:
    assert taken(lambda schema: schema.get("format") == "date-time", moment, "far_moment") == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_no_body_names_a_day_at_the_end_of_the_calendar(day: str) -> None:
    found = taken(lambda schema: schema.get("format") == "date", day, "far_day")

    assert {name for name, _ in found} == WITHOUT_END


def test_no_body_takes_json_schema_s_own_time_which_has_an_offset() -> None:
    for _, body in bodies():
        schema = body.json_schema()
        places = with_one(schema, schema.get("$defs", {}), lambda one: one.get("format") == "time", "06:00:00")
        assert list(places) == []


@pytest.mark.parametrize("shape", [AreaSettings, PolicyDraft, GoalDraft])
def test_every_number_that_staff_set_has_an_upper_end(shape: type[BaseModel]) -> None:
    def is_endless(schema: Schema) -> bool:
        return schema.get("type") == "integer" and not schema.keys() & {"maximum", "enum"}

    schema = shape.model_json_schema()

    assert list(with_one(schema, schema["$defs"], is_endless, 1)) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"desk_hours": HALF_A_PAIR},
        {"course_units": [HALF_A_PAIR]},
        {"course_units": ["a\0b"]},
        {HALF_A_PAIR: 1},
        {"handover_overdue_minutes": 1_100_000_000},
        {"supporter_min_years": 3000},
        {"friends_of_friends_after_minutes": 10**12},
        {"open_after_minutes": 10**30},
        {"care_from": "06:00:00Z"},
        {"care_until": "20:00:00+09:00"},
    ],
)
async def test_rules_that_break_an_area_are_refused_and_the_area_works_on(town: Town, broken: Schema) -> None:
    staff = through_the_door(town, town.world.staff)

    content, headers = json.dumps(SETTINGS | broken).encode(), {"Content-Type": "application/json"}
    refused = await staff.ask("PUT", "/areas/misono/settings", content=content, headers=headers)
    kept = await staff.get("/areas/misono/settings")
    await town.round()

    assert (refused.status_code, refused.json()["code"]) == (422, "malformed")
    assert kept.json()["settings"] == SETTINGS


async def test_hours_on_the_wall_are_stored_and_told_as_before(town: Town) -> None:
    staff = through_the_door(town, town.world.staff)

    for sent in ("07:00", "07:00:00"):
        answer = await staff.put("/areas/misono/settings", SETTINGS | {"care_from": sent})

        assert (answer.status_code, answer.json()["care_from"]) == (200, "07:00:00")


async def test_what_is_no_time_on_the_wall_is_said_in_japanese(town: Town) -> None:
    staff = through_the_door(town, town.world.staff)
    said = {
        "6時": "時刻として読み取れません。",
        "06:00Z": "時差を付けずに、時計の時刻だけを入力してください(06:00 など)。",
    }

    for sent, words in said.items():
        answer = await staff.put("/areas/misono/settings", SETTINGS | {"care_until": sent})

        assert answer.json()["errors"] == [{"field": "body.care_until", "detail": words}]


async def test_what_is_wrong_with_a_far_moment_is_said_in_both_languages(town: Town) -> None:
    staff = through_the_door(town, town.world.staff)
    said = {
        "ja": {"1970年から2199年までの日時にしてください。"},
        "en": {"give a moment from 1970 to 2199"},
    }

    for language, words in said.items():
        for moment in (EARLY, LATE):
            body = POLICY | {"valid_from": moment}
            answer = await staff.post("/areas/misono/policies", body, headers={"Accept-Language": language})

            assert answer.status_code == 422
            assert {one["detail"] for one in answer.json()["errors"]} == words


async def test_a_series_until_the_end_of_the_calendar_is_refused(town: Town) -> None:
    family: Family = await town.world.family("Alice")
    parent = through_the_door(town, family.actor)
    need = family.need().model_dump(mode="json", include={"kind", "children", "start_at", "end_at"})

    answers = {
        until: (await parent.post("/series", {"need": need, "until": until})).json()["code"]
        for until in ("9999-12-31", "2199-12-31")
    }

    assert answers == {"9999-12-31": "malformed", "2199-12-31": "too-many-dates"}


async def test_a_month_in_full_width_digits_is_none(town: Town) -> None:
    staff = through_the_door(town, town.world.staff)

    for path in ("/areas/misono/bordereau", "/areas/misono/report"):
        assert (await staff.get(f"{path}?month=20２６-05")).status_code == 422


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_sheet_is_of_a_day_of_our_time(town: Town, day: str) -> None:
    parent = through_the_door(town, (await town.world.family("Alice")).actor)

    answer = await parent.get(f"/me/day-sheet?day={day}")

    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
