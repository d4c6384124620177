"""What everything with settings promises, and every estimator that takes arrays.

::

    class TestRidge(EstimatorContract):
        cases = [Example(Ridge, lambda rng: {"X": rng.random((9, 2)), "y": ...})]

The values that fit must refuse come from the ranges of the settings, see
:func:`recbook.base.ranges`. Models that recommend are asked more, see contract.py.
"""

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import recbook
from recbook import NotFittedError, marketing
from recbook._core.order import homes
from recbook.base import ranges

try:
    from sklearn.base import clone  # it is no dependency, and not in the lock
except ImportError:

    def clone(estimator):
        """Return an unfitted copy, as scikit-learn does, and under its condition."""
        params = {
            name: clone(value) if hasattr(value, "get_params") else copy.deepcopy(value)
            for name, value in estimator.get_params(deep=False).items()
        }
        again = type(estimator)(**params)
        stored = again.get_params(deep=False)
        assert all(stored[name] is value for name, value in params.items())
        return again


def in_marketing():
    """Return all names that the modules of recbook.marketing export."""
    names = {}
    for module in pkgutil.iter_modules(marketing.__path__):
        home = importlib.import_module(f"recbook.marketing.{module.name}")
        names |= {name: getattr(home, name) for name in getattr(home, "__all__", ())}
    return names


PUBLIC = {name: getattr(recbook, name) for name in homes()} | in_marketing()


def once_a_class(test):
    """Ask a test of the first case of each class."""
    test.once_a_class = True
    return test


class SettingsContract:
    """What is asked of everything with settings; ``learn`` is what reads them."""

    cases = ()

    def pytest_generate_tests(self, metafunc):
        """Ask every test of the cases of the class."""
        if "case" in metafunc.fixturenames:
            cases = self.asked(metafunc.function)
            metafunc.parametrize("case", cases, ids=lambda case: case.name)

    def asked(self, test):
        """Return the cases that a test is asked of."""
        if hasattr(test, "once_a_class"):
            return list({type(c.make()): c for c in reversed(self.cases)}.values())
        return self.cases

    def learn(self, case, model):
        """Do what has to refuse a setting out of range."""

    def ignored(self, settings):
        """Return names of settings that are not looked at where others have a value."""
        return set()

    @once_a_class
    def test_constructor_stores_its_arguments_and_nothing_else(self, case):
        cls = type(case.make())
        names = list(inspect.signature(cls).parameters)
        stored = {name: object() for name in names}  # anything computed fails on it
        assert vars(cls(**stored)) == stored

    @once_a_class
    def test_settings_are_shown_read_and_set(self, case):
        """In the words of scikit-learn, whose ``clone`` makes a model of its answer."""
        model = case.make()
        cls, settings = type(model), model.get_params(deep=False)
        parameters = inspect.signature(cls).parameters
        names, needed = list(parameters), {}
        for name, parameter in parameters.items():
            if parameter.default is parameter.empty:
                needed[name] = settings[name]
        plain = repr(cls(**needed))
        assert settings == {name: getattr(model, name) for name in names}
        assert settings.items() <= model.get_params().items()
        assert repr(cls(**settings)) == repr(model)
        assert plain.count("=") == len(needed)
        functions = {f.__name__: f for f in settings.values() if hasattr(f, "__name__")}
        if "<lambda>" not in functions:  # the text is the call that makes the model
            again = eval(repr(model), functions | {cls.__name__: cls}, PUBLIC)
            assert repr(again.get_params()) == repr(model.get_params())
        assert model.set_params(**cls(**needed).get_params(deep=False)) is model
        assert repr(model) == plain
        before = model.get_params()
        with pytest.raises(ValueError, match=r"no_such.*" + ".*".join(names)):
            model.set_params(**dict.fromkeys(names, 3), no_such=1)
        assert model.get_params() == before

    @once_a_class
    def test_a_clone_has_the_settings_and_nothing_else(self, case):
        model = case.make()
        again = clone(model)
        assert repr(again) == repr(model)
        assert vars(again).keys() == vars(model).keys()
        for name, value in model.get_params(deep=False).items():
            if hasattr(value, "fit"):
                assert getattr(again, name) is not value

    @once_a_class
    def test_settings_out_of_range_are_named(self, case):
        cls, settings = type(case.make()), case.make().get_params(deep=False)
        for name, allowed in ranges(cls).items():
            for value in allowed.outside if name not in self.ignored(settings) else ():
                with pytest.raises(ValueError, match=rf"\b{name}\b") as caught:
                    self.learn(case, cls(**{**settings, name: value}))
                shown = [repr(part) for part in np.ravel(value).tolist()]
                assert any(part in str(caught.value) for part in shown), (name, value)


class Example(NamedTuple):
    """An estimator in one setting, what it is fitted to, and what it is asked then.

    ``data`` takes a generator and returns the arguments of fit, by name; ``asks`` are
    methods, each with the names of those arguments that it takes.
    """

    make: Callable
    data: Callable
    asks: dict[str, tuple[str, ...]] = {"predict": ("X",)}
    names: str = ""  # an argument whose columns have names that are kept, if one has

    @property
    def name(self):
        return repr(self.make())


class EstimatorContract(SettingsContract):
    """What is asked of every estimator that takes arrays, one row for each case."""

    def given(self, case, seed=0):
        return case.data(np.random.default_rng(seed))

    def learn(self, case, model):
        model.fit(**self.given(case))

    def answers(self, case, model, given):
        """All that a fitted estimator says, in one list of arrays."""
        return [
            np.asarray(getattr(model, method)(**{name: given[name] for name in names}))
            for method, names in case.asks.items()
        ]

    def assert_same(self, left, right):
        for one, other in zip(left, right, strict=True):
            np.testing.assert_array_equal(one, other)

    def test_fit_returns_self_and_leaves_arguments_alone(self, case):
        model, given = case.make(), self.given(case)
        before = copy.deepcopy(given)
        settings, shown = model.get_params(), repr(model)
        inner = [v for v in model.get_params(deep=False).values() if hasattr(v, "fit")]
        unfitted = [vars(value).copy() for value in inner]
        assert model.fit(**given) is model
        said = self.answers(case, model, given)
        assert all(np.isfinite(answer).all() for answer in said)
        self.assert_same(self.answers(case, model, given), said)
        self.assert_same(given.values(), before.values())
        assert (model.get_params(), repr(model)) == (settings, shown)
        fitted = vars(model).keys() - model.get_params(deep=False)
        assert any(name.endswith("_") for name in fitted)
        assert all(name.endswith("_") or name.startswith("_") for name in fitted)
        assert [vars(value) for value in inner] == unfitted  # copies are fitted

    def test_before_fit_nothing_is_known(self, case):
        model = case.make()
        with pytest.raises(NotFittedError, match=f"{type(model).__name__}.* call fit"):
            self.answers(case, model, self.given(case))

    def test_refit_is_bit_equal_and_forgets(self, case):
        given = self.given(case)
        fresh = self.answers(case, case.make().fit(**given), given)
        model = case.make().fit(**self.given(case, seed=1))
        self.assert_same(self.answers(case, model.fit(**given), given), fresh)
        again = pickle.loads(pickle.dumps(model))
        self.assert_same(self.answers(case, again, given), fresh)

    @once_a_class
    def test_settings_of_another_type_are_taken_as_floats(self, case):
        """Of ``longdouble`` NumPy makes arrays that no kernel and no solver takes."""
        model, given = case.make(), self.given(case)
        floats = {n: v for n, v in vars(model).items() if isinstance(v, float)}
        said = self.answers(case, model.fit(**given), given)
        wide = model.set_params(**{n: np.longdouble(v) for n, v in floats.items()})
        self.assert_same(self.answers(case, wide.fit(**given), given), said)

    def test_lists_are_taken_like_arrays(self, case):
        given = self.given(case)
        lists = {name: np.asarray(values).tolist() for name, values in given.items()}
        one, other = (
            self.answers(case, case.make().fit(**data), data) for data in (given, lists)
        )
        self.assert_same(one, other)

    def test_bad_rows_are_named_and_change_nothing(self, case):
        given = self.given(case)
        model = case.make().fit(**given)
        before = self.answers(case, model, given)
        for name, values in given.items():
            lost = values.astype(float)
            lost[3] = np.nan
            spoilt = {"a gap": lost, "none": values[:0], "a word": ["?"] * len(values)}
            if len(given) > 1:
                spoilt["a row less"] = values[1:]
            for what, bad in spoilt.items():
                either = "|".join(given) if what == "a row less" else name
                place = r"(\[3|.* got float64)" if what == "a gap" else r"\b"
                with pytest.raises(ValueError, match=rf"\b({either}){place}"):
                    model.fit(**{**given, name: bad})
        self.assert_same(self.answers(case, model, given), before)

    def test_rows_with_other_labels_are_not_paired(self, case):
        given = self.given(case)
        kind = {1: pd.Series, 2: pd.DataFrame}
        for name, values in list(given.items())[1:]:
            first, *_ = given
            labelled = {n: kind[v.ndim](v) for n, v in given.items() if n == first}
            labelled[name] = kind[values.ndim](values, np.arange(len(values)) + 1)
            with pytest.raises(ValueError, match="have different row labels: row 0 is"):
                case.make().fit(**{**given, **labelled})

    def test_columns_are_known_by_name(self, case):
        if not case.names:
            return
        given = self.given(case)
        table = given[case.names]
        letters = list("abcdefghij"[: table.shape[1]])
        frame = pd.DataFrame(table, columns=letters)
        model = case.make().fit(**{**given, case.names: frame})
        same = self.answers(case, model, given)  # an array has no names
        for fitted in (model, case.make().fit(**given)):
            framed = self.answers(case, fitted, {**given, case.names: frame})
            for one, other in zip(framed, same, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-12)  # another order
        turned = frame[letters[::-1]]  # another sequence is put right
        self.assert_same(
            self.answers(case, model, {**given, case.names: turned}),
            self.answers(case, model, {**given, case.names: frame}),
        )
        wrong = [*letters[:-1], "z"]
        renamed = frame.set_axis(wrong, axis=1)
        with pytest.raises(ValueError, match=f"are {', '.join(wrong)}, but fit saw"):
            self.answers(case, model, {**given, case.names: renamed})
        with pytest.raises(ValueError, match=f"{case.names} (has|must have)"):
            self.answers(case, model, {**given, case.names: table[:, :-1]})
