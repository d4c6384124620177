"""Checks that rule out a loop or a package look through what stands around a loop."""

import functools
import operator

import numpy as np
import pytest

from recbook import check
from recbook.checks.guard import guarded
from recbook.checks.inside import MOST, parts_of, without, without_loop


def looped(x):
    return np.array([2 * value for value in x])


def doubled(x):
    return 2 * x


def by_a_helper(x):
    return looped(x)


def with_a_default(x, how=looped):
    return how(x)


def from_around():
    own = looped
    return lambda x: own(x)


def by_eval(x):
    return eval("[2 * value for value in x]", {"x": x})


def nested(x):
    class Inside:
        def go(self):
            total = []
            while len(total) < len(x):
                total.append(2 * x[len(total)])
            return np.array(total)

    return Inside().go()


class Callable:
    __code__ = doubled.__code__

    def __call__(self, x):
        return looped(x)

    def method(self, x):
        return np.array([2 * value for value in x])


def disguised():
    masked = functools.wraps(looped)(lambda x: looped(x))
    masked.__wrapped__ = doubled
    return masked


HIDDEN = {
    "wrapped": disguised(),
    "helper": by_a_helper,
    "default": with_a_default,
    "closure": from_around(),
    "partial": functools.partial(lambda how, x: how(x), looped),
    "cache": functools.lru_cache(looped),
    "object": Callable(),
    "method": Callable().method,
    "map": lambda x: np.array(list(map(np.negative, x))),
    "vectorize": np.vectorize(lambda value: 2 * value),
    "eval": by_eval,
    "nested": nested,
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_loop_is_seen_wherever_it_stands(name):
    assert without_loop(HIDDEN[name]) == "the values are right: now without a loop"
    assert without_loop(guarded(HIDDEN[name])) is not None


def test_what_has_no_loop_is_right():
    assert without_loop(guarded(doubled)) is None
    assert without_loop(functools.partial(np.add, 2)) is None
    assert without_loop(np.errstate(all="ignore")(doubled)) is None
    # What recbook or NumPy do inside is theirs.
    assert without_loop(lambda x: np.apply_over_axes(np.sum, x, [0])) is None


def test_a_package_is_seen_wherever_it_stands():
    numpy = without("numpy")
    assert numpy(by_a_helper) == "the values are right: now without numpy"
    assert numpy(disguised()) is not None
    plain = functools.wraps(looped)(lambda x: 2 * x)
    assert numpy(plain) is not None, "it wraps a function that uses numpy"
    del plain.__wrapped__
    assert numpy(plain) is None


def test_a_chain_that_never_ends_is_looked_at_for_a_while_only():
    def round_and_round(x):
        return x

    round_and_round.__wrapped__ = round_and_round
    assert parts_of(round_and_round) == [round_and_round]

    class Endless:
        @property
        def __wrapped__(self):
            return Endless()

        def __call__(self):
            return 1

    assert 1 < len(parts_of(Endless())) <= MOST


LOOPS = {
    "4.4-additive": "def f(S, H, W_q, W_k, v):\n"
    "    row = lambda s: [v @ np.tanh(W_q @ s + W_k @ h) for h in H]\n"
    "    return np.array([row(s) for s in S])",
    "4.7-filter": "def f(x, n):\n"
    "    return sum(np.asarray(x, float) ** k for k in range(n + 1)) / (n + 1)",
    "5.2-scores": "def f(P, Q, users):\n"
    "    return np.array([P[user] @ Q.T for user in users])",
    "5.2-towers": "def f(X, Y, V, W, c, d, mu):\n"
    "    own = np.array([x @ c for x in X])[:, None]\n"
    "    return mu + own + Y @ d + (X @ V) @ (Y @ W).T",
}


@pytest.mark.parametrize("id", LOOPS)
def test_an_exercise_is_not_talked_out_of_it(id, capsys):
    space = {"np": np}
    exec(LOOPS[id], space)
    space["f"].__wrapped__ = lambda *args: None
    assert not check(id, space["f"])
    assert "now without a loop" in capsys.readouterr().out


def test_reduce_is_a_loop_where_it_is_that_of_functools():
    def by_reduce(x):
        return functools.reduce(operator.add, x)

    assert without_loop(by_reduce) == "the values are right: now without a loop"
    assert without_loop(lambda x: np.add.reduce(x)) is None
