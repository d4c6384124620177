"""Import modules when something of them is first used: a cell pays for what it uses.

On every page a first cell imports what any of the page's cells needs. In a browser that
takes seconds, of which most cells need none.
"""

import importlib.machinery
import sys
import types

# Beside these, all that stands directly in recbook. NumPy's are asked for by SciPy.
LATER = {"matplotlib", "matplotlib.pyplot", "numpy.f2py", "numpy.testing", "pandas"}
DRAWS, PLOTS = "matplotlib", "recbook.plots"  # the second sets defaults of the first


class Pending(types.ModuleType):
    """A module that has been imported and not executed yet.

    What the import system gave it, such as ``__spec__``, and its imported submodules
    can be had. Anything else executes it.
    """

    def __getattribute__(self, name):
        own = super().__getattribute__("__dict__")
        if name in own:
            return own[name]
        execute(self, own["__spec__"])
        return getattr(self, name)


def execute(module, spec):
    """Execute a pending module, and with Matplotlib also the book's style for it."""
    module.__class__ = types.ModuleType
    spec.loader.exec_module(module)
    if spec.name == DRAWS and is_pending(PLOTS):
        execute(sys.modules[PLOTS], sys.modules[PLOTS].__spec__)


def is_pending(name):
    """Whether a module has been imported, and nothing of it used."""
    return type(sys.modules.get(name)) is Pending


class Loader:
    """Leaves a module pending, with its own loader for the day of its use."""

    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        """Let Python create the module."""

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.loader
        module.__class__ = Pending


class Later(importlib.machinery.PathFinder):
    """The first finder: what it finds is left pending."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        parent, _, last = name.rpartition(".")
        if not (name in LATER or (parent == "recbook" and not last.startswith("_"))):
            return None
        if name == PLOTS and DRAWS in sys.modules and not is_pending(DRAWS):
            return None  # its defaults are needed at once
        spec = super().find_spec(name, path, target)
        if spec is not None:
            spec.loader = Loader(spec.loader)
        return spec
