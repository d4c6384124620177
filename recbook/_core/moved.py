"""Where pickles of version 0.1 look for classes that have moved; to go with 0.3."""

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
    """Find a moved module: an empty one, whose names are looked up in its new home."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Return what makes the module, for the names of HOMES alone."""
        return ModuleSpec(name, Moved) if name in HOMES else None

    @staticmethod
    def create_module(spec):
        """Leave the making to Python."""

    @staticmethod
    def exec_module(module):
        """Let the module ask its new home for every name (PEP 562)."""
        home = HOMES[module.__name__]
        module.__getattr__ = lambda name: getattr(importlib.import_module(home), name)


def install():
    """Let Python ask for moved modules last of all, once.

    >>> import pickle
    >>> pickle.loads(b"crecbook.deep._din\\nDIN\\n.").__module__
    'recbook.deep.attention.din'
    """
    if Moved not in sys.meta_path:
        sys.meta_path.append(Moved)
