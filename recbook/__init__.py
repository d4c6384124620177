"""The reference implementations behind the book: one way, small, readable.

``import recbook`` is light. A name below is imported when it is first used, so
neither pandas, matplotlib nor TensorFlow loads before something needs it.

>>> import recbook
>>> recbook.Ratings.__name__
'Ratings'
"""

import importlib

from recbook._core.order import ORDER

__version__ = "0.1.0"

# Public name -> the module that defines it.
_HOMES = {
    "ALS": "factorization",
    "AutoRec": "deep.autoencoder",
    "BPR": "factorization",
    "BayesianMF": "bayesian",
    "Bias": "baselines",
    "DIN": "deep.attention",
    "DeepFM": "deep.fm",
    "DivergenceError": "base",
    "EASE": "linear",
    "EDLAE": "linear",
    "Ensemble": "ensemble",
    "FactorizationMachine": "deep.fm",
    "GRU4Rec": "deep.sequential",
    "GenerativeRetrieval": "deep.semantic",
    "GlobalMean": "baselines",
    "ImplicitALS": "factorization",
    "InBatchTowers": "marketing.retrieval",
    "ItemKNN": "neighbors",
    "KnowledgeMF": "deep.graph",
    "LightGCN": "deep.graph",
    "MarkovChain": "markov",
    "MatrixFactorization": "factorization",
    "MultDAE": "deep.autoencoder",
    "MultVAE": "deep.autoencoder",
    "MultiBehaviour": "deep.behaviour",
    "NeuralCF": "deep.ncf",
    "NeuralFM": "deep.fm",
    "NotFittedError": "_core.validate",
    "Popularity": "baselines",
    "RatingTowers": "deep.towers",
    "Ratings": "ratings",
    "RetrievalTowers": "deep.towers",
    "SASRec": "deep.sequential",
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
    if name in ORDER:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
        value = getattr(home, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    """List the lazy names beside those already loaded."""
    return sorted({*globals(), *ORDER, *_HOMES})
