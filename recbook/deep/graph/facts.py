"""What a table of films says about them, as triples (film, relation, entity)."""

import re

import numpy as np

__all__ = ["Facts", "corrupted", "film_triples", "series_of", "with_triples"]

COLUMNS = ("film", "relation", "entity")
NO_GENRE = {"unknown"}
YEAR = re.compile(r"\s*\((?:\d{4}|V|TV)\)\s*$")
OTHER_NAME = re.compile(r"\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*$")
ARTICLE = re.compile(r",\s*(?:The|An?|L[ae]s?|L'|D[aei][rs]|El|Los|Il)$")
PART = re.compile(
    r"[\s:,]+(?:Part\s+)?(?:\d[\d/\s]*|I{2,3}|IV|VI{0,3}|IX|Deux)$|\s+Part$"
)

TRIES = 20  # draws for a triple's corruption before it is given up


def film_triples(movies):
    """Return genre, series, decade and year of films as triples, one fact a row.

    A series is two films or more whose titles have the same words before a colon or a
    numeral, one of them having such a mark: "Alien (1979)", "Alien 3 (1992)" and
    "Alien: Resurrection (1997)". It is found in the titles alone, so "Aliens" is not
    in it, and namesakes may be.

    Parameters
    ----------
    movies : DataFrame
        ``MovieLens.movies``: ``movie_id``, ``title``, ``year`` and genres as columns
        of truth values.

    Returns
    -------
    DataFrame
        Columns film (a ``movie_id``), relation ("genre", "series", "decade", "year")
        and entity (a text).

    Raises
    ------
    ValueError
        Where ``movies`` lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> movies = pd.DataFrame({"movie_id": [1, 2], "title": ["Jaws (1975)",
    ...     "Jaws 2 (1978)"], "year": [1975, 1978], "Horror": [True, False]})
    >>> film_triples(movies)[["relation", "entity"]].values.tolist()[:4]
    [['genre', 'Horror'], ['series', 'Jaws'], ['series', 'Jaws'], ['decade', '1970s']]
    """
    import pandas as pd

    for name in ("movie_id", "title", "year"):
        if name not in getattr(movies, "columns", ()):
            raise ValueError(
                f"movies has no column {name!r}; MovieLens.movies has what is needed"
            )
    films, found = movies["movie_id"].to_numpy(), []
    genres = [name for name in movies if movies[name].dtype == bool]
    for name in genres:
        if name not in NO_GENRE:
            found += [(film, "genre", name) for film in films[movies[name]]]
    series = series_of(movies["title"])
    found += [(f, "series", s) for f, s in zip(films, series, strict=True) if s]
    dated = movies["year"].notna().to_numpy()
    years = movies["year"][dated].astype(int)
    pairs = list(zip(films[dated], years, strict=True))
    found += [(film, "decade", f"{year // 10 * 10}s") for film, year in pairs]
    found += [(film, "year", str(year)) for film, year in pairs]
    return pd.DataFrame(found, columns=list(COLUMNS))


def series_of(titles):
    """Return the series of each title, or None; see :func:`film_triples`.

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
    """Triples as codes, the films being those of one table of ratings.

    Parameters
    ----------
    triples : DataFrame or sequence of (film, relation, entity), or None
        Films are ``item_ids``; facts about others, and second copies, are left out.
        Relations and entities are texts.
    item_ids : (n_items,) array

    Attributes
    ----------
    names : list of (relation, entity)
        What can be said of a film; a fact's code is its place here.
    relations, entities : list of str
    relation, entity : (len(names),) int32 arrays
        The codes of each fact's two halves.
    films, facts : (n,) int32 arrays
        The triples: of which film, which fact; in order of the film.

    Examples
    --------
    >>> said = [("Heat", "genre", "Crime"), ("Up", "year", "2009")]
    >>> facts = Facts(said, np.array(["Up", "Heat"]))
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
    """Return triples as a list of (film, relation, entity); refuse what is none."""
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
    """Return a ``draw`` of people and, beside each, some triples and their corruptions.

    Every triple is met once an epoch, a few of them twice, so that all people have
    equally many.

    Parameters
    ----------
    people : callable
        A ``draw`` for :func:`recbook.deep.training.train_epochs`.
    facts : Facts
        At least one.
    n_items : int
        How many films there are.

    Returns
    -------
    callable
        What ``people`` draws, and two (n, m, 3) int32 arrays of codes.
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
    """Return triples with another film or another entity, none of them true.

    For each, a coin says which of the two is drawn, uniformly; what turns out true is
    drawn again. A triple that stays true after some tries stays as it is: it then
    costs the margin, whatever the vectors are, and teaches nothing.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the numbers come from.
    triples : (n, 3) int array
        Codes of film, relation and entity: all that is true.
    n_items, n_entities : int
        How many codes of films and of entities there are.

    Returns
    -------
    (n, 3) int array

    Examples
    --------
    Two films, two genres; what is not true is that they change places.

    >>> true = np.array([[0, 0, 0], [1, 0, 1]])
    >>> corrupted(np.random.default_rng(0), true, 2, 2).tolist()
    [[0, 0, 1], [1, 0, 0]]
    """

    def keys(codes):
        relations = codes[:, 1].astype(np.int64)
        return (relations * n_items + codes[:, 0]) * n_entities + codes[:, 2]

    true, found = np.unique(keys(triples)), triples.copy()
    todo = np.arange(len(triples))
    for _ in range(TRIES):
        side = rng.integers(2, size=todo.size)
        drawn = rng.integers(np.where(side, n_entities, n_items))
        found[todo] = triples[todo]
        found[todo, 2 * side] = drawn
        todo = todo[np.isin(keys(found[todo]), true)]
        if not todo.size:
            return found
    found[todo] = triples[todo]
    return found
