"""The service as an application: its addresses, and what each takes and answers.

Everything under /api is JSON, including errors: {"error": one sentence}, but for
uvicorn's own 400 (see ``guard``). What a client sends is never sent back. A visitor's
token comes in the header Authorization, so it is in no metric and in no log, neither
ours nor a proxy's.

Handlers run in the event loop and call the engine there: it takes about a millisecond,
and handing that to a thread costs more than it frees. Writes wait, without holding the
loop, until the store says that they are on disk.
"""

import asyncio
import hashlib
import re
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.exceptions import HTTPException

from recbook.app.guard import Guard
from recbook.app.metrics import Metrics
from recbook.app.refusals import HANDLERS, public
from recbook.app.store import Unknown, new_token

__all__ = ["create_app"]

SERVED = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
SERVED |= {".svg": "image/svg+xml", ".woff2": "font/woff2"}


class RatingBody(BaseModel):
    """The body of a rating: a whole number in JSON, not "4", 4.0 or true."""

    model_config = ConfigDict(extra="forbid", strict=True)
    stars: int = Field(ge=1, le=5)


def _digits(value):
    """Refuse "1.0", and "1_0" for 10, which pydantic would take as whole numbers."""
    if isinstance(value, str) and not re.fullmatch("-?[0-9]+", value):
        raise ValueError("not a whole number")
    return value


def _or_none(value):
    """Take an empty field of a form as one that was left out."""
    return None if value == "" else value


Whole = Annotated[int, BeforeValidator(_digits)]
Count = Annotated[Whole, Query(ge=1, le=100)]
Year = Annotated[
    Annotated[Whole, Field(ge=1800, le=2200)] | None, BeforeValidator(_or_none)
]
Share = Annotated[float, Query(ge=0, le=1, allow_inf_nan=False)]
Text = Annotated[str, Query(max_length=200)]
Name = Annotated[str, Query(max_length=40)]
Names = Annotated[tuple[Name, ...], Query(max_length=20)]

api = APIRouter(prefix="/api")
pages = APIRouter()


@api.post("/visitor", status_code=201)
async def new_visitor():
    """Return a new visitor's token, which only the browser keeps."""
    return JSONResponse({"visitor": new_token()}, 201)


@api.delete("/visitor", status_code=204)
async def forget(request: Request):
    """Delete all of a visitor. It also succeeds if there was nothing."""
    store = request.app.state.store
    await asyncio.wrap_future(store.forget(_visitor(request)))
    return Response(status_code=204)


@api.get("/films")
async def search(request: Request, q: Text = "", limit: Count = 20):
    """Return films by words of their titles."""
    state = request.app.state
    with state.metrics.engine.labels("search").time():
        films = state.engine.search(q, limit)
    return JSONResponse({"films": [_film(request, film, film.id) for film in films]})


@api.get("/tastes")
async def tastes(request: Request):
    """Return films to begin with, by genre."""
    listed = [
        {"genre": genre, "films": [_film(request, film, film.id) for film in films]}
        for genre, films in getattr(request.app.state.engine, "tastes", ())
    ]
    return JSONResponse({"tastes": listed})


@api.get("/ratings")
async def ratings(request: Request):
    """Return the visitor's ratings, the latest first."""
    films = request.app.state.engine.films
    rows = request.app.state.store.ratings(_visitor(request))
    listed = [
        (_film(request, films[i], i) if i in films else {"id": i, "title": title})
        | {"stars": stars}
        for i, title, stars in rows
    ]
    return JSONResponse({"ratings": listed})


@api.put("/ratings/{film_id}")
async def rate(request: Request, film_id: Whole, rating: RatingBody):
    """Rate a film, or change a rating. The answer comes when it is on disk."""
    state, visitor = request.app.state, _visitor(request)
    if film_id not in state.engine.films:
        raise Unknown("film")
    await asyncio.wrap_future(state.store.rate(visitor, film_id, rating.stars))
    state.metrics.ratings.inc()
    return JSONResponse({"id": film_id, "stars": rating.stars})


@api.delete("/ratings/{film_id}", status_code=204)
async def unrate(request: Request, film_id: Whole):
    """Take a rating back. It also succeeds if there was none."""
    state, visitor = request.app.state, _visitor(request)
    if film_id not in state.engine.films:
        raise Unknown("film")
    await asyncio.wrap_future(state.store.unrate(visitor, film_id))
    return Response(status_code=204)


@api.get("/recommendations")
async def recommendations(
    request: Request,
    k: Count = 10,
    genre: Names = (),
    from_year: Year = None,
    to_year: Year = None,
    diversity: Share = 0.0,
):
    """Return films for the visitor, each with its reason."""
    engine, rated = request.app.state.engine, _rated(request)
    genres = tuple(name for name in genre if name)
    if not set(genres) <= request.app.state.genres:
        known = ", ".join(sorted(request.app.state.genres))
        raise HTTPException(422, f"genre must be one of: {known}")
    years = None if from_year is None and to_year is None else (from_year, to_year)
    if from_year is not None and to_year is not None and from_year > to_year:
        raise HTTPException(422, "from_year must not be after to_year: exchange them")
    with request.app.state.metrics.engine.labels("recommend").time():
        films = engine.recommend(rated, k, genres, years, diversity)
    listed = [
        _film(request, r, r.film_id)
        | {"score": r.score, "stars": r.stars, "reason": r.reason}
        for r in films
    ]
    return JSONResponse({"recommendations": listed})


@api.get("/recommendations/{film_id}")
async def explanation(request: Request, film_id: Whole):
    """Return the score of one film for the visitor, as a sum over their stars."""
    state = request.app.state
    if film_id not in state.engine.films:
        raise Unknown("film")
    with state.metrics.engine.labels("explain").time():
        return JSONResponse(state.engine.explain(_rated(request), film_id))


def _rated(request):
    """Return the visitor's stars of films that the engine knows, by film id."""
    engine, store = request.app.state.engine, request.app.state.store
    rows = store.ratings(_visitor(request))
    return {i: stars for i, _, stars in rows if i in engine.films}


def _visitor(request):
    """Return the token that came with a request, or an empty text."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _film(request, film, film_id):
    """Return what every answer says about a film."""
    return {
        "id": film_id,
        "title": film.title,
        "year": film.year,
        "genres": list(film.genres),
        "poster": request.app.state.posters.get(film_id, ""),
    }


@pages.api_route("/health", methods=["GET", "HEAD"])
async def health(request: Request):
    """Say whether the service works, and whether the last write found room."""
    state = request.app.state
    state.store.check()
    problem = state.store.last_problem
    writes = "ok" if problem is None else public(problem)
    data, genres = getattr(state.engine, "name", None), sorted(state.genres)
    ready = {"status": "ready", "writes": writes, "films": len(state.engine.films)}
    return JSONResponse(ready | {"data": data, "genres": genres, "book": state.book})


@pages.get("/metrics")
async def metrics(request: Request):
    """Return the counters, for Prometheus."""
    kept = request.app.state.metrics
    return Response(kept.text(), headers={"content-type": kept.content_type})


@pages.api_route("/", methods=["GET", "HEAD"])
async def page(request: Request):
    """Return the page."""
    return _static(request, "index.html")


@pages.api_route("/static/{name}", methods=["GET", "HEAD"])
async def static(request: Request, name: str):
    """Return a script or a style. They are in a dict, so no path leads elsewhere."""
    return _static(request, name)


def _static(request, name):
    if name not in request.app.state.static:
        raise HTTPException(404)
    content, kind, tag = request.app.state.static[name]
    headers = {"cache-control": "no-cache", "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def _read_static():
    """Return a dict of name to (bytes, media type, tag): the files of the page."""
    contents, folder = {}, files(__package__) / "static"
    for path in folder.iterdir() if folder.is_dir() else ():
        kind = SERVED.get("." + path.name.rpartition(".")[2])
        if kind is not None:
            content = path.read_bytes()
            tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            contents[path.name] = content, kind, tag
    return contents


def create_app(engine, store, book=None, **guard):
    """Return the service as a FastAPI application.

    Parameters
    ----------
    engine : Engine
        An engine, or any object with the methods that :mod:`recbook.app` lists.
    store : Store
        The caller closes it after the service has stopped.
    book : str, optional
        Address of the book, ending in a slash, to which the page links.
    **guard
        Settings of ``recbook.app.guard.Guard``: `hosts`, `any_address`, `max_at_once`,
        ``patience``, ``open_metrics``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> app = create_app(SimpleNamespace(films={}), store=None)
    >>> app.url_path_for("rate", film_id=7)
    '/api/ratings/7'
    """
    # The generated documentation asks another host for its scripts.
    app = FastAPI(title="recbook", docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False
    state = app.state
    state.engine, state.store, state.metrics = engine, store, Metrics()
    state.book, state.posters = book, getattr(engine, "posters", {})
    state.genres = {name for film in engine.films.values() for name in film.genres}
    state.static, state.routes = _read_static(), [*api.routes, *pages.routes]
    app.include_router(api)
    app.include_router(pages)
    app.add_middleware(Guard, metrics=state.metrics, **guard)
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    return app
