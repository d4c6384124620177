"""The reference implementations behind the book: one way, small, readable.

``import recbook`` is light. A name below is imported when it is first used, so
neither pandas, matplotlib nor TensorFlow loads before something needs it.

>>> import recbook
>>> recbook.Ratings.__name__
'Ratings'
"""

import importlib

__version__ = "0.1.0"

_SUBMODULES = frozenset(
    {
        "app",
        "baselines",
        "bayesian",
        "checks",
        "datasets",
        "deep",
        "ensemble",
        "evaluation",
        "factorization",
        "grade",
        "leaderboard",
        "linear",
        "metrics",
        "neighbors",
        "plots",
        "project",
        "ratings",
        "similarity",
        "spark",
        "splits",
        "synthetic",
    }
)

# Public name -> the module that defines it.
_HOMES = {
    "ALS": "factorization",
    "AutoRec": "deep",
    "BPR": "factorization",
    "BayesianMF": "bayesian",
    "Bias": "baselines",
    "DIN": "deep",
    "DeepFM": "deep",
    "DivergenceError": "_settings",
    "EASE": "linear",
    "EDLAE": "linear",
    "Ensemble": "ensemble",
    "FactorizationMachine": "deep",
    "GRU4Rec": "deep",
    "GlobalMean": "baselines",
    "ImplicitALS": "factorization",
    "ItemKNN": "neighbors",
    "KnowledgeMF": "deep",
    "LightGCN": "deep",
    "MatrixFactorization": "factorization",
    "MultDAE": "deep",
    "MultVAE": "deep",
    "MultiBehaviour": "deep",
    "NeuralCF": "deep",
    "NeuralFM": "deep",
    "NotFittedError": "_validate",
    "Popularity": "baselines",
    "RatingTowers": "deep",
    "Ratings": "ratings",
    "RetrievalTowers": "deep",
    "SASRec": "deep",
    "SLIM": "linear",
    "SVDpp": "factorization",
    "UserKNN": "neighbors",
    "check": "checks",
}

__all__ = [  # noqa: PLE0604 - every name is a string of _HOMES
    *_HOMES,
]


def __getattr__(name):
    """Import a submodule or a public name on first use (PEP 562)."""
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
        value = getattr(home, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    """List the lazy names beside those already loaded."""
    return sorted({*globals(), *_SUBMODULES, *_HOMES})
