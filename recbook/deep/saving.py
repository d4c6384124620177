"""A fitted model in one file: settings as text, arrays as arrays, no code."""

import importlib
import json
from pathlib import Path

import numpy as np

import recbook

__all__ = ["load", "save"]

FORMAT = 1  # of the file, to be raised when files are read differently
HEADER = "recbook"


def save(model, path):
    """Write ``model`` to ``path`` as a zip of arrays, the first one a JSON text."""
    arrays = {}
    header = {
        "format": FORMAT,
        "recbook": recbook.__version__,
        "class": type(model).__name__,
        "state": _packed(model.__getstate__(), arrays),
    }
    text = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    with Path(path).open("wb") as file:  # np.savez would add a suffix to a name
        np.savez_compressed(file, **{HEADER: text}, **arrays)


def load(cls, path):
    """Return the model of class ``cls`` from the file ``path``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, has another format, or holds a model of another class.

    Examples
    --------
    >>> import tempfile
    >>> from recbook import baselines, datasets
    >>> model = baselines.Bias().fit(datasets.load_toy())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/bias")
    ...     again = load(baselines.Bias, f"{folder}/bias")
    >>> bool(again.predict([0], [5])[0] == model.predict([0], [5])[0])
    True
    """
    try:
        header, arrays = _read(path)
        number, kind, state = header["format"], header["class"], header["state"]
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever a damaged file makes of its readers
        raise _damaged(path) from error
    if number != FORMAT:
        raise ValueError(
            f"{path} was saved by recbook {header.get('recbook')} in format "
            f"{number}, and this is {recbook.__version__} with format "
            f"{FORMAT}; fit the model again and save it, or install that version"
        )
    if kind != cls.__name__:
        raise ValueError(
            f"{path} holds a {kind}, not a {cls.__name__}; read it with {kind}.load()"
        )
    model = cls.__new__(cls)
    try:
        vars(model).update(_unpacked(state, arrays))
    except ForeignClassError:
        raise
    except Exception as error:
        raise _damaged(path) from error
    return model


class ForeignClassError(ValueError):
    """A file names a class that is no model of recbook.

    >>> issubclass(ForeignClassError, ValueError)
    True
    """


def _damaged(path):
    """Return the error of a file that cannot be read."""
    return ValueError(
        f"{path} is no saved recbook model, or is damaged; write it with save()"
    )


def _read(path):
    """Return the header of a file, a dict, and its arrays by name."""
    # Opened here because np.load would leave the file of a damaged zip open.
    with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return dict(json.loads(arrays.pop(HEADER).tobytes())), arrays


def _packed(value, arrays):
    """Return ``value`` in a form that JSON can write; its arrays go to ``arrays``."""
    if isinstance(value, np.ndarray):
        arrays[f"array{len(arrays)}"] = value
        return {"array": f"array{len(arrays) - 1}"}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, tuple | list):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_packed(part, arrays) for part in value]}
    if isinstance(value, dict):
        pairs = [[_packed(k, arrays), _packed(v, arrays)] for k, v in value.items()]
        return {"dict": pairs}
    if hasattr(value, "fit"):  # a model inside a model: its class and state
        kind = [type(value).__module__, type(value).__qualname__]
        return {"model": [kind, _packed(vars(value), arrays)]}
    return value


def _unpacked(value, arrays):
    """Return the value that ``_packed`` was given."""
    if not isinstance(value, dict):
        return value
    [(kind, content)] = value.items()
    if kind == "array":
        return arrays[content]
    if kind in ("tuple", "list"):
        parts = [_unpacked(part, arrays) for part in content]
        return tuple(parts) if kind == "tuple" else parts
    if kind == "dict":
        return {_unpacked(k, arrays): _unpacked(v, arrays) for k, v in content}
    (module, name), state = content
    inner = _model_class(module, name)
    model = inner.__new__(inner)
    vars(model).update(_unpacked(state, arrays))
    return model


def _model_class(module, name):
    """Return a class of models by its name; refuse all else that a module holds."""
    if module.startswith("recbook.") and "__" not in module:
        found = getattr(importlib.import_module(module), name)
        if isinstance(found, type) and hasattr(found, "fit"):  # as _packed writes it
            return found
    raise ForeignClassError(f"a saved model may not name {module}.{name}")
