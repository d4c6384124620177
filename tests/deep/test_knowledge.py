"""Facts about films and KnowledgeMF: titles, TransE by hand, cold films, paths."""

import math

import numpy as np
import pandas as pd
import pytest
from contract import NetworkContract, network

from recbook import KnowledgeMF, Popularity, Ratings, datasets
from recbook.deep.graph import film_triples
from recbook.deep.graph.base import user_batches
from recbook.deep.graph.facts import Facts, corrupted, series_of, with_triples
from recbook.deep.graph.layers import FilmVectors
from recbook.deep.lazy import keras, tf

FILMS = ["Alien", "Dune", "Heat", "Up", "Coco", "Babe"]
SAID = [
    ("Alien", "genre", "Sci-Fi"),
    ("Alien", "decade", "1970s"),
    ("Dune", "genre", "Sci-Fi"),
    ("Dune", "decade", "2020s"),
    ("Heat", "decade", "1990s"),
    ("Up", "genre", "Animation"),
    ("Coco", "genre", "Animation"),
    ("Coco", "decade", "2010s"),
    ("Babe", "decade", "1990s"),
]


def small(**settings):
    """Return a model whose numbers are large enough for a mistake to be seen."""
    chosen = {"n_factors": 3, "n_epochs": 2, "batch_size": 4, "init_std": 0.7}
    return KnowledgeMF(**{**chosen, "lr": 0.05, "validation_share": 0.0, **settings})


def toy_without(film):
    """The toy table when nobody has rated a film."""
    toy = datasets.load_toy()
    return toy.subset(toy.items != FILMS.index(film))


# Triples from a table of films ------------------------------------------------------


@pytest.mark.parametrize(
    ("titles", "series"),
    [
        (["Jaws (1975)", "Jaws 2 (1978)"], "Jaws"),
        (["Godfather, The (1972)", "Godfather: Part II, The (1974)"], "Godfather"),
        (["Star Trek: Generations (1994)", "Star Trek VI: The End (1991)"],
         "Star Trek"),
        (["Father of the Bride (1950)", "Father of the Bride Part II (1995)"],
         "Father of the Bride"),
        (["Ordinary Kitchen, The (1996)", "Ordinary Kitchen II, The (1997)"],
         "Ordinary Kitchen"),
        (["Niños del Páramo, Los (1993)", "Niños del Páramo II, Los (1994)"],
         "Niños del Páramo"),
        (["Free Willy 2: Home (1995)", "Free Willy 3: The Rescue (1997)"],
         "Free Willy"),
        (["Alien (1979)", "Alien: Resurrection (1997)"], "Alien"),
        (["Blues Brothers, The (1980)", "Blues Brothers 2000 (1998)"],
         "Blues Brothers"),
        (["Naked Gun (1988)", "Naked Gun 33 1/3: The Final Insult (1994)"],
         "Naked Gun"),
    ],
)  # fmt: skip
def test_series_are_found_in_titles(titles, series):
    assert series_of([*titles, "Heat (1995)"]) == [series, series, None]


def test_no_series_without_a_mark_or_without_another_part():
    alone = ["2001: A Space Odyssey (1968)", "Apollo 13 (1995)", "Malcolm X (1992)"]
    remakes = ["Sabrina (1954)", "Sabrina (1995)"]
    odd = ["", "unknown", ": ", "3 (1990)", "4 (1991)"]
    assert series_of([*alone, *remakes, *odd]) == [None] * 10


def test_film_triples_are_the_table_said_in_facts():
    movies = datasets.load_ml100k("embedded").movies
    triples = film_triples(movies)
    said = set(triples.itertuples(index=False, name=None))
    assert len(said) == len(triples)
    assert set(triples.relation) == {"genre", "series", "decade", "year"}
    for row in movies.head(60).to_dict("records"):
        genres = {e for f, r, e in said if (f, r) == (row["movie_id"], "genre")}
        assert genres == {g for g, v in row.items() if v is True} - {"unknown"}
        if not pd.isna(row["year"]):
            assert (row["movie_id"], "year", str(row["year"])) in said
            decade = f"{str(row['year'])[:3]}0s"
            assert (row["movie_id"], "decade", decade) in said
    sizes = triples[triples.relation == "series"].entity.value_counts()
    assert len(sizes) > 20  # sequels are among the invented films
    assert sizes.min() >= 2
    with pytest.raises(ValueError, match="movies has no column 'title'"):
        film_triples(movies.drop(columns="title"))


def test_facts_are_codes_of_what_is_said():
    more = [*SAID, SAID[0], ("Casablanca", "decade", "1940s")]  # a copy, a stranger
    frame = pd.DataFrame(more, columns=["film", "relation", "entity"])
    for triples in (more, frame):
        facts = Facts(triples, np.array(FILMS))
        assert ("decade", "1940s") not in facts.names
        back = [
            (FILMS[film], *facts.names[fact])
            for film, fact in zip(facts.films, facts.facts, strict=True)
        ]
        assert sorted(back) == sorted(SAID)
        for name, r, e in zip(facts.names, facts.relation, facts.entity, strict=True):
            assert name == (facts.relations[r], facts.entities[e])
    assert Facts(None, FILMS).films.size == 0


def test_what_is_no_triple_is_refused():
    for bad in ([("Alien", "genre")], [("Alien", "genre", 3)], [(1, 2, "x")]):
        with pytest.raises(ValueError, match="triples must be"):
            small().fit(datasets.load_toy(), triples=bad)
    frame = pd.DataFrame(SAID, columns=["film", "kind", "entity"])
    with pytest.raises(ValueError, match="triples has no column 'relation'"):
        small().fit(datasets.load_toy(), triples=frame)


# TransE ------------------------------------------------------------------------------


def vectors(f, t, c, free=(1, 1), dropout=0.0):
    """Return the layer of two films, the first Sci-Fi and the second Drama, given."""
    facts = Facts([(0, "genre", "Sci-Fi"), (1, "genre", "Drama")], [0, 1])
    assert facts.entities == ["Drama", "Sci-Fi"]
    start = [keras.initializers.Constant(np.array(w)) for w in (f, t, c)]
    return FilmVectors(facts, np.array(free), 2, dropout, start, seed=0)


def test_the_hinge_by_hand():
    # Films: Drama (1, 0), Sci-Fi (0, 1), genre (0.5, 0), free parts 0.1.
    layer = vectors([[0.1, 0], [0, 0.1]], [[1.0, 0], [0, 1.0]], [[0.5, 0]])
    q = layer(np.zeros(1)).numpy()
    # q_0 = (0.1, 0) + (0, 1) - (0.5, 0); q_1 = (0, 0.1) + (1, 0) - (0.5, 0).
    np.testing.assert_allclose(q, [[-0.4, 1.0], [0.5, 0.1]], atol=1e-6)
    # d(0, Sci-Fi) = |(0.1, 0)| = 0.1; d(0, Drama) = |(-0.9, 1)| = 1.3454;
    # d(1, Sci-Fi) = |(1, -0.9)| = 1.3454.
    true = np.array([[0, 0, 1], [0, 0, 1], [0, 0, 1]])
    other = np.array([[0, 0, 0], [1, 0, 1], [0, 0, 1]])
    far = math.hypot(0.9, 1.0)
    for margin in (0.5, 2.0):
        found = layer.hinge(q, true, other, margin).numpy()
        wanted = max(0.0, margin + 0.1 - far)
        np.testing.assert_allclose(found, [wanted, wanted, margin], atol=1e-5)


def test_its_gradient_is_the_two_directions():
    layer = vectors([[0.1, 0], [0, 0.1]], [[1.0, 0], [0, 1.0]], [[0.5, 0]])
    true, other = np.array([[0, 0, 1]]), np.array([[0, 0, 0]])
    for margin, active in ((2.0, 1.0), (0.5, 0.0)):
        with tf.GradientTape() as tape:
            q = tf.constant([[-0.4, 1.0], [0.5, 0.1]])
            tape.watch(q)
            loss = tf.reduce_sum(layer.hinge(q, true, other, margin))
        slope = tf.convert_to_tensor(tape.gradient(loss, q)).numpy()
        # Towards the true entity along (0.1, 0), from the other along (-0.9, 1).
        far = np.array([-0.9, 1.0]) / math.hypot(0.9, 1.0)
        np.testing.assert_allclose(slope[0], active * ([1.0, 0] - far), atol=1e-4)
        assert not slope[1].any()


def test_a_film_without_free_part_is_what_its_facts_say():
    layer = vectors([[9.0, 9], [0, 0.1]], [[1.0, 0], [0, 1.0]], [[0.5, 0]], (0, 1))
    np.testing.assert_allclose(layer(np.zeros(1))[0], [-0.5, 1.0], atol=1e-6)
    hidden = vectors(
        [[0.1, 0], [0, 0.1]], [[1.0, 0], [0, 1.0]], [[0.5, 0]], dropout=0.5
    )
    seen = {
        tuple(map(tuple, hidden(np.zeros(1), training=True).numpy().round(3).tolist()))
        for _ in range(60)
    }
    assert len(seen) == 4  # each film with and without its free part
    calm = hidden(np.zeros(1)).numpy()
    np.testing.assert_allclose(calm, [[-0.4, 1.0], [0.5, 0.1]], atol=1e-6)


def test_corruptions_change_one_end_and_are_never_true():
    facts = Facts(SAID, np.array(FILMS))
    codes = facts.relation[facts.facts], facts.entity[facts.facts]
    triples = np.column_stack([facts.films, *codes])
    true, n = set(map(tuple, triples.tolist())), len(facts.entities)
    rng, ends = np.random.default_rng(0), [0, 0]
    for _ in range(50):
        for one, other in zip(triples, corrupted(rng, triples, 6, n), strict=True):
            assert tuple(other.tolist()) not in true
            assert one[1] == other[1]
            assert (one[0] == other[0]) != (one[2] == other[2])
            ends[int(one[0] == other[0])] += 1
    assert min(ends) > 0.3 * sum(ends)


def test_what_cannot_be_corrupted_stays():
    only = np.array([[0, 0, 0]])
    found = corrupted(np.random.default_rng(0), only, n_items=1, n_entities=1)
    assert found.tolist() == only.tolist()


def test_an_epoch_meets_every_triple():
    toy, facts = datasets.load_toy(), Facts(SAID, np.array(FILMS))
    draw = with_triples(user_batches(toy.csr, 1.0), facts, 6)
    users, _, _, triples, others = draw(np.random.default_rng(0))
    assert triples.shape == others.shape == (5, 2, 3)  # 9 triples, 5 people
    assert len(users) == 5
    assert len(np.unique(triples.reshape(-1, 3), axis=0)) == len(SAID)


def test_entities_stay_in_the_unit_ball():
    model = small(init_std=3.0, lr=0.5, n_epochs=5).fit(
        datasets.load_toy(), triples=SAID
    )
    lengths = np.linalg.norm(model.network_.get_layer("films").t.numpy(), axis=1)
    assert lengths.max() <= 1 + 1e-5
    assert lengths.max() > 0.5


# The model ---------------------------------------------------------------------------


def test_the_first_loss_is_the_objective(monkeypatch):
    toy = toy_without("Coco")
    settings = {"batch_size": 10, "reg": 0.3, "kg_weight": 0.7, "margin": 0.9}
    settings |= {"dropout": 0.0, "user_power": 1.0}
    model = small(n_epochs=0, **settings).fit(toy, triples=SAID)
    found = small(n_epochs=1, **settings).fit(toy, triples=SAID).history_["loss"][0]
    rated = [0, 1, 2, 3, 5]  # Coco is no choice that was not made
    total = 0.0
    for u in range(5):
        scores = model.scores([u])[0]
        norm = math.log(sum(math.exp(scores[i]) for i in rated))
        total += np.mean([norm - scores[i] for i in toy.items[toy.users == u]]) / 5
    films = model.network_.get_layer("films")
    squares = np.sum(model.P_**2) + np.sum(films.f.numpy() ** 2)
    total += 0.3 / 2 * float(squares) / 5
    facts = Facts(SAID, np.array(FILMS))
    draw = with_triples(user_batches(toy.csr, 1.0), facts, 6)
    *_, triples, others = draw(np.random.default_rng(0))
    t, c = films.t.numpy(), films.c.numpy()
    hinges = []
    for (h, r, e), (h2, _, e2) in zip(
        triples.reshape(-1, 3), others.reshape(-1, 3), strict=True
    ):
        near = np.linalg.norm(model.Q_[h] + c[r] - t[e])
        far = np.linalg.norm(model.Q_[h2] + c[r] - t[e2])
        hinges.append(max(0.0, 0.9 + near - far))
    assert found == pytest.approx(total + 0.7 * np.mean(hinges), rel=1e-4)


def test_without_facts_it_is_plain_factorization():
    toy = datasets.load_toy()
    model = small().fit(toy)
    people, free = (
        model.weights_ if len(model.weights_[0]) == 5 else model.weights_[::-1]
    )
    np.testing.assert_allclose(model.scores(range(5)), people @ free.T, atol=1e-5)
    assert model.facts_ == []
    assert model.explain(0, 5) == []


def test_a_cold_film_is_ranked_by_its_facts():
    # Two tastes; the cold films 0 and 8 have the facts of one group each.
    likes = np.kron(np.eye(2), np.ones((8, 8))) > 0
    likes[:, [0, 8]] = False
    likes &= np.random.default_rng(0).random((16, 16)) < 0.7
    users, items = np.nonzero(likes)
    stars = np.full(users.size, 4.0)
    train = Ratings(users, items, stars, None, np.arange(16), np.arange(16))
    said = [(i, "genre", "War" if i < 8 else "Musical") for i in range(16)]
    model = KnowledgeMF(n_factors=8, n_epochs=60, lr=0.05, validation_share=0.0)
    scores = model.fit(train, triples=said).scores(np.arange(16))
    assert (scores[:8, 0] > scores[:8, 8]).all()
    assert (scores[8:, 8] > scores[8:, 0]).all()
    popular = Popularity().fit(train).scores(np.arange(16))
    assert (popular[:, 0] == popular[:, 8]).all()
    # Its vector is its facts' and nothing else.
    [fact] = model._known_facts[1][model._known_facts[0] == 0]
    np.testing.assert_allclose(model.Q_[0], model.parts_[fact], atol=1e-6)
    cold = model.fit(train).scores([0])[0]  # without facts: nothing is known of it
    assert cold[0] == cold[8] == 0.0


def test_paths_are_true_and_lead_from_the_users_films():
    toy = datasets.load_toy()
    model = small(n_epochs=20).fit(toy, triples=SAID)
    everything = 0
    for user in range(5):
        rated = {FILMS[i] for i in toy.items[toy.users == user]}
        for item in range(6):
            paths = model.explain(user, item)
            weights = [path.weight for path in paths]
            assert weights == sorted(weights, reverse=True)
            assert all(weight > 0 for weight in weights)
            for film, relation, entity, target, _ in paths:
                assert target == FILMS[item]
                assert film in rated - {target}
                assert (film, relation, entity) in SAID
                assert (target, relation, entity) in SAID
            assert model.explain(user, item, k=1) == paths[:1]
            everything += len(paths)
    assert everything > 5


def test_a_weight_is_what_striking_the_fact_out_costs():
    toy = datasets.load_toy()
    model = small(n_epochs=20).fit(toy, triples=SAID)
    parts = dict(zip(model.facts_, model.parts_, strict=True))
    checked = 0
    for user in range(5):
        for item, title in enumerate(FILMS):
            facts = [(r, e) for film, r, e in SAID if film == title]
            for path in model.explain(user, item):
                rest = [f for f in facts if f != (path.relation, path.entity)]
                free = model.Q_[item] - np.mean([parts[f] for f in facts], axis=0)
                left = free + (np.mean([parts[f] for f in rest], axis=0) if rest else 0)
                fall = model.scores([user])[0, item] - model.P_[user] @ left
                assert path.weight == pytest.approx(fall, abs=1e-5)
                checked += bool(rest)
    assert checked


def test_the_film_of_a_path_is_the_users_favourite_that_shares_it():
    # Heat and Babe are of the 1990s; Bob gave Heat 5 stars and Babe 1.
    toy = datasets.load_toy()
    both = [*SAID, ("Up", "decade", "1990s")]
    model = small(n_epochs=0)
    seen = set()
    for seed in range(8):
        model.seed = seed
        for path in model.fit(toy, triples=both).explain(1, FILMS.index("Up")):
            if path.relation == "decade":
                seen.add(path.film)
    assert seen == {"Heat"}


def test_titles_are_told_where_movies_are_given():
    movielens = datasets.load_ml100k("embedded")
    train = movielens.ratings
    some = train.subset(train.users < 30)
    model = small(n_epochs=1).fit(some, movies=movielens.movies)
    user = int(some.users[0])
    for item in range(40):
        for path in model.explain(user, item):
            assert path.target == movielens.movies.title[item]
            assert path.film in set(movielens.movies.title)
    # Given both, the facts are the triples' and the titles the table's.
    [film] = movielens.movies.movie_id[:1]
    model.fit(some, movies=movielens.movies, triples=[(film, "maker", "Ada")])
    assert model.facts_ == [("maker", "Ada")]


def test_explain_refuses_unknown_codes():
    model = small().fit(toy_without("Coco"), triples=SAID)
    with pytest.raises(ValueError, match=r"users.*5"):
        model.explain(5, 0)
    with pytest.raises(ValueError, match=r"items.*6"):
        model.explain(0, 6)
    with pytest.raises(ValueError, match=r"k must be"):
        model.explain(0, 0, k=0)
    assert isinstance(model.explain(0, 4), list)  # a cold film can be explained


def test_with_facts_it_saves_and_refits_bit_equal(tmp_path):
    toy = datasets.load_toy()
    model = small(dropout=0.4).fit(toy, triples=SAID)
    model.save(tmp_path / "model")
    again = KnowledgeMF.load(tmp_path / "model")
    assert again.explain(2, 1) == model.explain(2, 1)
    logits = [m.network_(np.arange(5))[2].numpy() for m in (model, again)]
    np.testing.assert_array_equal(*logits)
    twin = small(dropout=0.4).fit(toy, triples=SAID)
    np.testing.assert_array_equal(twin.Q_, model.Q_)


class TestContract(NetworkContract):
    cases = [
        network(
            lambda: KnowledgeMF(
                n_factors=8, n_epochs=60, lr=0.05, reg=0.3, validation_share=0.0
            ),
            rates=False,
        ),
    ]
