"""The answers to requests that can't be served: one sentence each, in JSON."""

import logging

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from recbook.app.store import Unknown
from recbook.app.storefile import StoreBusy, StoreError, StoreFull

__all__ = ["HANDLERS", "public"]

log = logging.getLogger("recbook.app")

# What each field must be. The sentence of a refusal says it.
NEEDS = {
    "stars": 'a whole number from 1 to 5, as in {"stars": 4}',
    "film_id": "a whole number, as GET /api/films gives it",
    "q": "a text of at most 200 characters",
    "limit": "a whole number from 1 to 100",
    "k": "a whole number from 1 to 100",
    "genre": "a genre, at most 20 of them",
    "from_year": "a year from 1800 to 2200, or nothing",
    "to_year": "a year from 1800 to 2200, or nothing",
    "diversity": "a number from 0 to 1",
}
BODY = 'a JSON object like {"stars": 4}, and nothing more'
OUTSIDE = {"greater_than_equal", "less_than_equal", "too_long", "string_too_long"}
KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a point",
    str: "a text",
    list: "a list",
    dict: "an object",
    type(None): "nothing",
}


def public(error):
    """Return what a visitor is told about the store's error, without its path.

    >>> public(StoreBusy("/home/ann/visitors.sqlite is locked"))
    'the store is busy, and nothing was changed: try again in a second'
    """
    if isinstance(error, StoreFull):
        return (
            "there is no room to store it, and nothing was changed: "
            "tell who runs the service, and try again later"
        )
    if isinstance(error, StoreBusy):
        return "the store is busy, and nothing was changed: try again in a second"
    return "the store can't be used: tell who runs the service; its log says why"


async def _on_store_error(request, error):
    log.error("%s", error)
    status = 507 if isinstance(error, StoreFull) else 503
    retry = {"retry-after": "1"} if isinstance(error, StoreBusy) else None
    return JSONResponse({"error": public(error)}, status, retry)


async def _on_unknown(request, error):
    if error.what == "visitor":
        return JSONResponse({"error": str(error)}, 401, {"www-authenticate": "Bearer"})
    return JSONResponse({"error": str(error)}, 404)


async def _on_http_error(request, error):
    sentences = {
        404: "there is nothing at this address: see the page at / or GET /api/films",
        405: "this address does not take that method: see the header Allow",
    }
    if error.status_code == 400:  # FastAPI's answer to a body that is no text
        return JSONResponse({"error": f"the body must be {BODY}"}, 422)
    sentence = sentences.get(error.status_code, error.detail)
    headers = _allowed(request) if error.status_code == 405 else error.headers
    return JSONResponse({"error": sentence}, error.status_code, headers)


def _allowed(request):
    """Return the header Allow, with the methods of all routes of an address."""
    routes = request.app.state.routes
    here = [r for r in routes if r.matches(request.scope)[0] is not Match.NONE]
    methods = {method for route in here for method in route.methods}
    return {"allow": ", ".join(sorted(methods))}


async def _on_wrong(request, error):
    """Name the field, what it must be and what it was, but never its value."""
    wrong = error.errors()[0]
    name = next((part for part in wrong["loc"] if part in NEEDS), None)
    if name is None:  # a field that does not exist is not named either
        return JSONResponse({"error": f"the body must be {BODY}"}, 422)
    if wrong["type"] == "missing":
        but = ": it is missing"
    elif wrong["type"] in OUTSIDE:
        but = ": this lies outside"
    else:
        but = f", not {KINDS.get(type(wrong.get('input')), 'something else')}"
    return JSONResponse({"error": f"{name} must be {NEEDS[name]}{but}"}, 422)


HANDLERS = {
    StoreError: _on_store_error,
    Unknown: _on_unknown,
    HTTPException: _on_http_error,
    RequestValidationError: _on_wrong,
}
