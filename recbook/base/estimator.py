"""The base class of everything that learns: its settings, by name."""

import inspect
from typing import Self

from recbook.base.settings import Range

__all__ = ["Estimator"]


class Estimator:
    """The base class of everything that learns: its settings, by name.

    The constructor only stores its arguments, and ``fit`` learns. A subclass sets
    ``_ranges``, the allowed values of the settings, which ``fit`` checks by
    :func:`~recbook.base.check_settings`.

    Examples
    --------
    An estimator shows the settings that differ from the defaults.

    >>> from recbook import ItemKNN
    >>> ItemKNN(n_neighbors=20)
    ItemKNN(n_neighbors=20)

    Settings are read and changed by name, also those of an estimator within another.

    >>> from recbook.marketing.regression import Ridge
    >>> from recbook.marketing.uplift import TLearner
    >>> TLearner(Ridge()).set_params(outcome_model__reg=5.0)
    TLearner(outcome_model=Ridge(reg=5.0))
    """

    _ranges: dict[str, Range] = {}

    def __repr__(self) -> str:
        """Return the call that creates the estimator, without settings at defaults."""
        settings = self.get_params(deep=False)
        given = [
            f"{name}={_text(settings[name])}"
            for name, parameter in inspect.signature(type(self)).parameters.items()
            if repr(settings[name]) != repr(parameter.default)
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def get_params(self, deep=True) -> dict:
        """Return the settings (the constructor's arguments) as a dict of name to value.

        The method has scikit-learn's name, because scikit-learn's ``clone`` calls it.

        Parameters
        ----------
        deep : bool
            Whether the settings of a setting that is itself an estimator are listed,
            too, as ``outcome_model__reg``. The models of an ensemble stay in their
            list.

        Returns
        -------
        dict
            Name to value.
        """
        names = inspect.signature(type(self)).parameters
        settings = {name: getattr(self, name) for name in names}
        if deep:
            for name in names:
                for inner, value in _settings_of(settings[name]).items():
                    settings[f"{name}__{inner}"] = value
        return settings

    def set_params(self, **params) -> Self:
        """Change settings by name for the next ``fit``, and return the estimator.

        Raises
        ------
        ValueError
            If a name is no setting of the estimator. Then no setting is changed.
        """
        own = self.get_params(deep=False)
        for name in params:
            outer, nested, inner = name.partition("__")
            within = _settings_of(params.get(outer, own.get(outer)))
            if outer not in own or (nested and inner not in within):
                raise ValueError(
                    f"{name} is no setting of {type(self).__name__}; "
                    f"choose from {', '.join(self.get_params()) or 'none'}"
                )
        for name in sorted(params, key=lambda name: "__" in name):  # its own ones first
            outer, _, inner = name.partition("__")
            if inner:
                getattr(self, outer).set_params(**{inner: params[name]})
            else:
                setattr(self, name, params[name])
        return self


def _settings_of(value):
    """Return the settings of an estimator by name, and none of anything else."""
    is_estimator = hasattr(value, "get_params") and not isinstance(value, type)
    return value.get_params() if is_estimator else {}


def _text(value):
    """Return a setting as it is written in code, a function by its name."""
    return getattr(value, "__name__", None) or repr(value)
