"""MatrixFactorization against its equations: steps by hand, gradients, true errors."""

import numpy as np
import pytest
from contract import Case, ModelContract
from kernels import counts, plain

from recbook import MatrixFactorization, Ratings, SVDpp, datasets, metrics
from recbook.base import DivergenceError
from recbook.factorization import descent, sgd
from recbook.factorization.descent import in_lines, squared_error

SMALL = {"n_factors": 3, "n_epochs": 4, "lr": 0.05, "reg": 0.1}


def table(seed=0, n_users=7, n_items=6, stranger=3):
    """About half of the cells; user 3 rated nothing, nobody rated item 2."""
    rng = np.random.default_rng(seed)
    mask = rng.random((n_users, n_items)) < 0.6
    mask[stranger], mask[:, stranger - 1] = False, False
    users, items = np.nonzero(mask)
    values = rng.integers(1, 6, users.size).astype(float)
    return Ratings(users, items, values, None, np.arange(n_users), np.arange(n_items))


def draws(train, seed, n_factors, std):
    """The start of a fit, and the generator after it."""
    rng = np.random.default_rng(seed)
    nu, ni = counts(train)
    P = rng.normal(0, std, (train.n_users, n_factors)) * (nu > 0)[:, None]
    Q = rng.normal(0, std, (train.n_items, n_factors)) * (ni > 0)[:, None]
    return rng, P, Q


def objective(train, model, mu, bu, bi, P, Q):
    """J of the docstring, word for word."""
    u, i = train.users, train.items
    e = train.values - mu - bu[u] - bi[i] - (P[u] * Q[i]).sum(axis=1)
    nu, ni = (n.astype(float) for n in counts(train))
    wu = np.where(nu > 0, np.maximum(nu, 1) ** model.reg_power, 0.0)
    wi = np.where(ni > 0, np.maximum(ni, 1) ** model.reg_power, 0.0)
    users = model.reg * (P**2).sum(axis=1) + model.reg_bias * bu**2
    items = model.reg * (Q**2).sum(axis=1) + model.reg_bias * bi**2
    return (e**2).sum() + (wu * users).sum() + (wi * items).sum()


def slopes(function, arrays, h=1e-6):
    """Central differences of a function of several arrays, by every entry."""
    found = []
    for array in arrays:
        slope = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            kept, ends = array[place], []
            for shift in (h, -h):
                array[place] = kept + shift
                ends.append(function(*arrays))
            array[place] = kept
            slope[place] = (ends[0] - ends[1]) / (2 * h)
        found.append(slope)
    return found


# Steps -------------------------------------------------------------------------------


def one_step():
    """e = 4 - (3 + .5 - .5 + 1 · .5 + 0 · 1) = .5, and everything else by hand."""
    bu, bi = np.array([0.5]), np.array([-0.5])
    P, Q = np.array([[1.0, 0.0]]), np.array([[0.5, 1.0]])
    code, lr = np.zeros(1, np.int32), 0.1
    regs = [np.array([x]) for x in (0.2, 0.4, 1.0, 2.0)]
    sgd.epoch(code, code, np.array([4.0]), 3.0, bu, bi, P, Q, lr, lr, *regs)
    return bu, bi, P, Q


def test_a_step_by_hand():
    bu, bi, P, Q = one_step()
    # b_u: .5 + .1 (.5 - 1 · .5) and b_i: -.5 + .1 (.5 + 2 · .5)
    np.testing.assert_allclose([*bu, *bi], [0.5, -0.35], rtol=0, atol=1e-15)
    # p: 1 + .1 (.5 · .5 - .2 · 1) and 0 + .1 (.5 · 1)
    np.testing.assert_allclose(P, [[1.005, 0.05]], rtol=0, atol=1e-15)
    # q, of the old p: .5 + .1 (.5 · 1 - .4 · .5) and 1 + .1 (0 - .4 · 1)
    np.testing.assert_allclose(Q, [[0.53, 0.96]], rtol=0, atol=1e-15)


def test_the_new_p_would_give_another_q():
    """The trap: q made of the new p is 0.53025 and 0.9625 above."""
    *_, P, Q = one_step()
    trap = np.array([0.5, 1.0]) + 0.1 * (0.5 * P[0] - 0.4 * np.array([0.5, 1.0]))
    assert np.abs(Q[0] - trap).min() > 2e-4


def test_blocks_hold_whole_users_and_every_rating_once(monkeypatch):
    monkeypatch.setattr(descent, "BLOCK", 60)
    train, rng = table(0, 40, 9), np.random.default_rng(0)
    blocks = descent.in_blocks(rng, train)
    assert len(blocks) == -(-train.n_ratings // 60) > 2
    users = [set(block[0].tolist()) for block in blocks]
    assert sum(map(len, users)) == len(set.union(*users))
    orders = []
    for _ in range(2):
        columns = zip(*descent.shuffled_blocks(rng, blocks), strict=True)
        users, items, values = map(np.concatenate, columns)
        assert len(set(zip(users, items, strict=True))) == train.n_ratings
        np.testing.assert_array_equal(train.csr[users, items], values)
        orders.append(users.tolist())
    assert orders[0] != orders[1]


def test_blocks_change_the_order_and_not_what_is_learnt(monkeypatch, movielens):
    train, test = (part.subset(part.users < 250) for part in movielens.fold(1))
    errors = []
    for size in (2**17, 2**13):
        monkeypatch.setattr(descent, "BLOCK", size)
        model = MatrixFactorization(n_factors=4, n_epochs=8).fit(train)
        predicted = model.predict(test.users, test.items)
        errors.append(metrics.rmse(test.values, predicted))
    assert errors[0] != errors[1]
    assert errors[1] == pytest.approx(errors[0], abs=0.005)
    assert errors[0] < 0.95 * test.values.std()  # and something is


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("biased", [True, False])
def test_fit_against_loops_from_the_definition(power, biased, monkeypatch):
    monkeypatch.setattr(descent, "BLOCK", 2**17)  # one block, one order of all ratings
    train = table()
    model = MatrixFactorization(
        **SMALL, lr_decay=0.8, reg_power=power, reg_bias=0.3, biased=biased, seed=5
    ).fit(train)
    rng, P, Q = draws(train, 5, 3, 0.1)
    bu, bi, lr = np.zeros(train.n_users), np.zeros(train.n_items), 0.05
    mu = train.values.mean() if biased else 0.0
    nu, ni = counts(train)
    for _ in range(4):
        for t in rng.permutation(train.n_ratings):
            u, i, r = train.users[t], train.items[t], train.values[t]
            e = r - (mu + bu[u] + bi[i] + P[u] @ Q[i])
            at_u, at_i = nu[u] ** power / nu[u], ni[i] ** power / ni[i]
            if biased:
                bu[u] += lr * (e - 0.3 * at_u * bu[u])
                bi[i] += lr * (e - 0.3 * at_i * bi[i])
            p, q = P[u].copy(), Q[i].copy()
            P[u] = p + lr * (e * q - 0.1 * at_u * p)
            Q[i] = q + lr * (e * p - 0.1 * at_i * q)
        lr *= 0.8
    found = (model.bu_, model.bi_, model.P_, model.Q_)
    for mine, expected in zip(found, (bu, bi, P, Q), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_an_epoch_of_tiny_steps_goes_down_the_gradient(power):
    """Half the slope of J, so λ and not 2λ stands beside e in the updates."""
    train, rng = table(1), np.random.default_rng(0)
    model = MatrixFactorization(reg=0.7, reg_power=power, reg_bias=0.4)
    before = [rng.normal(0, 0.5, n) for n in (train.n_users, train.n_items)]
    before += [rng.normal(0, 0.5, (n, 2)) for n in (train.n_users, train.n_items)]
    nu, ni = counts(train)
    for rows, n in zip(before, (nu, ni, nu, ni), strict=True):
        rows[n == 0] = 0.0
    after, lr = [x.copy() for x in before], 1e-8
    ratings = train.users, train.items, train.values
    sgd.epoch(*ratings, 3.0, *after, lr, lr, **sgd.shares(model, train))
    slope = slopes(lambda *x: objective(train, model, 3.0, *x), before)
    for old, new, down in zip(before, after, slope, strict=True):
        np.testing.assert_allclose((new - old) / lr, -down / 2, rtol=0, atol=1e-5)


@pytest.mark.parametrize("biased", [True, False])
def test_long_training_ends_where_the_source_objective_is_flat(biased):
    """reg_power=0: the penalty λ(‖P‖² + ‖Q‖²) outside the sum, once a row."""
    train = table(2)
    model = MatrixFactorization(
        n_factors=2, n_epochs=3000, lr=0.05, lr_decay=0.997, reg=0.5, reg_power=0.0,
        reg_bias=0.5, biased=biased,
    ).fit(train)  # fmt: skip
    mu = model.mu_ if biased else 0.0
    u, i = train.users, train.items

    def source(bu, bi, P, Q):
        e = train.values - mu - bu[u] - bi[i] - (P[u] * Q[i]).sum(axis=1)
        factors = 0.5 * ((P**2).sum() + (Q**2).sum())
        return (e**2).sum() + factors + 0.5 * ((bu**2).sum() + (bi**2).sum())

    at = [model.bu_.copy(), model.bi_.copy(), model.P_.copy(), model.Q_.copy()]
    for slope in slopes(source, at)[0 if biased else 2 :]:
        np.testing.assert_allclose(slope, 0.0, atol=0.02)  # a 2λ would leave 0.3
    assert np.abs(at[2]).max() > 0.1  # and it is not the saddle at 0


# The fit as a whole ------------------------------------------------------------------


def test_kernels_with_and_without_numba():
    train = table(3)
    _, P, Q = draws(train, 0, 5, 0.3)
    ratings = train.users, train.items, train.values
    regs = [np.full(n, 0.1) for n in (train.n_users, train.n_items) * 2]
    ends = []
    for kernel in (sgd.epoch, plain(sgd.epoch)):
        found = [np.zeros(train.n_users), np.zeros(train.n_items), P.copy(), Q.copy()]
        for _ in range(10):
            kernel(*ratings, 3.0, *found, 0.05, 0.05, *regs)
        ends.append(found)
    for fast, slow in zip(*ends, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-10)
    last = (*ratings, np.full(train.n_ratings, 3.0), *ends[0], 1.0, 5.0)
    assert squared_error(*last) == pytest.approx(plain(squared_error)(*last), abs=1e-10)


def test_history_is_the_error_of_predict_after_each_epoch():
    train, validation = table(4), table(5, stranger=1)
    assert {3} < set(validation.users)
    assert {2} < set(validation.items)
    for biased in (True, False):
        for n in (1, 2, 4):
            model = MatrixFactorization(**{**SMALL, "n_epochs": n}, biased=biased)
            model.fit(train, validation)
            assert set(model.history_) == {"train", "validation"}
            for name, part in [("train", train), ("validation", validation)]:
                assert len(model.history_[name]) == n
                said = metrics.rmse(part.values, model.predict(part.users, part.items))
                assert model.history_[name][-1] == pytest.approx(said, abs=1e-12)
    assert type(model.history_["train"][0]) is float


def test_validation_changes_nothing_but_history():
    train = table(4)
    alone = MatrixFactorization(**SMALL).fit(train)
    watched = MatrixFactorization(**SMALL).fit(train, validation=table(5))
    np.testing.assert_array_equal(alone.P_, watched.P_)
    np.testing.assert_array_equal(alone.bi_, watched.bi_)
    assert set(alone.history_) == {"train"}
    assert alone.history_["train"] == watched.history_["train"]


def test_a_validation_of_other_codes_or_none_is_refused():
    empty = table().subset(np.zeros(table().n_ratings, bool))
    for bad in (table(0, 9, 6), table(0, 7, 9), empty, "x"):
        with pytest.raises(ValueError, match="validation"):
            MatrixFactorization(**SMALL).fit(table(), bad)


def test_a_seed_is_a_fit():
    train = datasets.load_toy()
    one, same = (MatrixFactorization(**SMALL, seed=7).fit(train) for _ in range(2))
    other = MatrixFactorization(**SMALL, seed=8).fit(train)
    for name in ("bu_", "bi_", "P_", "Q_"):
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name))
        assert (getattr(one, name) != getattr(other, name)).any()


@pytest.mark.parametrize("lr", [5, 1000.0])
def test_divergence_names_lr_and_epoch_and_leaves_the_last_fit(lr):
    train = datasets.load_toy()
    model = MatrixFactorization(**SMALL).fit(train)
    before, model.lr = model.predict([2], [1]), lr
    with pytest.raises(DivergenceError, match=rf"lr={lr} .* epoch \d+ of 4"):
        model.fit(train)
    np.testing.assert_array_equal(model.predict([2], [1]), before)


def test_divergence_without_numba_is_silent_until_it_raises(monkeypatch):
    monkeypatch.setattr(sgd, "epoch", plain(sgd.epoch))
    with pytest.raises(DivergenceError, match=r"lr=50.0 .* epoch 1 of 4"):
        MatrixFactorization(**{**SMALL, "lr": 50.0}).fit(datasets.load_toy())


# Odd tables --------------------------------------------------------------------------


def test_one_rating():
    one = Ratings([1], [2], [4.0], None, np.arange(3), np.arange(4))
    model = MatrixFactorization().fit(one)
    everything = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    np.testing.assert_array_equal(model.predict(*everything), 4.0)
    assert model.history_["train"] == [0.0] * model.n_epochs


@pytest.mark.parametrize("reg", [0.0, 1.0])
def test_more_factors_than_rows_and_no_penalty(reg):
    model = MatrixFactorization(50, lr=0.05, reg=reg, reg_bias=reg).fit(table())
    assert np.isfinite(model.scores(np.arange(7))).all()


def test_strangers_keep_zeros():
    train = table()
    model = MatrixFactorization(**SMALL).fit(train)
    for strange in (model.bu_[3], model.bi_[2], model.P_[3], model.Q_[2]):
        assert not strange.any()
    assert model.P_[0].all()


def test_no_epochs_leave_the_start():
    train = table()
    model = MatrixFactorization(n_factors=3, n_epochs=0, seed=5).fit(train)
    _, P, Q = draws(train, 5, 3, 0.1)
    np.testing.assert_array_equal(model.P_, P)
    np.testing.assert_array_equal(model.Q_, Q)
    assert model.history_ == {"train": []}


def test_a_start_at_zero_stays_there():
    model = MatrixFactorization(**SMALL, init_std=0.0).fit(table())
    assert not model.P_.any()
    assert not model.Q_.any()
    assert model.bu_.any()


def test_rows_begin_where_cache_lines_do():
    for k, width in [(1, 8), (8, 8), (9, 16)]:
        lines = in_lines(np.ones((3, k)))
        assert lines.tolist() == [[1.0] * k + [0.0] * (width - k)] * 3
        assert all(row.ctypes.data % 64 == 0 for row in lines)


def test_the_bar_is_shown_where_it_is_asked_for(capsys):
    for verbose in (False, True):
        MatrixFactorization(**SMALL, verbose=verbose).fit(table())
        assert ("4/4" in capsys.readouterr().err) == verbose


class TestContract(ModelContract):
    cases = [
        Case("MatrixFactorization", MatrixFactorization),
        Case(
            "MatrixFactorization-per-row",
            lambda: MatrixFactorization(n_factors=8, reg=0.5, reg_power=0.0),
        ),
        Case(
            "MatrixFactorization-unbiased",
            lambda: MatrixFactorization(n_factors=8, reg=0.1, biased=False),
        ),
    ]


@pytest.mark.parametrize("model", [MatrixFactorization, SVDpp])
def test_ratings_too_far_apart_are_to_be_divided(model, toy):
    """No lr that is usual for stars would do: the advice is about the ratings."""
    columns = toy.users, toy.items, 1e6 * toy.values, None, toy.user_ids, toy.item_ids
    train = Ratings(*columns)
    with pytest.raises(DivergenceError, match="divide the ratings by 1e") as caught:
        model(n_epochs=5).fit(train)
    factor = float(str(caught.value).rpartition(" ")[2])
    eased = Ratings(*columns[:2], train.values / factor, *columns[3:])
    assert np.isfinite(model(n_epochs=5).fit(eased).P_).all()
