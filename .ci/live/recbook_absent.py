"""Modules that a page's Python lacks: they can be imported and say what they need."""

import importlib.machinery

NEEDS = "needs {}: make lab"
# What a page's Python lacks, by the first word of the module's name.
ABSENT = {
    **dict.fromkeys(("tensorflow", "keras", "tensorboard"), "TensorFlow"),
    "faiss": "FAISS",
    "pyspark": "Spark",
    **dict.fromkeys(("fastapi", "httpx", "starlette", "uvicorn"), "a server"),
}


class Absent:
    """The last finder: it lets a module that is not there be imported."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] not in ABSENT:
            return None
        return importlib.machinery.ModuleSpec(name, Absent, is_package=True)

    @staticmethod
    def create_module(spec):
        """Let Python create the module."""

    @staticmethod
    def exec_module(module):
        what = ABSENT[module.__name__.partition(".")[0]]

        def part(name):
            if name == "__version__":  # readers ask for it, libraries do not
                raise ImportError(NEEDS.format(what))
            if name.startswith("__"):
                raise AttributeError(name)
            return Part(what)

        module.__getattr__ = part


class Part:
    """A part of an absent module. It can be named; using it raises an error.

    >>> Part("TensorFlow").layers.Dense(4)
    Traceback (most recent call last):
    ImportError: needs TensorFlow: make lab
    """

    def __init__(self, what):
        self.what = what

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Part(self.what)

    def __call__(self, *args, **settings):
        raise ImportError(NEEDS.format(self.what))

    def __mro_entries__(self, bases):
        raise ImportError(NEEDS.format(self.what))

    def __instancecheck__(self, value):
        return False
