"""Rules for who gets what: by brute force, by a plain loop, by the learner itself."""

import math

import numpy as np
import pytest

from recbook.grade.campaign import rules
from recbook.marketing import uplift, worlds
from recbook.marketing.regression import Logistic


@pytest.fixture(scope="module")
def small():
    shop = worlds.customers(6000, seed=2)
    return shop, shop.campaign(seed=0, n=5000)


def test_letters_go_down_a_list_as_far_as_the_money_goes():
    key, consent = np.arange(6000.0), np.arange(6000) % 2 == 0
    actions = rules.letters_to(key, consent)
    sent = np.flatnonzero(actions)
    assert (actions[sent] == 2).all()
    assert sent.tolist() == [*range(6000 - 2 * 2500, 6000, 2)]
    few = rules.letters_to(key[:10], consent[:10])
    assert np.flatnonzero(few).tolist() == [0, 2, 4, 6, 8]


def test_planned_by_brute_force():
    # all 27 plans of three customers, with money for one letter and two e-mails
    effect = np.array([[0.01, 0.08], [0.015, 0.04], [0.004, 0.09]])
    margin, year = np.array([20.0, 20.0, 30.0]), np.array([40.0, 10.0, 50.0])
    books = rules.Books(None, np.ones(3, dtype=bool), margin, year, None)
    cost, lost = np.array([0, 0.003, 0.6]), 0.004
    value = np.zeros((3, 3))
    value[:, 1:] = effect * margin[:, None] - cost[1:]
    value[:, 1] -= 0.9 * lost * year
    rows = np.arange(3)
    best = max(
        value[rows, plan].sum()
        for plan in np.ndindex(3, 3, 3)
        if cost[list(plan)].sum() <= 0.606
    )
    actions, price = rules.planned(books, effect, lost, budget=0.606)
    assert value[rows, actions].sum() == pytest.approx(best)
    assert price > 0
    # an e-mail that gains .20 and costs .003 and .9 x .004 x 54 = .1944: .0026 is left
    one = rules.Books(
        None, np.ones(1, dtype=bool), np.array([20.0]), np.array([54.0]), None
    )
    assert rules.planned(one, np.array([[0.01, 0.0]]), lost)[0].tolist() == [1]
    refused = rules.Books(None, np.zeros(3, dtype=bool), margin, year, None)
    assert 2 not in rules.planned(refused, effect, lost)[0]


def test_effects_are_those_of_the_learner_on_the_two_arms(small):
    shop, trial = small
    books = rules.books(shop.table, shop.features())
    found = rules.effects(books, trial.customers, trial.action, trial.ordered)
    some = trial.action < 2
    X = books.X[trial.customers[some]]
    email = uplift.TLearner().fit(X, trial.action[some], trial.ordered[some])
    np.testing.assert_allclose(found[:, 0], email.effect(books.X))
    assert found.shape == (6000, 2)


def test_a_forecast_in_euros_for_everybody(small):
    shop, trial = small
    books = rules.books(shop.table, shop.features())
    ahead = rules.forecast(books, trial)
    again = rules.forecast(books, trial)
    assert ahead == again
    assert ahead.max_weight == pytest.approx(3.0)
    assert ahead.standard_error > 0
    idle = rules.forecast(books, trial, learner=Useless)
    assert idle.value == pytest.approx(0, abs=1e-9)  # a plan that does nothing


def test_a_forecast_by_a_plain_loop(small):
    shop, trial = small
    books = rules.books(shop.table, shop.features())
    ahead = rules.forecast(books, trial, learner=Hopeful, seed=4)
    fold = np.random.default_rng(4).permutation(5000) % 10
    gains, weights = [], []
    for k in range(10):
        rest = fold != k
        lost = (trial.left[rest].sum() + 0.5) / ((trial.action[rest] == 1).sum() + 1)
        models = []
        for a in range(3):
            arm = rest & (trial.action == a)
            X = books.X[trial.customers[arm]]
            models.append(Logistic(20).fit(X, trial.ordered[arm]))
        for i in np.flatnonzero(~rest):
            u, done = trial.customers[i], trial.action[i]
            x, m = books.X[u : u + 1], books.margin[u]
            loss = 0.9 * lost * books.year[u]
            q = [
                models[0].predict(x)[0] * m,
                models[1].predict(x)[0] * m - 0.003 - loss,
            ]
            plan = 1 if 0.05 * m - loss - 0.003 > 0 else 0
            psi = [*q]
            if done < 2:
                seen = trial.ordered[i] * m - (0.003 + loss if done == 1 else 0)
                psi[done] += (seen - q[done]) / trial.propensity[i, done]
            gains.append(psi[plan] - psi[0])
            weights.append((plan == done) / trial.propensity[i, done])
    gains = np.array(gains)
    assert ahead.value == pytest.approx(6000 * gains.mean())
    error = gains.std(ddof=1) / math.sqrt(5000)
    assert ahead.standard_error == pytest.approx(6000 * error)
    assert ahead.mean_weight == pytest.approx(np.mean(weights))
    assert ahead.effective_n == pytest.approx(
        sum(weights) ** 2 / np.dot(weights, weights)
    )
    assert abs(ahead.mean_weight - 1) < 0.1  # the lot gave each action its chance


class Hopeful:
    """A learner who expects five more orders of a hundred e-mails, and no letter's."""

    n_fits = 0

    def fit(self, X, treated, y):
        self.effect_ = 0.05 if Hopeful.n_fits % 2 == 0 else -1.0
        Hopeful.n_fits += 1
        return self

    def effect(self, X):
        return np.full(len(X), self.effect_)


class Useless:
    """A learner who expects harm of everything."""

    def fit(self, X, treated, y):
        return self

    def effect(self, X):
        return np.full(len(X), -1.0)
