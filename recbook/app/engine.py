r"""From a handful of stars to a list with reasons, in NumPy and one index: no network.

A request passes five steps. Here :math:`p_u` is the visitor's vector and :math:`q_i` a
film's, each with one more coordinate for the film's own weight :math:`b_i`:

1. *describe*: the stars become features, and :math:`p_u` the sum of their vectors;
2. *retrieve*: about a hundred films with the largest :math:`p_u^\top q_i`;
3. *filter*: no rated film, no title twice, and only what the visitor asked for;
4. *arrange*: the best ones, or the best that differ from each other;
5. *explain*: the liked film nearest to each, and the stars that the visitor would
   give it, as the other pair of towers expects.
"""

from dataclasses import dataclass

import numpy as np

from recbook._core.validate import check_number, check_positive_int
from recbook.app.catalogue import LIKED, Titles
from recbook.app.posters import posters
from recbook.app.tastes import tastes

__all__ = ["Engine", "Recommendation", "UnknownFilmError"]

CANDIDATES = 100  # films that are arranged, whatever the length of the list
SHARE = 4  # for more than a fourth of all films an index gains nothing


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
        The list is ordered by it. Larger is better, but only within one list.
    stars : float
        The rating that the other model expects from the visitor, from 1 to 5.
    reason : dict
        ``{"film": id, "title": text, "closeness": cosine}`` for the nearest film that
        the visitor liked, with a cosine in (0, 1]. If none is near it is
        ``{"popular": n}``: n people gave the film at least four stars.

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


class Engine:
    """Recommend films to people whom the models have never met.

    It holds the catalogue and what the models know of it, and nothing of a visitor:
    each call gets all of the visitor's stars. No call changes anything, so any number
    of threads may call it at once.

    Parameters
    ----------
    bundle : Bundle
        From :func:`recbook.app.bundle.read`.

    Attributes
    ----------
    name : str
        Name of the data that the models learned from.
    films : dict of int to Film
        The catalogue, by id.
    genres : tuple of str
        All genres, in alphabetical order.
    posters : dict of int to str
        For each film id the shades of its poster, from ``recbook.app.posters``.
    tastes : tuple of (str, list of Film)
        Genres and a few films of each to begin with, from ``recbook.app.tastes``.

    Examples
    --------
    >>> from recbook.app.bundle import toy
    >>> engine = Engine(toy())
    >>> [film.title for film in engine.search("al")]
    ['Alien']
    >>> first, *_ = engine.recommend({1: 5}, k=2)
    >>> first.title, first.reason["title"]
    ('Heat', 'Alien')
    """

    def __init__(self, bundle):
        self.name = bundle.name
        self.films = {film.id: film for film in bundle.films}
        self.genres = tuple(sorted({g for f in bundle.films for g in f.genres}))
        self._bundle, self._list = bundle, bundle.films
        self._titles = Titles(bundle.films)
        self._row = {film.id: row for row, film in enumerate(bundle.films)}
        first = {}
        self._twin = np.array(
            [first.setdefault(f.title, row) for row, f in enumerate(bundle.films)]
        )
        vectors = bundle.retrieval.films[:, :-1].astype(np.float64)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        self._directions = towards = vectors / np.maximum(lengths, 1e-12)
        self.posters = dict(zip(self._row, posters(towards), strict=True))
        self.tastes = tuple(
            (genre, [self._list[row] for row in rows])
            for genre, rows in tastes(self._list, towards)
        )
        self._likes = np.array([film.likes for film in bundle.films], dtype=float)
        years = [film.year if film.year is not None else np.nan for film in self._list]
        self._years = np.array(years, dtype=float)
        self._of_genre = {
            genre: np.array([genre in film.genres for film in bundle.films])
            for genre in self.genres
        }

    def film(self, film_id):
        """Return the film of an id.

        Raises
        ------
        UnknownFilmError
            If the catalogue has no such film.
        """
        try:
            return self.films[film_id]
        except (KeyError, TypeError):
            raise UnknownFilmError(
                f"film_id {film_id!r} is not in the catalogue; search for a title "
                f"to find the ids there are"
            ) from None

    def search(self, text, limit=20):
        """Return at most ``limit`` films by words of their titles, or of all films.

        Parameters
        ----------
        text : str
            Beginnings of words in any order. Accents and case do not count. An empty
            text finds all films.
        limit : int
            At least 1.

        Returns
        -------
        list of Film
            First the titles that begin with the text, then by number of ratings.
        """
        limit = _up_to_100("limit", limit)
        return [self._list[row] for row in self._titles.find(text, limit)]

    def recommend(self, rated, k=10, genres=(), years=None, diversity=0.0):
        """Return the best films for somebody who gave these stars.

        Parameters
        ----------
        rated : dict of int to int
            Film id to stars, 1 to 5. Without ratings the most liked films are returned.
        k : int
            Length of the list, 1 to 100. It is shorter if fewer films qualify.
        genres : iterable of str
            Only films with at least one of these genres. Without any, all films.
        years : (int or None, int or None), optional
            First and last year. None leaves an end open. A film without a year is in
            no interval.
        diversity : float
            From 0 (the best scores) to 1 (the least alike).

        Returns
        -------
        list of Recommendation
            Best first. It holds no film that was rated, and no title twice.

        Raises
        ------
        UnknownFilmError, ValueError
            The message names the argument, the value and what is allowed.
        """
        k = _up_to_100("k", k)
        rows, stars = self._checked(rated)
        allowed = self._allowed(genres, years)
        diversity = check_number("diversity", diversity, 0, 1)
        retrieval = self._bundle.retrieval
        user = retrieval.user_vector(rows, stars)
        films, scores = self._retrieve(user if rows.size else None, rows, allowed)
        shown = self._arrange(films, scores, k, diversity)
        films, scores = films[shown], scores[shown]
        expected = self._bundle.rating.stars(rows, stars, films)
        reasons = self._reasons(films, rows[stars >= LIKED])
        together = zip(films, scores, expected, reasons, strict=True)
        return [self._answer(*one) for one in together]

    def explain(self, rated, film_id, k=4):
        r"""Return the score of one film as a sum of its parts.

        Parameters
        ----------
        rated : dict of int to int
            As for :meth:`recommend`.
        film_id : int
            The film in question.
        k : int
            How many of the stars to name, those that add or take the most first.

        Returns
        -------
        dict
            ``score`` and ``stars`` as in a :class:`Recommendation`; ``own``, what
            the film has whoever asks; ``added``, a list of ``{"id", "title",
            "added"}``; and ``others``, what all other stars add together. ``own``, each
            ``added`` and ``others`` sum to ``score``, up to rounding.

        Examples
        --------
        >>> from recbook.app.bundle import toy
        >>> why = Engine(toy()).explain({1: 5}, 3)
        >>> why["own"], why["added"][0]["title"], why["added"][0]["added"], why["score"]
        (0.0, 'Alien', 5.0, 5.0)
        """
        rows, stars = self._checked(rated)
        film = self._row[self.film(film_id).id]
        added = self._bundle.retrieval.shares(rows, stars, film)
        largest = np.argsort(-np.abs(added), kind="stable")[:k]
        own = float(self._bundle.retrieval.films[film, -1])
        named = [self._list[rows[n]] for n in largest]
        return {
            "id": film_id,
            "score": round(own + float(added.sum()), 4),
            "stars": round(float(self._bundle.rating.stars(rows, stars, [film])[0]), 2),
            "own": round(own, 4),
            "added": [
                {"id": other.id, "title": other.title, "added": round(float(share), 4)}
                for other, share in zip(named, added[largest], strict=True)
            ],
            "others": round(float(added.sum() - added[largest].sum()), 4),
        }

    def _retrieve(self, user, rated, allowed):
        """Return rows and scores of the candidates, best first."""
        wanted = CANDIDATES + 2 * len(rated)
        if user is None:
            rows, scores = _best(self._likes, allowed, wanted)
        elif allowed is None and wanted * SHARE <= len(self._list):
            rows, scores = self._bundle.search(user, wanted)
        else:
            rows, scores = _best(self._bundle.retrieval.films @ user, allowed, wanted)
        # Of films with the same title the best is kept, and none if one was rated.
        twins = self._twin[rows]
        keep = ~np.isin(twins, self._twin[rated])
        first = np.zeros(len(rows), dtype=bool)
        first[np.unique(twins, return_index=True)[1]] = True
        keep = np.flatnonzero(keep & first)[:CANDIDATES]
        return rows[keep], scores[keep]

    def _arrange(self, rows, scores, k, diversity):
        r"""Return the places of the k to show, by maximal marginal relevance if asked.

        The next is the largest (1 - d) s_i - d max_j cos(i, j), j over those chosen
        and s scaled to run from 0 to 1 among the candidates.
        """
        if not diversity or len(rows) < 2:
            return np.arange(min(k, len(rows)))
        spread = np.ptp(scores)
        relevance = (scores - scores.min()) / (spread if spread > 0 else 1.0)
        directions = self._directions[rows]
        nearest, chosen = np.full(len(rows), -1.0), []
        for _ in range(min(k, len(rows))):
            worth = (1 - diversity) * relevance - diversity * nearest
            worth[chosen] = -np.inf
            chosen.append(int(worth.argmax()))
            nearest = np.maximum(nearest, directions @ directions[chosen[-1]])
        return np.array(chosen)

    def _reasons(self, rows, liked):
        """Return for each film the nearest of the liked ones, or its popularity."""
        popular = [{"popular": self._list[row].likes} for row in rows]
        if not liked.size:
            return popular
        closeness = self._directions[rows] @ self._directions[liked].T
        nearest = closeness.argmax(axis=1)
        largest = closeness[np.arange(len(rows)), nearest]
        return [
            self._because(liked[j], cosine) if cosine > 0 else other
            for j, cosine, other in zip(nearest, largest, popular, strict=True)
        ]

    def _because(self, row, cosine):
        film = self._list[row]
        closeness = round(min(float(cosine), 1.0), 4)
        return {"film": film.id, "title": film.title, "closeness": closeness}

    def _answer(self, row, score, stars, reason):
        film = self._list[row]
        numbers = round(float(score), 4), round(float(stars), 2)
        return Recommendation(
            film.id, film.title, film.year, film.genres, *numbers, reason
        )

    def _checked(self, rated):
        """Return rows and stars of a dict of ratings."""
        for film_id, stars in rated.items():
            self.film(film_id)
            check_number(f"the stars of film {film_id}", stars, 1, 5)
        rows = np.fromiter((self._row[f] for f in rated), dtype=np.intp)
        return rows, np.fromiter(rated.values(), dtype=np.float64)

    def _allowed(self, genres, years):
        """Return the mask of the films that may be shown, or None if all may."""
        if isinstance(genres, str):
            genres = (genres,)
        masks = []
        for genre in genres:
            if genre not in self._of_genre:
                raise ValueError(
                    f"genre {genre!r} is not one of {', '.join(self.genres)}"
                )
            masks.append(self._of_genre[genre])
        allowed = np.logical_or.reduce(masks) if masks else None
        if years is None or tuple(years) == (None, None):
            return allowed
        first, last = years
        inside = np.isfinite(self._years)
        if first is not None:
            inside &= self._years >= check_number("years[0]", first, 0, 9999)
        if last is not None:
            inside &= self._years <= check_number("years[1]", last, 0, 9999)
        return inside if allowed is None else allowed & inside


def _best(scores, allowed, n):
    """Return the rows and scores of the n largest, best first, ties by row."""
    rows = np.arange(len(scores)) if allowed is None else np.flatnonzero(allowed)
    values = scores[rows]
    if n < len(rows):
        threshold = np.partition(values, len(rows) - n)[len(rows) - n]
        rows, values = rows[values >= threshold], values[values >= threshold]
    order = np.argsort(-values, kind="stable")[:n]
    return rows[order], values[order]


def _up_to_100(name, value):
    check_number(name, check_positive_int(name, value), maximum=100)
    return int(value)
