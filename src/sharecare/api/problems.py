"""Errors as RFC 9457 problem details, in the person's language."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from sharecare.deps import Replayed, language_of
from sharecare.errors import NotFound, Refusal
from sharecare.malformed import in_words
from sharecare.policy import POLICY
from sharecare.tries import retry_after

MEDIA_TYPE = "application/problem+json"
_UNREADABLE = {"ja": "入力を読み取れませんでした。", "en": "Some of the input can't be read."}
_HTTP: dict[int, tuple[str, dict[str, str]]] = {
    400: ("unreadable", _UNREADABLE),
    404: ("not-found", {"ja": NotFound.ja, "en": NotFound.en}),
    405: ("wrong-method", {"ja": "この操作は、このアドレスでは使えません。", "en": "This address doesn't do that."}),
}


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(examples=["body.password"])
    detail: str


class Problem(BaseModel):
    """An error: RFC 9457, with our stable `code`."""

    type: str = Field(examples=["/problems/slot-taken"])
    title: str = Field(examples=["slot-taken"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["その時間はほかの予約と重なっています。"])
    code: str = Field(examples=["slot-taken"])
    errors: list[FieldProblem] = []


def _described(text: str) -> dict[str, Any]:
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: _described(text)
    for status, text in {
        400: "The request makes no sense as it is.",
        401: "No valid sign-in.",
        403: "Your role doesn't include this.",
        404: "It doesn't exist, or it isn't yours to see.",
        409: "The state of things, or someone else, stands against it.",
        410: "The link was used or has expired.",
        422: "The payload is malformed.",
        429: "Too many attempts; see Retry-After.",
        503: "Not now; try again.",
    }.items()
}

_TOO_LARGE = {"413": _described("The body is too large.")}  # where there is one


def complete_document(app: FastAPI) -> None:
    """Put into the API's document what FastAPI can't tell of its routes.

    `Problem` is added here: as the model of nine answers, every route would build it nine times.
    """
    written = app.openapi

    def openapi() -> dict[str, Any]:
        document = written()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= schema.pop("$defs") | {Problem.__name__: schema}
        for operation in (one for methods in document["paths"].values() for one in methods.values()):
            _complete(operation)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # where FastAPI's manual says to


def _complete(operation: dict[str, Any]) -> None:
    if "requestBody" in operation:
        operation["responses"] |= _TOO_LARGE
    if not POLICY[operation["operationId"]].roles:
        operation["security"] = []
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which is left out or a text, but never null."""
    choices: list[dict[str, Any]] = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {name: value for name, value in schema.items() if name != "anyOf"} | choices[0]


def _problem(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    body = problem.model_dump(exclude_defaults=True)
    return JSONResponse(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _named(code: str, status: int, detail: str, errors: list[FieldProblem] | None = None) -> Problem:
    return Problem(type=f"/problems/{code}", title=code, status=status, detail=detail, code=code, errors=errors or [])


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  -- registered for this type only
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    problem = _named(error.code, error.status, error.text(language_of(request)))
    return _problem(problem, headers | retry_after(error))


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  -- registered for this type only
    language = language_of(request)
    fields = [
        FieldProblem(field=".".join(map(str, item["loc"])), detail=in_words(item, language)) for item in error.errors()
    ]
    return _problem(_named("malformed", 422, _UNREADABLE[language], fields))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  -- registered for this type only
    language = language_of(request)
    code, words = _HTTP.get(error.status_code, ("http", {}))
    problem = _named(code, error.status_code, words.get(language, str(error.detail)))
    return _problem(problem, dict(error.headers or {}))


async def _unstorable(request: Request, _error: Exception) -> Response:
    return _problem(_named("malformed", 422, _UNREADABLE[language_of(request)]))


async def _replayed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)  # noqa: S101  -- registered for this type only
    headers = {"Idempotency-Replayed": "true"}
    if error.status == HTTPStatus.NO_CONTENT:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    return JSONResponse(error.body, status_code=error.status, headers=headers)


HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refusal: _refused,
    RequestValidationError: _malformed,
    HTTPException: _http,
    Replayed: _replayed,
    DataError: _unstorable,  # PostgreSQL takes no zero byte, wherever it comes in
}
