"""The engine: the best films by the definition, filters, reasons and search."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recbook.app import bundle as bundles
from recbook.app.bundle import Bundle
from recbook.app.catalogue import Film, Titles, words
from recbook.app.engine import Engine, UnknownFilmError
from recbook.app.towers import ServingTower

GENRES = ("Comedy", "Drama", "War")


def drawn(n=700, k=6, index=True, seed=0):
    rng = np.random.default_rng(seed)
    tastes, weights = rng.normal(size=(n, k)), rng.normal(size=(n, 1))
    films = tuple(
        Film(
            10 + row,
            f"Film {row}",
            None if row % 9 == 0 else 1930 + row % 70,
            tuple(g for bit, g in enumerate(GENRES) if row >> bit & 1),
            ratings=2 * (row % 101),
            likes=row % 101,
        )
        for row in range(n)
    )
    retrieval = ServingTower.simple(tastes, weights)
    rating = ServingTower.simple(tastes / 6, weights / 6, mean=3.5)
    graph = None
    if index:
        pytest.importorskip("faiss")
        graph = bundles.neighbours.build(retrieval.films)
    return Bundle("drawn", films, retrieval, rating, graph)


@pytest.fixture(scope="module")
def bundle():
    return drawn()


@pytest.fixture(scope="module")
def engine(bundle):
    return Engine(bundle)


RATED = {12: 5, 77: 4, 300: 1, 441: 3}


def by_definition(bundle, rated, allowed=lambda film: True):
    """Every film's score in a plain loop, best first; the rated ones left out."""
    rows = {film.id: row for row, film in enumerate(bundle.films)}
    x = np.zeros(bundle.retrieval.films.shape[1])
    for film_id, stars in rated.items():
        sign = 1 if stars >= 4 else -1 if stars < 3 else 0
        pull = bundle.retrieval.films[rows[film_id]].astype(float)
        x += sign * pull * 10 / (len(rated) + 5)
    x[-1] = 1.0
    scores = {
        film.id: float(bundle.retrieval.films[row] @ x)
        for row, film in enumerate(bundle.films)
        if film.id not in rated and allowed(film)
    }
    return sorted(scores, key=lambda film_id: -scores[film_id]), scores


def test_the_list_is_that_of_the_definition(bundle, engine):
    best, scores = by_definition(bundle, RATED)
    found = engine.recommend(RATED, k=20)
    assert [r.film_id for r in found] == best[:20]
    np.testing.assert_allclose(
        [r.score for r in found], [scores[i] for i in best[:20]], atol=1e-3
    )


def test_the_graph_and_all_films_give_one_list(bundle):
    exact = Engine(dataclasses.replace(bundle, index=None))
    for rated in (RATED, {55: 2}, {20: 5}):
        ours = [r.film_id for r in Engine(bundle).recommend(rated, k=30)]
        assert ours == [r.film_id for r in exact.recommend(rated, k=30)]


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ({"genres": ("War",)}, lambda f: "War" in f.genres),
        ({"genres": "War"}, lambda f: "War" in f.genres),
        ({"genres": ("War", "Drama")}, lambda f: {"War", "Drama"} & set(f.genres)),
        ({"years": (1950, 1959)}, lambda f: f.year and 1950 <= f.year <= 1959),
        ({"years": (None, 1940)}, lambda f: f.year and f.year <= 1940),
        (
            {"years": (1990, None), "genres": ["Comedy"]},
            lambda f: f.year and f.year >= 1990 and "Comedy" in f.genres,
        ),
        ({"years": (None, None)}, lambda f: True),
    ],
)
def test_filters_come_before_the_sort(bundle, engine, asked, allowed):
    best, _ = by_definition(bundle, RATED, allowed)
    assert [r.film_id for r in engine.recommend(RATED, k=15, **asked)] == best[:15]


def test_a_filter_that_nothing_passes_gives_an_empty_list(engine):
    assert engine.recommend(RATED, years=(2090, 2099)) == []


def test_nothing_rated_gives_what_most_liked(bundle, engine):
    found = engine.recommend({}, k=5)
    best = sorted(bundle.films, key=lambda f: (-f.likes, f.id))[:5]
    assert [r.film_id for r in found] == [film.id for film in best]
    assert [r.reason for r in found] == [{"popular": film.likes} for film in best]


def test_a_low_rating_alone_gives_no_liked_film_as_reason(engine):
    assert all("popular" in r.reason for r in engine.recommend({12: 1}))


def test_the_reason_is_the_nearest_liked_film(bundle, engine):
    tastes = bundle.retrieval.films[:, :-1].astype(float)
    row = {film.id: place for place, film in enumerate(bundle.films)}

    def cosine(a, b):
        a, b = tastes[row[a]], tastes[row[b]]
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    for found in engine.recommend(RATED, k=25):
        near = {film: cosine(found.film_id, film) for film in (12, 77)}
        best = max(near, key=near.get)
        if near[best] <= 0:
            assert "popular" in found.reason
            continue
        assert found.reason["film"] == best
        assert found.reason["closeness"] == pytest.approx(near[best], abs=1e-4)


def test_stars_are_those_of_the_other_towers(bundle, engine):
    rows = np.array([film_id - 10 for film_id in RATED])
    stars = np.array(list(RATED.values()))
    for found in engine.recommend(RATED, k=5):
        expected = bundle.rating.stars(rows, stars, np.array([found.film_id - 10]))
        assert found.stars == pytest.approx(expected[0], abs=0.006)
        assert 1 <= found.stars <= 5


def test_rating_all_films_leaves_none(bundle, engine):
    assert engine.recommend({film.id: 3 for film in bundle.films}) == []


def test_many_ratings_still_give_a_full_list(bundle, engine):
    best, _ = by_definition(bundle, RATED)
    loved = RATED | dict.fromkeys(best[:300], 5)
    found = engine.recommend(loved, k=50)
    assert len(found) == 50
    assert not {r.film_id for r in found} & loved.keys()


def test_a_title_is_never_shown_twice(bundle):
    twins = list(bundle.films)
    best, _ = by_definition(bundle, RATED)
    for first, second in ((best[0], best[1]), (12, best[2])):
        title = twins[first - 10].title
        twins[second - 10] = dataclasses.replace(twins[second - 10], title=title)
    found = Engine(dataclasses.replace(bundle, films=tuple(twins))).recommend(RATED)
    assert [r.film_id for r in found] == [best[0], *best[3:12]]


def alike(engine, found):
    rows = [engine._row[r.film_id] for r in found]
    cosines = engine._directions[rows] @ engine._directions[rows].T
    return cosines[np.triu_indices(len(rows), 1)].mean()


def test_diversity_lowers_how_alike_the_films_are(engine):
    levels = [alike(engine, engine.recommend(RATED, diversity=d)) for d in (0, 0.4, 1)]
    assert levels[0] > levels[1] > levels[2]


def test_diversity_is_the_greedy_choice_of_its_formula(engine):
    found = engine.recommend(RATED, k=100)
    scores = np.array([r.score for r in found])
    left = (scores - scores.min()) / np.ptp(scores)
    rows = [engine._row[r.film_id] for r in found]
    cosines = engine._directions[rows] @ engine._directions[rows].T
    chosen = []
    while len(chosen) < 8:
        worth = [
            -np.inf
            if i in chosen
            else 0.7 * left[i] - 0.3 * max((cosines[i, j] for j in chosen), default=-1)
            for i in range(len(found))
        ]
        chosen.append(int(np.argmax(worth)))
    picked = engine.recommend(RATED, k=8, diversity=0.3)
    assert [r.film_id for r in picked] == [found[i].film_id for i in chosen]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"rated": {9999: 5}}, "film_id 9999 is not in the catalogue"),
        (
            {"rated": {12: 6}},
            "stars of film 12 must be a finite number .* at most 5, got 6",
        ),
        ({"rated": {12: float("nan")}}, "at least 1 and of at most 5, got nan"),
        ({"rated": {12: True}}, "at least 1 and of at most 5, got True"),
        ({"k": 0}, "k must be an integer of at least 1, got 0"),
        ({"k": 101}, "k must be a finite number of at most 100, got 101"),
        ({"k": 2.0}, "k must be an integer"),
        ({"genres": ("Sport",)}, "'Sport' is not one of Comedy, Drama, War"),
        ({"diversity": 1.1}, "diversity must be .* at most 1, got 1.1"),
        ({"years": ("1990", None)}, r"years\[0\] must be .* at most 9999, got '1990'"),
    ],
)
def test_a_wrong_argument_is_named(engine, asked, message):
    with pytest.raises(ValueError, match=message):
        engine.recommend(**({"rated": RATED} | asked))


def test_an_unknown_film_has_its_own_error(engine):
    assert engine.film(12).title == "Film 2"
    with pytest.raises(UnknownFilmError, match="search for a title"):
        engine.film("12")


def test_asking_changes_nothing(engine):
    rated = dict(RATED)
    first = engine.recommend(rated)
    engine.recommend({20: 1}, diversity=0.5)
    assert rated == RATED
    assert engine.recommend(rated) == first


# Search -------------------------------------------------------------------------------

FILMS = [
    Film(1, "Amélie (2001)", 2001, (), ratings=50),
    Film(2, "Alien (1979)", 1979, (), ratings=90),
    Film(3, "Aliens (1986)", 1986, (), ratings=80),
    Film(4, "My Favorite Alien (1963)", 1963, (), ratings=99),
    Film(5, "Schindler's List (1993)", 1993, (), ratings=70),
    Film(6, "Alien (1979)", 1979, (), ratings=10),
    Film(7, "Ränder & 'Tage' <script>alert(1)</script> (1990)", 1990, ()),
    Film(8, "七人の侍 (1954)", 1954, (), ratings=60),
]


def ids(text, limit=10):
    return [FILMS[row].id for row in Titles(FILMS).find(text, limit)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amelie", [1]),
        ("AMÉLIE", [1]),
        ("ali", [2, 3, 4]),  # beginnings first, then by ratings; a twin once
        ("alien fav", [4]),
        ("1986 alien", [3]),
        ("schindlers", [5]),
        ("schindler's l", [5]),
        ("lien", []),
        ("rander tage", [7]),
        ("<script>", [7]),
        ("七人", [8]),
        ("'; DROP TABLE films; --", []),
        ("%", []),
        ("''--", []),
        ("\x00", []),
    ],
)
def test_words_are_found_by_their_beginnings(text, found):
    assert ids(text) == found


def test_an_empty_search_shows_what_many_rated():
    assert ids("", 3) == ids("   ", 3) == [4, 2, 3]


def test_the_limit_holds(engine):
    assert len(engine.search("film", 7)) == 7
    with pytest.raises(ValueError, match="limit must be an integer of at least 1"):
        engine.search("film", 0)


@given(st.text(max_size=30))
def test_any_text_can_be_asked_for(text):
    found = ids(text)
    for asked in words(text):
        for film_id in found:
            title = next(film.title for film in FILMS if film.id == film_id)
            assert any(word.startswith(asked) for word in words(title))


def test_every_title_is_found_by_its_own_words(bundle, engine):
    for film in bundle.films[::37]:
        assert film.id in [found.id for found in engine.search(film.title, 100)]


# The sum behind a score


@pytest.mark.parametrize("k", [1, 4, 40])
def test_the_parts_of_a_score_sum_to_it(engine, k):
    found = {film.film_id: film for film in engine.recommend(RATED, k=5)}
    for film_id, film in found.items():
        why = engine.explain(RATED, film_id, k)
        assert (why["score"], why["stars"]) == (film.score, film.stars)
        assert len(why["added"]) == min(k, len(RATED))
        parts = [part["added"] for part in why["added"]]
        total = why["own"] + sum(parts) + why["others"]
        assert total == pytest.approx(why["score"], abs=1e-3)
        assert [abs(part) for part in parts] == sorted(map(abs, parts), reverse=True)


def test_what_a_star_adds_is_its_term_of_the_definition(bundle, engine):
    rows = {film.id: row for row, film in enumerate(bundle.films)}
    vectors = bundle.retrieval.films.astype(float)
    why = engine.explain(RATED, 200)
    q = vectors[rows[200]]
    assert why["own"] == pytest.approx(q[-1], abs=1e-4)
    for part in why["added"]:
        stars = RATED[part["id"]]
        sign = 1 if stars >= 4 else -1 if stars < 3 else 0
        term = sign * vectors[rows[part["id"]]][:-1] @ q[:-1] * 10 / (len(RATED) + 5)
        assert part["added"] == pytest.approx(term, abs=1e-3)
        assert part["title"] == engine.films[part["id"]].title


def test_without_stars_a_film_has_its_own_weight_alone(engine):
    why = engine.explain({}, 12)
    assert why["score"] == why["own"]
    assert (why["added"], why["others"]) == ([], 0.0)
    with pytest.raises(UnknownFilmError):
        engine.explain({}, 3)


def test_posters_and_tastes_are_of_the_catalogue(engine):
    assert engine.posters.keys() == engine.films.keys()
    assert {genre for genre, _ in engine.tastes} == set(GENRES)
    for genre, films in engine.tastes:
        assert len(films) == 5
        assert all(engine.films[film.id] is film for film in films)
        assert all(genre in film.genres for film in films)
