"""The film project's report against plain loops, and numbers by hand."""

import numpy as np
import pytest

from recbook import baselines, datasets, evaluation, metrics, project, splits
from recbook.project import chain
from recbook.project import evaluation as film


@pytest.fixture(scope="module")
def halves():
    return splits.holdout(datasets.load_ml100k("embedded").ratings, 0.8, seed=0)


@pytest.fixture(scope="module")
def report(halves):
    train, test = halves
    bias = baselines.Bias().fit(train)
    popular = baselines.Popularity().fit(train)
    return film.make_report({"bias": bias}, {"popularity": popular}, train, test)


def value(report, metric):
    return report.set_index("metric").loc[metric]


def test_means_are_those_of_the_library(report, halves):
    train, test = halves
    stars = evaluation.rating_report(baselines.Bias(), train, test)
    lists = evaluation.ranking_report(
        baselines.Popularity(), train, test, k=10, threshold=4.0
    )
    for theirs in (stars, lists):
        for metric, mean in theirs.set_index("metric")["mean"].items():
            if metric in report["metric"].tolist():
                assert value(report, metric)["mean"] == pytest.approx(mean)
    assert value(report, "ndcg")["n"] == lists["n"][0]


def test_intervals_hold_their_means(report):
    inside = report.dropna(subset=["low"])
    assert len(inside) == 6
    assert (inside["low"] < inside["mean"]).all()
    assert (inside["mean"] < inside["high"]).all()


def test_interval_is_that_of_a_loop_over_draws():
    rng = np.random.default_rng(1)
    people, errors = rng.integers(0, 12, 80), rng.normal(size=80)
    low, high = film.interval_of_rmse(errors, people, n_resamples=4000)
    again = []
    for _ in range(4000):
        drawn = rng.choice(np.unique(people), 12)
        all_of = np.concatenate([errors[people == u] for u in drawn])
        again.append(metrics.rmse(all_of, 0 * all_of))
    np.testing.assert_allclose([low, high], np.quantile(again, [0.025, 0.975]), 0.03)


def test_people_are_drawn_whole():
    # One person has nine errors of 1, the other one error of 3: never nine and one
    # of ten draws, but 1, 3, or sqrt((9 + 9) / 10) where each is drawn once.
    errors, people = np.array([1.0] * 9 + [3.0]), np.array([0] * 9 + [1])
    assert film.interval_of_rmse(errors, people) == (1.0, 3.0)


def test_mean_absolute_error_has_its_own_interval(report):
    row = value(report, "mae")
    width = row["high"] - row["low"]
    assert 0 < width < 0.2 * row["mean"]
    assert row["high"] < value(report, "rmse")["low"]


def test_report_is_made_from_both_towers(tmp_path, monkeypatch):
    monkeypatch.setenv("RECBOOK_PROJECT", str(tmp_path))
    train, _ = datasets.load_ml100k().fold(1)
    towers = baselines.Bias().fit(train)
    monkeypatch.setattr(chain, "trained", lambda: towers)
    monkeypatch.setattr(chain, "lister", lambda: towers)
    report = project.report()
    assert set(report["kind"]) == {"stars", "lists"}
    ndcg = report[report.metric == "ndcg"].set_index("model")["mean"]
    assert ndcg["towers"] == ndcg["twotower"]  # the same model in both places here
    assert (project.folder() / "report.csv").exists()
    assert project.report().equals(report)
