"""Facts about films as triples (film, relation, entity)."""

import re

import numpy as np

from recbook._core.frames import framed

__all__ = ["Facts", "corrupted", "film_triples", "series_of", "with_triples"]

COLUMNS = ("film", "relation", "entity")
NO_GENRE = {"unknown"}
YEAR = re.compile(r"\s*\((?:\d{4}|V|TV)\)\s*$")
OTHER_NAME = re.compile(r"\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*$")
ARTICLE = re.compile(r",\s*(?:The|An?|L[ae]s?|L'|D[aei][rs]|El|Los|Il)$")
PART = re.compile(
    r"[\s:,]+(?:Part\s+)?(?:\d[\d/\s]*|I{2,3}|IV|VI{0,3}|IX|Deux)$|\s+Part$"
)

TRIES = 20  # draws for the corruption of a triple before it stays as it is


def film_triples(movies):
    """Return genres, series, decades and years of films as triples, one fact per row.

    A series is two or more films whose titles agree up to a colon or a numeral, and at
    least one of which has such a mark: "Alien (1979)", "Alien 3 (1992)" and
    "Alien: Resurrection (1997)". Only titles are compared, so "Aliens" is not found,
    and unrelated films with one title may be.

    Parameters
    ----------
    movies : DataFrame
        ``MovieLens.movies``, with ``movie_id``, ``title``, ``year`` and a bool column
        for each genre.

    Returns
    -------
    DataFrame
        Columns film (a ``movie_id``), relation ("genre", "series", "decade" or "year")
        and entity (a string).

    Raises
    ------
    ValueError
        If ``movies`` lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> movies = pd.DataFrame({"movie_id": [1, 2], "title": ["Jaws (1975)",
    ...     "Jaws 2 (1978)"], "year": [1975, 1978], "Horror": [True, False]})
    >>> film_triples(movies)[["relation", "entity"]].values.tolist()[:4]
    [['genre', 'Horror'], ['series', 'Jaws'], ['series', 'Jaws'], ['decade', '1970s']]
    """
    import pandas as pd

    movies = framed("movies", movies)
    for name in ("movie_id", "title", "year"):
        if name not in getattr(movies, "columns", ()):
            raise ValueError(
                f"movies has no column {name!r}; MovieLens.movies has what is needed"
            )
    films, rows = movies["movie_id"].to_numpy(), []
    genres = [name for name in movies if movies[name].dtype == bool]
    for name in genres:
        if name not in NO_GENRE:
            rows += [(film, "genre", name) for film in films[movies[name]]]
    series = series_of(movies["title"])
    rows += [(f, "series", s) for f, s in zip(films, series, strict=True) if s]
    dated = movies["year"].notna().to_numpy()
    years = movies["year"][dated].astype(int)
    pairs = list(zip(films[dated], years, strict=True))
    rows += [(film, "decade", f"{year // 10 * 10}s") for film, year in pairs]
    rows += [(film, "year", str(year)) for film, year in pairs]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def series_of(titles):
    """Return the series of each title, or None, as ``film_triples`` defines it.

    >>> series_of(["Crow, The (1994)", "Crow: City of Angels, The (1996)", "Heat"])
    ['Crow', 'Crow', None]
    """
    stems = [_stem(title) for title in titles]
    together = {}
    for stem, marked in stems:
        together.setdefault(stem.casefold(), []).append((stem, marked))
    names = {
        key: group[0][0]
        for key, group in together.items()
        if key and len(group) > 1 and any(marked for _, marked in group)
    }
    return [names.get(stem.casefold()) for stem, _ in stems]


def _stem(title):
    """Return a title's words before its first mark, and whether it has a mark.

    >>> _stem("Godfather: Part II, The (1974)"), _stem("Heat (1995)")
    (('Godfather', True), ('Heat', False))
    """
    title = YEAR.sub("", YEAR.sub("", title.strip()))
    title = ARTICLE.sub("", OTHER_NAME.sub("", title) or title)
    head, colon, _ = title.partition(":")
    stem = PART.sub("", head)
    return ARTICLE.sub("", stem), bool(colon) or stem != head


class Facts:
    """Triples as codes, for the items of one table of ratings.

    Parameters
    ----------
    triples : DataFrame or sequence of (film, relation, entity), or None
        Films are ``item_ids``. Facts about other films, and repeated facts, are left
        out. Relations and entities are strings.
    item_ids : (n_items,) array
        The ids that the item codes stand for.

    Attributes
    ----------
    names : list of (relation, entity)
        All different facts. The code of a fact is its place in this list.
    relations, entities : list of str
        The names of the relations and of the entities.
    relation, entity : (len(names),) int32 arrays
        The codes of each fact's relation and entity.
    films, facts : (n,) int32 arrays
        The triples as codes of film and fact, in order of the film.

    Examples
    --------
    >>> triples = [("Heat", "genre", "Crime"), ("Up", "year", "2009")]
    >>> facts = Facts(triples, np.array(["Up", "Heat"]))
    >>> facts.names, facts.films.tolist(), facts.facts.tolist()
    ([('genre', 'Crime'), ('year', '2009')], [0, 1], [1, 0])
    """

    def __init__(self, triples, item_ids):
        code = {film: i for i, film in enumerate(np.asarray(item_ids).tolist())}
        rows = _rows_of(triples)
        kept = {(code[f], (r, e)) for f, r, e in rows if f in code}
        self.names = sorted({name for _, name in kept})
        place = {name: k for k, name in enumerate(self.names)}
        pairs = sorted((film, place[name]) for film, name in kept)
        self.films, self.facts = np.array(pairs, dtype=np.int32).reshape(-1, 2).T.copy()
        self.relations = sorted({relation for relation, _ in self.names})
        self.entities = sorted({entity for _, entity in self.names})
        halves = zip(*self.names, strict=True) if self.names else ((), ())
        self.relation, self.entity = (
            np.array([names.index(half) for half in column], dtype=np.int32)
            for names, column in zip(
                (self.relations, self.entities), halves, strict=True
            )
        )


def _rows_of(triples):
    """Return triples as a list of (film, relation, entity), or raise a ValueError."""
    if triples is None:
        return []
    if hasattr(triples, "columns"):
        missing = [name for name in COLUMNS if name not in triples.columns]
        if missing:
            raise ValueError(
                f"triples has no column {missing[0]!r}; it needs {', '.join(COLUMNS)}"
            )
        triples = zip(*(triples[name].tolist() for name in COLUMNS), strict=True)
    rows = []
    for row in triples:
        row = tuple(row)
        if len(row) != len(COLUMNS) or not all(isinstance(x, str) for x in row[1:]):
            raise ValueError(
                "triples must be (film, relation, entity) with two texts at the end, "
                f"got {row!r}"
            )
        rows.append(row)
    return rows


def with_triples(people, facts, n_items):
    """Return a ``draw`` of users with some triples and their corruptions beside each.

    Every triple appears once per epoch. A few appear twice, so that all users have the
    same number.

    Parameters
    ----------
    people : callable
        A ``draw`` of users for ``train_epochs``.
    facts : Facts
        At least one fact.
    n_items : int
        Number of items.

    Returns
    -------
    callable
        Draws the columns of ``people`` and two (n, m, 3) int32 arrays of codes.
    """
    codes = facts.relation[facts.facts], facts.entity[facts.facts]
    triples = np.column_stack([facts.films, *codes])

    def draw(rng):
        columns = people(rng)
        n = len(columns[0])
        m = -(-len(triples) // n)
        others = corrupted(rng, triples, n_items, len(facts.entities))
        order = np.resize(rng.permutation(len(triples)), (n, m))
        return *columns, triples[order], others[order]

    return draw


def corrupted(rng, triples, n_items, n_entities):
    """Return false triples, each a true one with its film or its entity replaced.

    For each triple, a fair coin decides which of the two is replaced, by a uniform
    draw. A result that is a true triple is drawn again. A triple without a false
    replacement after some tries stays as it is. It then costs the margin and has no
    gradient.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the random draws.
    triples : (n, 3) int array
        Codes of film, relation and entity of all true triples.
    n_items, n_entities : int
        Numbers of items and of entities.

    Returns
    -------
    (n, 3) int array
        The replacements, in the same order.

    Examples
    --------
    With two films and two genres, the only false triples swap the genres.

    >>> true = np.array([[0, 0, 0], [1, 0, 1]])
    >>> corrupted(np.random.default_rng(0), true, 2, 2).tolist()
    [[0, 0, 1], [1, 0, 0]]
    """

    def keys(codes):
        relations = codes[:, 1].astype(np.int64)
        return (relations * n_items + codes[:, 0]) * n_entities + codes[:, 2]

    true, false = np.unique(keys(triples)), triples.copy()
    todo = np.arange(len(triples))
    for _ in range(TRIES):
        side = rng.integers(2, size=todo.size)
        drawn = rng.integers(np.where(side, n_entities, n_items))
        false[todo] = triples[todo]
        false[todo, 2 * side] = drawn
        todo = todo[np.isin(keys(false[todo]), true)]
        if not todo.size:
            return false
    false[todo] = triples[todo]
    return false
