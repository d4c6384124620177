"""A chain of items beside a plain loop, by hand, and where it knows nothing."""

import itertools

import numpy as np
import pytest
from contract import Case, ModelContract

from recbook import MarkovChain, Ratings, datasets


def test_counts_and_probabilities_by_hand():
    toy = datasets.load_toy()
    chain = MarkovChain(prior=2.0).fit(toy)
    _, dune, _, up, coco, babe = range(6)
    # Of four people who left Up, three went to Coco and one to Babe; nobody left Babe.
    assert chain.counts_.toarray()[up].tolist() == [0, 0, 0, 0, 3, 1]
    assert chain.counts_.toarray()[coco].sum() == 1
    assert chain.counts_.toarray()[babe].sum() == 0
    # Ann's last film is Coco, after which one person of one saw Babe, 2 of 20 ratings.
    ann = chain.scores([0])[0]
    assert ann[babe] == pytest.approx((1 + 2 * 2 / 20) / (1 + 2))
    assert ann[dune] == pytest.approx((0 + 2 * 2 / 20) / (1 + 2))
    # Bob's last film is Babe: nothing is known beyond the shares of the ratings.
    np.testing.assert_allclose(chain.scores([1])[0], chain.popular_, rtol=1e-12)


def test_scores_are_those_of_a_loop():
    rng = np.random.default_rng(3)
    users, items = np.divmod(rng.choice(12 * 9, 60, replace=False), 9)
    times = rng.integers(0, 20, 60)  # with ties, which keep the order of the table
    names = np.arange(12), np.arange(9)
    train = Ratings(users, items, np.full(60, 3.0), times, *names)
    found = MarkovChain(prior=1.5).fit(train).scores(range(12))
    counts, last = np.zeros((9, 9)), {}
    for u in range(12):
        rows = [k for k in range(60) if users[k] == u]
        rows.sort(key=lambda k: times[k])  # stable
        for i, j in itertools.pairwise(rows):
            counts[items[i], items[j]] += 1
        if rows:
            last[u] = items[rows[-1]]
    share = np.bincount(items, minlength=9) / 60
    for u in range(12):
        n = counts[last[u]] if u in last else np.zeros(9)
        np.testing.assert_allclose(
            found[u], (n + 1.5 * share) / (n.sum() + 1.5), rtol=1e-12
        )
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_without_a_prior_only_what_was_never_left_goes_by_popularity():
    chain = MarkovChain(prior=0.0).fit(datasets.load_toy())
    scores = chain.scores([0, 1])
    assert scores[0].tolist() == [0, 0, 0, 0, 0, 1]  # after Coco came Babe, always
    np.testing.assert_allclose(scores[1], chain.popular_)


def test_order_needs_time():
    toy = datasets.load_toy()
    columns = toy.users, toy.items, toy.values, None
    train = Ratings(*columns, toy.user_ids, toy.item_ids)
    with pytest.raises(ValueError, match="timestamps is None, and this model learns"):
        MarkovChain().fit(train)


class TestContract(ModelContract):
    cases = [Case("MarkovChain", MarkovChain, knows="nothing", rates=False)]
