"""SVDpp against its equations: the blocked step is the step of every y, done once."""

import numpy as np
import pytest
from contract import Case, ModelContract
from kernels import counts, plain

from recbook import MatrixFactorization, Ratings, SVDpp, datasets, metrics
from recbook.base import DivergenceError
from recbook.factorization import svdpp
from recbook.factorization.sgd import shares

SMALL = {"n_factors": 3, "n_epochs": 4, "lr": 0.05, "reg": 0.1}


def table(seed=0, n_users=7, n_items=6, stranger=3):
    """About half of the cells; user 3 rated nothing, nobody rated item 2."""
    rng = np.random.default_rng(seed)
    mask = rng.random((n_users, n_items)) < 0.6
    mask[stranger], mask[:, stranger - 1] = False, False
    users, items = np.nonzero(mask)
    t = rng.permutation(users.size)  # no order may matter
    values = rng.integers(1, 6, users.size).astype(float)
    names = np.arange(n_users), np.arange(n_items)
    return Ratings(users[t], items[t], values[t], None, *names)


def z_of(train, u, Y):
    """z_u of the docstring."""
    rated = train.items[train.users == u]
    return Y[rated].sum(axis=0) / np.sqrt(rated.size) if rated.size else 0.0 * Y[0]


def residuals(train, mu, bu, bi, P, Q, Y):
    Z = np.array([z_of(train, u, Y) for u in range(train.n_users)])
    u, i = train.users, train.items
    return train.values - mu - bu[u] - bi[i] - ((P + Z)[u] * Q[i]).sum(axis=1)


def random_parameters(train, rng, k=2):
    """bu, bi, P, Q, Y, with zeros for strangers."""
    n, m = train.csr.shape
    found = [rng.normal(0, 0.5, shape) for shape in (n, m, (n, k), (m, k), (m, k))]
    nu, ni = counts(train)
    for rows, seen in zip(found, (nu, ni, nu, ni, ni), strict=True):
        rows[seen == 0] = 0.0
    return found


# Steps -------------------------------------------------------------------------------


def test_two_ratings_of_a_user_by_hand():
    """One factor, no biases; y starts at 1 and -1 + √2, so that z is 1."""
    bu, bi = np.zeros(1), np.zeros(2)
    P, Q = np.array([[1.0]]), np.array([[1.0], [2.0]])
    Y = np.array([[1.0], [-1.0 + np.sqrt(2.0)]])
    users, items = np.zeros(2, np.int32), np.arange(2, dtype=np.int32)
    reg_p, reg_q, no = np.array([0.2]), np.array([0.4, 0.5]), np.zeros(2)
    ratings = users, items, np.array([3.0, 4.0])
    svdpp.epoch(*ratings, 0.0, bu, bi, P, Q, Y, 0.1, 0.0, reg_p, reg_q, no, no)
    # First: e = 3 - 1 (1 + 1) = 1. p: 1 + .1 (1 - .2); q: 1 + .1 (2 - .4); z: 1 + .1
    # Then:  e = 4 - 2 (1.08 + 1.1) = -.36; all three of the old values again:
    p = 1.08 + 0.1 * (-0.36 * 2 - 0.2 * 1.08)
    q = 2 + 0.1 * (-0.36 * (1.08 + 1.1) - 0.5 * 2)
    moved = 0.1 + 0.1 * -0.36 * 2
    np.testing.assert_allclose(P, [[p]], rtol=0, atol=1e-14)
    np.testing.assert_allclose(Q, [[1.16], [q]], rtol=0, atol=1e-14)
    share = moved / np.sqrt(2)
    y = [1 + share - 0.1 * 0.4, (-1 + np.sqrt(2)) * (1 - 0.1 * 0.5) + share]
    np.testing.assert_allclose(Y[:, 0], y, rtol=0, atol=1e-14)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("biased", [True, False])
def test_fit_against_loops_that_move_every_y_at_every_rating(power, biased):
    train = table()
    model = SVDpp(
        **SMALL, lr_decay=0.8, reg_power=power, reg_bias=0.3, biased=biased, seed=5
    ).fit(train)
    rng = np.random.default_rng(5)
    nu, ni = counts(train)
    P = rng.normal(0, 0.1, (train.n_users, 3)) * (nu > 0)[:, None]
    Q = rng.normal(0, 0.1, (train.n_items, 3)) * (ni > 0)[:, None]
    Y, bu, bi = np.zeros_like(Q), np.zeros(train.n_users), np.zeros(train.n_items)
    mu, lr = train.values.mean() if biased else 0.0, 0.05
    for _ in range(4):
        place = rng.permutation(train.n_users)
        within = rng.random(train.n_ratings)
        for u in np.argsort(place):
            mine = np.flatnonzero(train.users == u)
            rated, old = train.items[mine], Y[train.items[mine]]
            for t in mine[np.argsort(within[mine])]:
                i, z = train.items[t], z_of(train, u, Y)
                p, q = P[u].copy(), Q[i].copy()
                e = train.values[t] - (mu + bu[u] + bi[i] + q @ (p + z))
                at_u, at_i = nu[u] ** power / nu[u], ni[i] ** power / ni[i]
                if biased:
                    bu[u] += lr * (e - 0.3 * at_u * bu[u])
                    bi[i] += lr * (e - 0.3 * at_i * bi[i])
                Y[rated] += lr * e * q / np.sqrt(nu[u])
                P[u] = p + lr * (e * q - 0.1 * at_u * p)
                Q[i] = q + lr * (e * (p + z) - 0.1 * at_i * q)
            at = ni[rated].astype(float) ** (power - 1)
            Y[rated] -= lr * 0.1 * at[:, None] * old
        lr *= 0.8
    found = (model.bu_, model.bi_, model.P_, model.Q_, model.Y_)
    for mine, expected in zip(found, (bu, bi, P, Q, Y), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_an_epoch_of_tiny_steps_goes_down_the_gradient(power):
    """Half the slope of J, for y as for the rest."""
    train, lr = table(1), 1e-8
    model = SVDpp(reg=0.7, reg_power=power, reg_bias=0.4)
    before = random_parameters(train, np.random.default_rng(0))
    after = [x.copy() for x in before]
    t = np.argsort(train.users, kind="stable")
    ratings = train.users[t], train.items[t], train.values[t]
    svdpp.epoch(*ratings, 3.0, *after, lr, lr, **shares(model, train))
    nu, ni = (np.maximum(n, 1.0) ** power for n in counts(train))

    def objective(bu, bi, P, Q, Y):
        e = residuals(train, 3.0, bu, bi, P, Q, Y)
        users = 0.7 * (P**2).sum(axis=1) + 0.4 * bu**2
        items = 0.7 * (Q**2 + Y**2).sum(axis=1) + 0.4 * bi**2
        return (e**2).sum() + (nu * users).sum() + (ni * items).sum()

    for array, new in zip(before, after, strict=True):
        old = array.copy()
        for place in np.ndindex(array.shape):
            ends = []
            for shift in (1e-6, -1e-6):
                array[place] = old[place] + shift
                ends.append(objective(*before))
            array[place] = old[place]
            slope = (ends[0] - ends[1]) / 2e-6
            moved = (new[place] - old[place]) / lr
            assert moved == pytest.approx(-slope / 2, abs=1e-5)


# The fit as a whole ------------------------------------------------------------------


def test_predictions_follow_the_formula():
    train = table()
    model = SVDpp(**SMALL).fit(train)
    arrays = model.bu_, model.bi_, model.P_, model.Q_, model.Y_
    e = residuals(train, model.mu_, *arrays)
    scores = model.scores(np.arange(train.n_users))[train.users, train.items]
    np.testing.assert_allclose(scores, train.values - e, rtol=0, atol=1e-12)
    assert np.abs(model.Y_).max() > 1e-3
    assert model.Y_.shape == model.Q_.shape == (6, 3)


def test_kernels_with_and_without_numba():
    train = table(3)
    t = np.argsort(train.users, kind="stable")
    ratings = train.users[t], train.items[t], train.values[t]
    regs = [np.full(n, 0.1) for n in (train.n_users, train.n_items) * 2]
    ends = []
    for kernel in (svdpp.epoch, plain(svdpp.epoch)):
        found = random_parameters(train, np.random.default_rng(1))
        for _ in range(10):
            kernel(*ratings, 3.0, *found, 0.05, 0.05, *regs)
        ends.append(found)
    for fast, slow in zip(*ends, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-10)
    Y, Z = ends[0][-1], np.zeros((2, train.n_users, 2))
    for kernel, out in zip((svdpp.add_rows, plain(svdpp.add_rows)), Z, strict=True):
        kernel(train.csr.indptr, train.csr.indices, Y, out)
    np.testing.assert_allclose(*Z, rtol=0, atol=1e-12)


def test_history_is_the_error_of_predict_after_each_epoch():
    train, validation = table(4), table(5, stranger=1)
    assert {3} < set(validation.users)
    assert {2} < set(validation.items)
    for biased in (True, False):
        for n in (1, 2, 4):
            model = SVDpp(**{**SMALL, "n_epochs": n}, biased=biased)
            model.fit(train, validation)
            for name, part in [("train", train), ("validation", validation)]:
                assert len(model.history_[name]) == n
                said = metrics.rmse(part.values, model.predict(part.users, part.items))
                assert model.history_[name][-1] == pytest.approx(said, abs=1e-12)


def test_validation_changes_nothing_but_history():
    alone = SVDpp(**SMALL).fit(table(4))
    watched = SVDpp(**SMALL).fit(table(4), validation=table(5))
    np.testing.assert_array_equal(alone.Y_, watched.Y_)
    assert set(alone.history_) == {"train"}
    with pytest.raises(ValueError, match="validation"):
        alone.fit(table(), table(0, 9, 6))


def test_a_seed_is_a_fit():
    train = datasets.load_toy()
    one, same = (SVDpp(**SMALL, seed=7).fit(train) for _ in range(2))
    other = SVDpp(**SMALL, seed=8).fit(train)
    for name in ("bu_", "bi_", "P_", "Q_", "Y_"):
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name))
        assert (getattr(one, name) != getattr(other, name)).any()


def test_divergence_names_lr_and_epoch_and_leaves_the_last_fit(monkeypatch):
    train = datasets.load_toy()
    model = SVDpp(**SMALL).fit(train)
    before, model.lr = model.predict([2], [1]), 50
    for kernel in (svdpp.epoch, plain(svdpp.epoch)):  # without a warning, too
        monkeypatch.setattr(svdpp, "epoch", kernel)
        with pytest.raises(DivergenceError, match=r"lr=50 .* epoch 1 of 4"):
            model.fit(train)
        np.testing.assert_array_equal(model.predict([2], [1]), before)


def test_who_rated_what_says_something_where_the_stars_do_not():
    """Two crowds rate two sets of films, all with 3 ± noise but for one film.

    It divides them, and two thirds of each crowd have rated it. A user's own vector
    has to be learnt from noise; the crowd is plain from the films chosen.
    """
    rng = np.random.default_rng(0)
    n, m = 120, 30
    crowd = np.arange(n) % 2
    chosen = rng.random((n, m)) < np.where(crowd[:, None] == np.arange(m) % 2, 0.6, 0.1)
    values = np.clip(np.round(3 + rng.normal(0, 1, (n, m))), 1, 5)
    values[:, 0], chosen[:, 0] = np.where(crowd, 5, 1), True
    hidden = np.zeros((n, m), bool)
    hidden[rng.random(n) < 1 / 3, 0] = True
    parts = []
    for mask in (chosen & ~hidden, hidden):
        u, i = np.nonzero(mask)
        parts.append(Ratings(u, i, values[u, i], None, np.arange(n), np.arange(m)))
    errors = []
    for model in (SVDpp(4, lr=0.05), MatrixFactorization(4)):
        predicted = model.fit(parts[0]).predict(parts[1].users, parts[1].items)
        errors.append(metrics.rmse(parts[1].values, predicted))
    assert errors[0] < 0.8 * errors[1]


# Odd tables --------------------------------------------------------------------------


def test_one_rating():
    one = Ratings([1], [2], [4.0], None, np.arange(3), np.arange(4))
    everything = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    np.testing.assert_array_equal(SVDpp().fit(one).predict(*everything), 4.0)


@pytest.mark.parametrize("reg", [0.0, 1.0])
def test_more_factors_than_rows_and_no_penalty(reg):
    model = SVDpp(n_factors=50, reg=reg, reg_bias=reg, lr=0.05).fit(table())
    assert np.isfinite(model.scores(np.arange(7))).all()


def test_strangers_keep_zeros():
    model = SVDpp(**SMALL).fit(table())
    assert model.bu_[3] == model.bi_[2] == 0.0
    assert not model.P_[3].any()
    assert not model.Q_[2].any()
    assert not model.Y_[2].any()
    assert not model._user_vectors()[3].any()


def test_no_epochs_leave_the_start():
    model = SVDpp(n_factors=3, n_epochs=0).fit(table())
    assert not model.Y_.any()
    assert model.history_ == {"train": []}


class TestContract(ModelContract):
    cases = [
        Case("SVDpp", SVDpp),
        Case(
            "SVDpp-per-row", lambda: SVDpp(n_factors=8, lr=0.05, reg=0.5, reg_power=0.0)
        ),
    ]
