"""Recommenders that are neural networks, built with Keras 3 on TensorFlow.

TensorFlow is imported when the first network is built. Until then the classes can be
listed and given settings without it. It is the extra ``deep`` of the package.
"""

import importlib

import recbook

# Public name -> the module here that has it, from the one table of public names.
_HOMES = {
    name: home.removeprefix("deep.")
    for name, home in recbook._HOMES.items()
    if home.startswith("deep.")
}

__all__ = [  # noqa: PLE0604 - every name is a string of _HOMES
    *_HOMES,
]


def __getattr__(name):
    """Import a module's public name on first use (PEP 562)."""
    if name in _HOMES:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    """List the lazy names beside those already loaded."""
    return sorted({*globals(), *_HOMES})
