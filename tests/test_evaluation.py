"""Reports, comparisons and paired tests against plain loops and known answers."""

import inspect
import itertools

import numpy as np
import pandas as pd
import pytest

import recbook
from recbook import Ratings, datasets, evaluation, metrics, splits
from recbook._core.validate import NotFittedError
from recbook.evaluation import significance

RANKING = [
    "precision",
    "recall",
    "ndcg",
    "average_precision",
    "reciprocal_rank",
    "hit_rate",
]


def table(n_users, n_items, pairs, values=None):
    """Ratings of the given (user, item) pairs, 4.0 each where no values are given."""
    users, items = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    values = np.full(users.size, 4.0) if values is None else np.array(values, float)
    return Ratings(users, items, values, None, np.arange(n_users), np.arange(n_items))


class Fixed:
    """Scores handed in; ranks and does not rate."""

    def __init__(self, score_table):
        self.score_table = score_table
        self.asked = []

    def fit(self, train):
        self.fitted_ = True
        return self

    def scores(self, users):
        if not hasattr(self, "fitted_"):
            raise NotFittedError("fit first")
        self.asked.extend(np.asarray(users).tolist())
        return np.asarray(self.score_table, dtype=float)[users]

    def recommend(self, users, k=10, exclude=None):
        scores = self.scores(users).copy()
        scores[exclude.csr[users].toarray() != 0] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        lists = np.where(np.take_along_axis(scores, best, 1) == -np.inf, -1, best)
        return np.pad(
            lists, ((0, 0), (0, max(0, k - lists.shape[1]))), constant_values=-1
        )


class Rater(Fixed):
    """The same, and its scores are its predictions."""

    def predict(self, users, items):
        return np.array(
            [self.scores([u])[0, i] for u, i in zip(users, items, strict=True)]
        )


def value_of(report, metric, column="mean"):
    return report.set_index("metric").loc[metric, column]


# Rating report -----------------------------------------------------------------------


def test_rating_report_by_hand():
    train = table(3, 3, [(0, 0), (1, 1)])
    test = table(3, 3, [(0, 1), (1, 0), (2, 0), (0, 2)], [5, 3, 1, 4])
    model = Rater([[0, 4, 4], [3, 0, 0], [3, 0, 0]])  # errors 1, 0, -2, 0
    report = evaluation.rating_report(model, train, test)
    assert list(report) == ["metric", "mean", "standard_error", "n", "n_cold"]
    assert report["metric"].tolist() == ["rmse", "mae"]
    assert value_of(report, "rmse") == pytest.approx(np.sqrt(5 / 4))
    assert value_of(report, "mae") == 3 / 4
    # |e| less its mean, summed per user: .25 - .75, -.75, 1.25; squares 2.375, and
    # 3/2 of them over n^2 = 16.
    by_hand = np.sqrt(1.5 * 2.375 / 16)
    assert value_of(report, "mae", "standard_error") == pytest.approx(by_hand)
    # e^2 less its mean 1.25: -.25 - 1.25, -1.25, 2.75; squares 11.375; delta method.
    by_hand = np.sqrt(1.5 * 11.375 / 16) / (2 * np.sqrt(1.25))
    assert value_of(report, "rmse", "standard_error") == pytest.approx(by_hand)
    assert report["n"].tolist() == [4, 4]
    assert report["n_cold"].tolist() == [2, 2]  # user 2, and item 2, never trained


def test_rating_report_without_errors_and_of_one_pair():
    data = table(2, 2, [(0, 0), (1, 1)], [3, 4])
    model = Rater([[3, 0], [0, 4]])
    report = evaluation.rating_report(model, data, data)
    assert report["mean"].tolist() == report["standard_error"].tolist() == [0, 0]
    one = evaluation.rating_report(model, data, data.subset(data.items == 0))
    assert one["standard_error"].isna().all()
    assert one["mean"].tolist() == [0, 0]


def test_the_standard_error_is_over_people_and_not_over_ratings():
    """One rating for each user is the plain formula; copies of it add nothing."""
    rng = np.random.default_rng(0)
    stars = rng.integers(1, 6, 30).astype(float)
    plain = np.std(np.abs(stars - 3), ddof=1) / np.sqrt(30)
    train = table(30, 4, [(0, 3)], [3])
    for copies in (1, 3):
        cells = [(u, i) for u in range(30) for i in range(copies)]
        test = table(30, 4, cells, np.repeat(stars, copies))
        report = evaluation.rating_report(Rater(np.full((30, 4), 3.0)), train, test)
        assert value_of(report, "mae", "standard_error") == pytest.approx(plain)


def test_rating_report_refuses_a_model_that_only_ranks():
    toy = datasets.load_toy()
    with pytest.raises(ValueError, match=r"Fixed has no predict.*ranking_report"):
        evaluation.rating_report(Fixed(np.zeros((5, 6))), toy, toy)


class Clock(Rater):
    """Say a star more of the second day than of the first."""

    def predict(self, users, items, timestamps=None):
        stars = super().predict(users, items)
        return stars if timestamps is None else stars + (np.asarray(timestamps) > 1)


def test_rating_report_tells_the_time_to_whom_it_is_asked_to_tell_it():
    toy = datasets.load_toy()
    test = Ratings([0, 1], [0, 1], [3.0, 4.0], [1, 2], toy.user_ids, toy.item_ids)
    model = Clock(np.full((5, 6), 3.0))
    silent = evaluation.rating_report(model, toy, test)
    assert value_of(silent, "mae") == 1 / 2
    told = evaluation.rating_report(model, toy, test, with_timestamps=True)
    assert value_of(told, "mae") == 0
    options = {"kind": "rating", "with_timestamps": True}
    table = evaluation.compare({"clock": lambda: model}, [(toy, test)], **options)
    assert value_of(table, "mae") == 0
    with pytest.raises(ValueError, match=r"predict of Rater has no.*timestamps"):
        evaluation.rating_report(
            Rater(model.score_table), toy, test, with_timestamps=True
        )
    bare = Ratings([0], [0], [3.0], None, toy.user_ids, toy.item_ids)
    with pytest.raises(ValueError, match=r"with_timestamps=True reads test\.times"):
        evaluation.rating_report(model, toy, bare, with_timestamps=True)


def test_reports_fit_only_what_is_not_fitted():
    toy = datasets.load_toy()
    model = Rater(np.full((5, 6), 3.0))
    evaluation.rating_report(model, toy, toy)
    assert model.fitted_
    model.fit = None  # a second fit would fail
    evaluation.rating_report(model, toy, toy)


# Ranking report ----------------------------------------------------------------------


def random_split(seed, n_users=7, n_items=9):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 4, (n_users, n_items))  # 0 train, 1 test, else unrated
    kind[0] = 2  # one user without any rating
    kind[1, :] = 0  # one who rated all in train
    kind[2, :2] = [0, 1]
    halves = []
    for half in (0, 1):
        pairs = np.argwhere(kind == half)
        values = rng.integers(1, 6, len(pairs))
        halves.append(table(n_users, n_items, pairs, values))
    return *halves, rng.random((n_users, n_items))


def loop_report(score_table, train, test, k, threshold=0):
    """Means over users by plain loops."""
    rows = {name: [] for name in RANKING}
    for user in range(train.n_users):
        seen = set(train.items[train.users == user].tolist())
        mine = test.users == user
        wanted = set(test.items[mine & (test.values >= threshold)].tolist())
        if not wanted:
            continue
        candidates = [i for i in range(train.n_items) if i not in seen]
        best = sorted(candidates, key=lambda i, u=user: -score_table[u, i])[:k]
        hits = [i in wanted for i in best]
        at = [place for place, hit in enumerate(hits, 1) if hit]
        rows["precision"].append(sum(hits) / k)
        rows["recall"].append(sum(hits) / len(wanted))
        rows["hit_rate"].append(float(any(hits)))
        rows["reciprocal_rank"].append(1 / at[0] if at else 0)
        best_at = range(1, min(k, len(wanted)) + 1)
        rows["ndcg"].append(
            sum(1 / np.log2(p + 1) for p in at)
            / sum(1 / np.log2(p + 1) for p in best_at)
        )
        rows["average_precision"].append(
            sum((n + 1) / p for n, p in enumerate(at)) / min(k, len(wanted))
        )
    return rows


@pytest.mark.parametrize("k", [1, 3, 20])
@pytest.mark.parametrize("threshold", [None, 4])
@pytest.mark.parametrize("seed", [0, 1])
def test_ranking_report_equals_the_plain_loop(k, threshold, seed):
    train, test, scores = random_split(seed)
    report = evaluation.ranking_report(Fixed(scores), train, test, k, threshold)
    rows = loop_report(scores, train, test, k, threshold or 0)
    for name in RANKING:
        n = len(rows[name])
        assert value_of(report, name) == pytest.approx(np.mean(rows[name])), name
        error = np.std(rows[name], ddof=1) / np.sqrt(n)
        assert value_of(report, name, "standard_error") == pytest.approx(error), name
        assert value_of(report, name, "n") == n
        assert value_of(report, name, "n_left_out") == train.n_users - n
    assert (report["k"] == k).all()
    assert n < train.n_users


def test_ranking_report_columns_and_whole_list_rows():
    train, test, scores = random_split(3)
    report = evaluation.ranking_report(Fixed(scores), train, test, k=2)
    columns = ["metric", "k", "mean", "standard_error", "n", "n_left_out"]
    assert list(report) == columns
    assert report["metric"].tolist() == [*RANKING, "coverage", "gini", "novelty"]
    users = np.unique(test.users)
    ranked = Fixed(scores).fit(train).recommend(users, 2, train)
    counts = np.bincount(train.items, minlength=train.n_items)
    assert value_of(report, "coverage") == metrics.coverage(ranked, train.n_items)
    assert value_of(report, "gini") == metrics.gini(ranked, train.n_items)
    assert value_of(report, "novelty") == metrics.novelty(ranked, counts)
    assert report["standard_error"].isna().tolist() == [False] * 6 + [True] * 3


def test_an_oracle_scores_one_and_popularity_is_asked_for_every_item():
    train, test, _ = random_split(4)
    report = evaluation.ranking_report(Fixed(test.csr.toarray()), train, test, k=20)
    for name in RANKING[1:]:  # precision divides by 20
        assert value_of(report, name) == 1, name


def test_user_values_are_what_the_report_averages():
    train, test, scores = random_split(5)
    values = evaluation.user_values(Fixed(scores), train, test, k=3)
    report = evaluation.ranking_report(Fixed(scores), train, test, k=3)
    assert list(values) == RANKING
    assert values.index.tolist() == np.unique(test.users).tolist()
    for name in RANKING:
        assert values[name].mean() == pytest.approx(value_of(report, name))


@pytest.mark.parametrize(
    "report", [evaluation.ranking_report, evaluation.sampled_ranking_report]
)
def test_many_users_go_in_blocks(report, monkeypatch):
    from recbook.evaluation import reports

    train, test, scores = random_split(6, n_users=23)
    whole = report(Fixed(scores), train, test, k=3)
    monkeypatch.setattr(reports, "BLOCK", 4)
    monkeypatch.setattr(reports, "BLOCK", 4)
    pd.testing.assert_frame_equal(report(Fixed(scores), train, test, k=3), whole)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda a, b: (a, b, {"k": 0}), "k must be"),
        (lambda a, b: (a, b, {"threshold": 6}), "no user has anything relevant"),
        (lambda a, b: (a, a, {}), "train and test share 14 pairs, the first is user"),
        (lambda a, b: (a, table(2, 2, [(0, 0)]), {}), r"train has shape .*\(2, 2\)"),
        (lambda a, b: (a, b.subset(b.values < 0), {}), "test is empty"),
    ],
)
@pytest.mark.parametrize(
    "report",
    [
        evaluation.ranking_report,
        evaluation.sampled_ranking_report,
        evaluation.user_values,
    ],
)
def test_bad_splits(report, make, match):
    train, test, scores = random_split(0)
    train = train.subset(np.arange(train.n_ratings) < 14)
    train, test, options = make(train, test)
    with pytest.raises(ValueError, match=match):
        report(Fixed(scores), train, test, **options)


def test_the_first_shared_pair_is_named():
    half = table(2, 3, [(1, 2), (0, 1)])
    with pytest.raises(ValueError, match="share 2 pairs, the first is user 0, item 1"):
        evaluation.ranking_report(Fixed(np.zeros((2, 3))), half, half)


# Sampled candidates ------------------------------------------------------------------


def test_sampling_all_negatives_is_the_full_report():
    train, test, scores = random_split(1)
    full = evaluation.ranking_report(Fixed(scores), train, test, k=3)
    every = evaluation.sampled_ranking_report(Fixed(scores), train, test, 3, 99)
    pd.testing.assert_frame_equal(every, full[:6], check_exact=True)


def test_sampled_candidates_are_relevant_or_unrated_and_as_many_as_asked():
    from recbook.evaluation.reports import _sample

    allowed = np.random.default_rng(0).random((200, 12)) < 0.6
    drawn = _sample(allowed, 3, np.random.default_rng(1))
    assert not (drawn & ~allowed).any()
    np.testing.assert_array_equal(drawn.sum(1), np.minimum(allowed.sum(1), 3))
    # Each allowed item of a row is as likely as the next: 12 allowed, 3 drawn.
    drawn = _sample(np.ones((20000, 12), bool), 3, np.random.default_rng(2))
    shares = drawn.mean(axis=0)
    np.testing.assert_allclose(shares, 3 / 12, atol=0.015)  # five standard errors


def test_what_was_rated_0_is_no_negative():
    # Four items: 0 and 1 rated 0 stars in train, 3 to be found, and so 2 the negative.
    train = table(1, 4, [(0, 0), (0, 1)], [0, 0])
    test = table(1, 4, [(0, 3)])
    model = Fixed([[4, 3, 2, 1]])
    report = evaluation.sampled_ranking_report(model, train, test, k=4)
    assert value_of(report, "reciprocal_rank") == 1 / 2


def test_sampling_is_seeded_and_flatters():
    train, test, scores = random_split(2, n_users=40, n_items=60)
    args = (train, test, 3, 5)
    one, again = (
        evaluation.sampled_ranking_report(Fixed(scores), *args, seed=1)
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, again)
    other = evaluation.sampled_ranking_report(Fixed(scores), *args, seed=2)
    assert not one.equals(other)
    full = evaluation.ranking_report(Fixed(scores), train, test, 3)
    assert value_of(one, "ndcg") > value_of(full, "ndcg")


def test_sampling_refuses_no_negatives():
    train, test, scores = random_split(2)
    with pytest.raises(ValueError, match=r"n_negatives must be .* got 0"):
        evaluation.sampled_ranking_report(Fixed(scores), train, test, n_negatives=0)


# Over folds --------------------------------------------------------------------------


def factories():
    return {"three": lambda: Rater(np.full((5, 6), 3.0)), "four": four_stars}


def four_stars():
    return Rater(np.full((5, 6), 4.0))


def test_compare_averages_the_folds():
    folds = list(splits.k_fold(datasets.load_toy(), n_splits=3, seed=1))
    values = evaluation.fold_values(factories(), iter(folds))
    assert list(values) == ["model", "fold", "metric", "value"]
    assert len(values) == 2 * 3 * 2
    result = evaluation.compare(factories(), iter(folds))
    assert list(result) == ["model", "metric", "mean", "standard_error", "n"]
    assert result["model"].tolist() == ["three", "three", "four", "four"]
    by_hand = [np.sqrt(np.mean((test.values - 4) ** 2)) for _, test in folds]
    row = result[(result["model"] == "four") & (result["metric"] == "rmse")].iloc[0]
    assert row["mean"] == pytest.approx(np.mean(by_hand))
    assert row["standard_error"] == pytest.approx(np.std(by_hand, ddof=1) / np.sqrt(3))
    assert row["n"] == 3
    picked = values[(values["model"] == "four") & (values["metric"] == "rmse")]
    assert picked["value"].tolist() == pytest.approx(by_hand)
    assert picked["fold"].tolist() == [0, 1, 2]


def test_compare_of_one_fold_has_no_spread():
    fold = splits.holdout(datasets.load_toy())
    result = evaluation.compare(factories(), [fold])
    assert result["standard_error"].isna().all()
    assert (result["n"] == 1).all()


def test_compare_ranks_and_samples_and_passes_options_on():
    folds = [random_split(seed)[:2] for seed in (0, 1)]
    scores = random_split(0)[2]
    for kind in ("ranking", "sampled"):
        result = evaluation.compare({"a": lambda: Fixed(scores)}, folds, kind, k=2)
        report = evaluation.fold_values({"a": lambda: Fixed(scores)}, folds, kind, k=2)
        assert set(RANKING) <= set(result["metric"])
        assert len(report) == 2 * len(result)
    expected = np.mean(
        [np.mean(loop_report(scores, *fold, 2)["ndcg"]) for fold in folds]
    )
    ranking = evaluation.compare({"a": lambda: Fixed(scores)}, folds, "ranking", k=2)
    assert value_of(ranking, "ndcg") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("models", "folds", "kind", "match"),
    [
        ({}, [1], "rating", "models is empty"),
        ({"a": four_stars}, [], "rating", "folds is empty"),
        ({"a": four_stars}, [1], "stars", "kind must be .* got 'stars'"),
    ],
)
def test_compare_refuses(models, folds, kind, match):
    with pytest.raises(ValueError, match=match):
        evaluation.compare(models, folds, kind)


# Paired tests ------------------------------------------------------------------------


def flip_p(d):
    """Two-sided p by every sign pattern."""
    signs = itertools.product([1, -1], repeat=len(d))
    means = np.array([np.mean(np.array(s) * d) for s in signs])
    return np.mean(np.abs(means) >= abs(np.mean(d)) - 1e-12)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [2, 5, 9])
@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_permutation_equals_every_sign_pattern(seed, n, shift):
    d = np.random.default_rng(seed).normal(shift, 1, n).round(1)
    result = evaluation.paired_test(d, np.zeros(n))
    assert result.difference == pytest.approx(d.mean())
    assert result.p == pytest.approx(flip_p(d))


def test_permutation_interval_is_the_shifts_not_rejected():
    d = np.random.default_rng(3).normal(0.4, 1, 10)
    result = evaluation.paired_test(d, np.zeros(10))
    low, high = result.interval
    assert low < result.difference < high
    for end, inward in ((low, 1e-9), (high, -1e-9)):
        assert flip_p(d - (end + inward)) > 0.05
        assert flip_p(d - (end - inward)) <= 0.05


def test_permutation_by_hand():
    # d = 1 2 1 2 1 2: only all pluses and all minuses reach a mean of 1.5: 2 / 64.
    result = evaluation.paired_test([3, 5, 4, 6, 5, 7], [2, 3, 3, 4, 4, 5])
    difference, interval, p = result
    assert (difference, p) == (1.5, 2 / 64)
    assert 0 < interval[0] <= 1.5 <= interval[1]
    # d = 1 1 -1: |mean| = 1/3 is the least there is: every pattern reaches it.
    assert evaluation.paired_test([1, 1, 0], [0, 0, 1]).p == 1


def test_five_folds_cannot_be_significant():
    result = evaluation.paired_test([1, 2, 3, 4, 5], [0, 0, 0, 0, 0])
    assert result.p == 2 / 32
    assert result.interval == (-np.inf, np.inf)


def test_random_patterns_come_near_all_patterns():
    d = np.random.default_rng(1).normal(0.45, 1, 12)
    every = evaluation.paired_test(d, np.zeros(12))  # 4096 patterns
    some = evaluation.paired_test(d, np.zeros(12), n_resamples=4000)
    # p's standard error is at most sqrt(.25 / 4000) = 0.008.
    assert some.p == pytest.approx(every.p, abs=0.03)
    assert some.interval == pytest.approx(every.interval, abs=0.1)
    # With 19 random patterns or fewer, p cannot fall under 1/20.
    few = evaluation.paired_test(np.ones(40), np.zeros(40), n_resamples=19)
    assert few.p == 1 / 20


@pytest.mark.parametrize("method", ["permutation", "bootstrap"])
def test_paired_test_properties(method):
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.5, 1, 80), rng.normal(0, 1, 80)
    result = evaluation.paired_test(a, b, method)
    assert result == evaluation.paired_test(a, b, method)
    assert result != evaluation.paired_test(a, b, method, seed=1)
    assert result.difference == pytest.approx(np.mean(a) - np.mean(b))
    low, high = result.interval
    assert low < result.difference < high
    assert 0 < result.p <= 1
    swapped = evaluation.paired_test(b, a, method)
    assert swapped.difference == pytest.approx(-result.difference)
    assert swapped.p == pytest.approx(result.p, abs=0.005)
    assert swapped.interval == pytest.approx((-high, -low), abs=0.03)
    # Near the normal theory: mean ± 1.96 standard errors.
    error = np.std(a - b, ddof=1) / np.sqrt(80)
    expected = result.difference + error * np.array([-1.96, 1.96])
    assert result.interval == pytest.approx(expected.tolist(), abs=0.06)
    far = evaluation.paired_test(a + 9, b, method, n_resamples=999)
    assert far.p <= 2 / 1000
    same = evaluation.paired_test(a, a, method)
    assert same == (0, (0, 0), 1)


@pytest.mark.parametrize("method", ["permutation", "bootstrap"])
def test_users_without_a_value_are_left_out(method):
    a, b = np.array([1, 3, np.nan, 2, 5.0]), np.array([0, 1, np.nan, np.nan, 4.0])
    kept = evaluation.paired_test(a[[0, 1, 4]], b[[0, 1, 4]], method)
    assert evaluation.paired_test(a, b, method) == kept


@pytest.mark.parametrize(
    ("method", "power"), [("permutation", 1), ("permutation", 3), ("bootstrap", 1)]
)
def test_size_under_the_null_is_about_five_percent(method, power):
    # 400 tests where nothing differs: 20 rejections expected, standard deviation 4.4.
    # Power 3 gives heavy tails, on which the sign-flip test is exact all the same.
    draws = np.random.default_rng(7).normal(size=(400, 40)) ** power
    results = [evaluation.paired_test(d, 0 * d, method, n_resamples=399) for d in draws]
    rejected = sum(result.p <= 0.05 for result in results)
    missed = sum(not r.interval[0] <= 0 <= r.interval[1] for r in results)
    assert 8 <= rejected <= 32
    assert abs(missed - rejected) <= 4


@pytest.mark.parametrize(
    ("a", "b", "options", "match"),
    [
        ([1, 2], [1], {}, r"of one length; got \(2,\) and \(1,\)"),
        ([[1, 2]], [[1, 2]], {}, "must be 1-d"),
        ([1], [2], {}, "at least 2 are needed"),
        ([1, np.nan], [2, 3], {}, "has 1 value"),
        ([1, np.inf], [2, 3], {}, "finite"),
        ("abc", [1, 2], {}, "a must be numbers, got 'abc'"),
        ([1, 2], None, {}, "b is None, not a real number"),
        ([1, 2], [1j, 2], {}, r"b\[0\] is 1j, not a real number"),
        ([1, 2], [1, 2], {"method": "t"}, "method must be .* got 't'"),
        ([1, 2], [1, 2], {"n_resamples": 0}, "n_resamples must be .* got 0"),
    ],
)
def test_paired_test_refuses(a, b, options, match):
    with pytest.raises(ValueError, match=match):
        evaluation.paired_test(a, b, **options)


def test_hits_may_be_bools():
    hit, miss = np.array([True] * 5), np.array([False] * 5)
    assert evaluation.paired_test(hit, miss).difference == 1


@pytest.mark.parametrize(
    ("errors", "people", "match"),
    [
        (None, [0], "errors is None"),
        ([], [], "errors must be finite numbers, one per rating"),
        ([1.0, np.nan], [0, 1], "errors must be finite numbers"),
        ([1.0, 2.0], [0], r"people must be one code per error, so 2; got shape \(1,\)"),
    ],
)
def test_the_interval_of_an_rmse_refuses(errors, people, match):
    with pytest.raises(ValueError, match=match):
        significance.interval_of_rmse(errors, people)


def test_bootstrap_interval():
    values = np.random.default_rng(0).normal(3, 2, 400)
    low, high = evaluation.bootstrap_interval(values)
    error = np.std(values, ddof=1) / 20
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.02)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.02)
    assert (low, high) == evaluation.bootstrap_interval(np.append(values, np.nan))
    inner = evaluation.bootstrap_interval(values, level=0.5)
    assert low < inner[0] < values.mean() < inner[1] < high
    assert evaluation.bootstrap_interval([2.0, 2.0]) == (2, 2)
    for bad, match in (({"level": 2}, "level"), ({"n_resamples": -1}, "n_resamples")):
        with pytest.raises(ValueError, match=match):
            evaluation.bootstrap_interval(values, **bad)


@pytest.mark.parametrize(
    ("function", "defaults"),
    [
        (evaluation.rating_report, {"with_timestamps": False}),
        (evaluation.ranking_report, {"k": 10, "threshold": None, "repeats": False}),
        (evaluation.user_values, {"k": 10, "threshold": None, "repeats": False}),
        (
            evaluation.sampled_ranking_report,
            {"k": 10, "n_negatives": 100, "seed": 0, "threshold": None},
        ),
        (
            evaluation.paired_test,
            {"method": "permutation", "n_resamples": 9999, "seed": 0},
        ),
        (
            evaluation.bootstrap_interval,
            {"level": 0.95, "n_resamples": 9999, "seed": 0},
        ),
        (evaluation.compare, {"kind": "rating"}),
    ],
)
def test_defaults_are_the_documented_ones(function, defaults):
    parameters = inspect.signature(function).parameters.values()
    given = {p.name: p.default for p in parameters if p.default is not p.empty}
    assert given == defaults


def test_what_is_no_table_or_no_seed_is_named(toy):
    train, test = splits.leave_last_out(toy)
    model = recbook.Popularity()
    for halves in ((None, test), (train, [1])):
        for report in (evaluation.rating_report, evaluation.ranking_report):
            with pytest.raises(TypeError, match=r"(train|test) must be a recbook\.Rat"):
                report(model, *halves)
    for call in (
        lambda: evaluation.sampled_ranking_report(model, train, test, seed="x"),
        lambda: evaluation.paired_test([1, 2], [2, 4], seed="x"),
        lambda: evaluation.bootstrap_interval([1, 2], seed="x"),
    ):
        with pytest.raises(ValueError, match="seed must be an integer of at least 0"):
            call()
    for k in (10**30, 2000):
        with pytest.raises(ValueError, match=f"k must be .*{k}"):
            evaluation.sampled_ranking_report(model, train, test, k=k)


# Repurchases -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_repurchases_are_ranked_among_what_a_user_had(seed):
    rng = np.random.default_rng(seed)
    halves = []
    for share in (0.5, 0.4):
        pairs = np.argwhere(rng.random((12, 9)) < share)
        halves.append(table(12, 9, pairs))
    train, test = halves
    scores = rng.random((12, 9))
    found = evaluation.user_values(Fixed(scores), train, test, k=3, repeats=True)
    had, bought = train.csr.toarray() > 0, test.csr.toarray() > 0
    expected = {}
    for user in range(12):
        own = [item for item in range(9) if had[user, item]]
        want = {item for item in own if bought[user, item]}
        if want:
            best = sorted(own, key=lambda item: -scores[user, item])[:3]
            expected[user] = sum(item in want for item in best) / 3
    assert found["precision"].to_dict() == pytest.approx(expected)
    report = evaluation.ranking_report(Fixed(scores), train, test, k=3, repeats=True)
    mean = np.mean(list(expected.values()))
    assert value_of(report, "precision") == pytest.approx(mean)
    assert value_of(report, "precision", "n") == len(expected)


def test_shared_pairs_lead_to_repeats_and_no_shared_pair_is_named():
    train, test = table(2, 3, [(0, 0), (1, 1)]), table(2, 3, [(0, 0), (0, 1)])
    with pytest.raises(ValueError, match="take repeats=True for repurchases"):
        evaluation.ranking_report(Fixed(np.zeros((2, 3))), train, test, k=1)
    apart = table(2, 3, [(0, 1)])
    with pytest.raises(ValueError, match="repeats=True"):
        evaluation.ranking_report(
            Fixed(np.zeros((2, 3))), train, apart, k=1, repeats=True
        )
