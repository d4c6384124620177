"""What the engine answers with: a film, its two numbers, and why it is there."""

from dataclasses import dataclass

__all__ = ["Recommendation", "UnknownFilmError"]


class UnknownFilmError(ValueError):
    """No film of the catalogue has this id.

    >>> issubclass(UnknownFilmError, ValueError)
    True
    """


@dataclass(frozen=True)
class Recommendation:
    """One film of a list.

    Attributes
    ----------
    film_id, title, year, genres
        As in the catalogue.
    score : float
        What the list is ordered by; larger is better, and only within one list.
    stars : float
        What the visitor would give, as the other model expects, from 1 to 5.
    reason : dict
        ``{"film": id, "title": text, "closeness": cosine}`` of the liked film nearest
        to this one, the cosine in (0, 1]; or ``{"popular": n}`` where none is near: so
        many people gave it at least four stars.

    Examples
    --------
    >>> film = Recommendation(7, "Up (2009)", 2009, (), 1.5, 4.2, {"popular": 30})
    >>> film.stars, film.reason["popular"]
    (4.2, 30)
    """

    film_id: int
    title: str
    year: int | None
    genres: tuple
    score: float
    stars: float
    reason: dict
