"""TensorFlow and Keras, imported when something of theirs is first asked for."""

import importlib
import os

from recbook._core.install import install

__all__ = ["keras", "tf"]

MISSING = f"recbook.deep needs TensorFlow, which is not installed: {install('deep')}"


def load(name):
    """Import ``name``; raise an ImportError of one sentence where it cannot be had.

    Two switches are thrown before the first import, unless the user has set them: the
    kernels that sum in an order of their own are off, so that one seed is one model,
    and Keras runs on TensorFlow.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        importlib.import_module("tensorflow")
        module = importlib.import_module(name)
    except ImportError as error:
        raise ImportError(MISSING) from error
    if name == "keras" and module.backend.backend() != "tensorflow":
        raise ImportError(
            f"recbook.deep runs Keras on TensorFlow, but it runs on "
            f"{module.backend.backend()}; set KERAS_BACKEND=tensorflow before Python "
            "imports Keras"
        )
    return module


class Lazy:
    """Stand for a module, and import it at the first attribute asked of it."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        """Return the module's attribute, kept for the next time."""
        if attribute.startswith("__"):  # copy and pickle ask for these; nobody else
            raise AttributeError(attribute)
        value = getattr(load(self._name), attribute)
        setattr(self, attribute, value)
        return value


tf, keras = Lazy("tensorflow"), Lazy("keras")
