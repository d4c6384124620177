"""Where pickles of version 0.1 find classes that have moved; to be removed in 0.3."""

import importlib
import sys
from importlib.machinery import ModuleSpec

__all__ = ["HOMES", "install"]

# Module named in old pickles -> the one that has its classes now.
HOMES = {
    "recbook._bayesian_draws": "recbook.bayesian.posterior",
    "recbook._bayesian_time": "recbook.bayesian.drift",
    "recbook.deep._denoising": "recbook.deep.autoencoder",
    "recbook.deep._din": "recbook.deep.attention",
    "recbook.deep._knowledge": "recbook.deep.graph",
    "recbook.deep._retrieval_towers": "recbook.deep.towers",
    "recbook.deep._variational": "recbook.deep.autoencoder",
}


class Moved:
    """Finder of moved modules: an empty module that looks up names in its new home."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Return a spec for the names of HOMES only."""
        return ModuleSpec(name, Moved) if name in HOMES else None

    @staticmethod
    def create_module(spec):
        """Let Python create the module."""

    @staticmethod
    def exec_module(module):
        """Let the module look up every name in its new home (PEP 562)."""
        home = HOMES[module.__name__]
        module.__getattr__ = lambda name: getattr(importlib.import_module(home), name)


def install():
    r"""Add the finder of moved modules after all others, once.

    >>> import pickle
    >>> pickle.loads(b"crecbook.deep._din\nDIN\n.").__module__
    'recbook.deep.attention.din'
    """
    if Moved not in sys.meta_path:
        sys.meta_path.append(Moved)
