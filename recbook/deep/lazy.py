"""TensorFlow and Keras, imported when one of their attributes is first used."""

import importlib
import os
from typing import Any

from recbook._core.install import missing

__all__ = ["keras", "tf"]

MISSING = missing("recbook.deep", "TensorFlow", "deep")


def load(name):
    """Import ``name``, or raise an ImportError that says how to install it.

    Before the first import three environment variables are set, unless the user has set
    them. They turn off kernels that sum in varying order, so that one seed gives one
    model, silence TensorFlow's log, and make Keras run on TensorFlow.
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
    """Stand for a module and import it when an attribute is first used."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        """Return the module's attribute and keep it for the next time."""
        if attribute.startswith("__"):  # only copy and pickle ask for these
            raise AttributeError(attribute)
        value = getattr(load(self._name), attribute)
        setattr(self, attribute, value)
        return value


tf: Any = Lazy("tensorflow")
keras: Any = Lazy("keras")
