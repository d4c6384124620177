"""Tastes to begin with: a few well-liked films of one genre."""

import itertools

import numpy as np

__all__ = ["tastes"]

HOW_MANY, FILMS = 3, 5  # number of tastes, and of films in each
LEAST = 20  # a genre needs at least one in so many films
GENRES = 20  # number of the largest genres, from which we choose
POOL = 25  # number of well-liked films of a genre, from which we choose


def tastes(films, directions):
    r"""Return three genres that the model separates, and five films of each.

    A genre is where its films point to on average, each counted as often as people
    liked it, less where all films do. Of the genres with at least a twentieth of all
    films, we take the three whose largest cosine is the smallest. A genre's films are,
    of its 25 most liked ones, the five whose cosine with the genre is the largest.

    Parameters
    ----------
    films : sequence of Film
        The catalogue.
    directions : (n_items, k) array
        The films' vectors, each of length 1.

    Returns
    -------
    tuple of (str, list of int)
        The name of the genre and its films' rows. Nothing where fewer than three
        genres are large enough. No film and no title stands in two of them.

    Examples
    --------
    >>> from recbook.app.catalogue import Film
    >>> names = "War", "Western", "Musical"
    >>> films = [Film(i, f"Film {i}", 1990, (names[i % 3],), 9, 5) for i in range(15)]
    >>> directions = np.eye(3)[np.arange(15) % 3]
    >>> [genre for genre, _ in tastes(films, directions)]
    ['Musical', 'War', 'Western']
    """
    of_genre = {}
    for row, film in enumerate(films):
        for genre in film.genres:
            of_genre.setdefault(genre, []).append(row)
    least = max(FILMS, len(films) / LEAST)
    large = [genre for genre in sorted(of_genre) if len(of_genre[genre]) >= least]
    large = sorted(large, key=lambda genre: -len(of_genre[genre]))[:GENRES]
    centred = directions - directions.mean(axis=0)
    likes = np.array([film.likes for film in films], dtype=float)
    towards = {
        genre: _unit(likes[of_genre[genre]] @ centred[of_genre[genre]])
        for genre in large
    }
    chosen = min(
        itertools.combinations(sorted(large), HOW_MANY),
        key=lambda genres: max(
            round(float(towards[a] @ towards[b]), 6)
            for a, b in itertools.combinations(genres, 2)
        ),
        default=(),
    )
    lists, taken = [], set()
    for genre in chosen:
        pool = _most_liked(films, of_genre[genre], taken)
        closest = sorted(pool, key=lambda row: -float(centred[row] @ towards[genre]))
        lists.append((genre, closest[:FILMS]))
        taken |= {films[row].title for row in closest[:FILMS]}
    return tuple(lists)


def _most_liked(films, rows, taken):
    """Return the rows of the most liked films: each title once, none of ``taken``."""
    pool = {}
    for row in sorted(rows, key=lambda row: -films[row].likes):
        if films[row].title not in taken:
            pool.setdefault(films[row].title, row)
    return list(pool.values())[:POOL]


def _unit(vector):
    return vector / max(np.linalg.norm(vector), 1e-12)
