"""Values as plain data, and messages between the judge and a student's process.

Nothing that arrives is unpickled or run: a message is JSON, in which an array is its
dtype, its shape and its bytes. So whatever a student's process sends is only a value.
"""

import base64
import contextlib
import json
import math
import re
import struct
import time
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from recbook.checks.guard import Patient

LARGEST = 64 * 2**20  # bytes of a message
DEEPEST = 40  # containers, one inside the other
MOST_CELLS = 10**7  # of a sparse matrix, which a check may make dense
_SIZE = struct.Struct(">Q")
_SPARSE = ("csr_array", "csc_array", "coo_array", "csr_matrix", "csc_matrix")


class Broken(Exception):
    """What came is no message, or the other side has ended."""


class Late(Broken):
    """No message has come in time."""


# Values -------------------------------------------------------------------------------


def pack(value, functions=None, depth=0):
    """Return a value in a form that JSON can write.

    Parameters
    ----------
    value : object
        Numbers, strings, arrays, sparse matrices, tables, generators of random
        numbers, and containers of them. Another sequence of numbers, such as a deque,
        is sent as an array, and of anything else the type's name.
    functions : list, optional
        Each callable is added to it, and sent as its place in the list.
    depth : int
        How many containers there are around it.

    Examples
    --------
    >>> pack((1, [2.5, None]))
    {'tuple': [1, {'list': [2.5, None]}]}
    >>> unpack(pack({"a": np.eye(2)}))["a"].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if value is None or value is True or value is False:
        return value
    if value is ...:
        return {"dots": None}
    if depth > DEEPEST:
        return {"other": "nest of containers"}
    packed = _pack_number(value)
    if packed is None:
        packed = _pack_container(value, functions, depth + 1)
    if packed is None:
        packed = _pack_table(value, functions, depth + 1)
    if packed is None and callable(value) and functions is not None:
        functions.append(value)
        packed = {"function": len(functions) - 1}
    if packed is None:
        packed = {"other": type(value).__name__}
    return packed


def _pack_number(value):
    if isinstance(value, np.generic):
        return {"scalar": _pack_array(np.asarray(value))}
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        small = abs(int(value)) < 2**200
        return int(value) if small else {"other": "number of more than 60 digits"}
    if isinstance(value, float):
        return float(value)
    if isinstance(value, complex):
        return {"scalar": _pack_array(np.asarray(complex(value)))}
    return str(value) if isinstance(value, str) else None


def _pack_container(value, functions, depth):
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return {kind.__name__: [pack(v, functions, depth) for v in value]}
    if isinstance(value, dict):
        pairs = [[pack(x, functions, depth) for x in pair] for pair in value.items()]
        return {"dict": pairs}
    return None


def _pack_table(value, functions, depth):
    import pandas as pd

    if isinstance(value, np.ndarray):
        return _pack_array(value)
    if sparse.issparse(value):
        name = type(value).__name__
        table = sparse.coo_array(value)
        parts = [_pack_array(np.asarray(a)) for a in (table.data, *table.coords)]
        name = name if name in _SPARSE else "csr_array"
        return {"sparse": [name, *parts, list(map(int, table.shape))]}
    if isinstance(value, pd.DataFrame):
        columns = [
            _pack_array(value.iloc[:, c].to_numpy()) for c in range(value.shape[1])
        ]
        names = [pack(name, functions, depth) for name in value.columns]
        return {"frame": [names, columns, _pack_array(value.index.to_numpy())]}
    if isinstance(value, pd.Series):
        return {"series": [_pack_array(a.to_numpy()) for a in (value, value.index)]}
    if isinstance(value, np.random.Generator):
        left = value._left if isinstance(value, Patient) else None
        return {"generator": [value.bit_generator.state, left]}
    if hasattr(value, "__array__") and not isinstance(value, type):
        return _pack_array(np.asarray(value))  # a tensor of TensorFlow's
    if isinstance(value, Sequence):
        with contextlib.suppress(Exception):
            array = np.asarray(value) if len(value) <= MOST_CELLS else None
            if array is not None and array.dtype.kind in "biufc":
                return _pack_array(array)  # a deque, a range, an array of the library's
    return None


def _pack_array(array):
    array = np.asarray(array)
    shape = list(array.shape)
    if array.nbytes > LARGEST // 4:
        return {"other": "array too large to mark"}
    if array.dtype.kind in "biufcmMSU" and array.dtype.names is None:
        data = base64.b64encode(np.ascontiguousarray(array).tobytes())
        return {"array": [array.dtype.str, shape, data.decode("ascii")]}
    return {"objects": [[pack(x, depth=DEEPEST // 2) for x in array.ravel()], shape]}


def unpack(packed, function=None):
    """Return the value that ``pack`` was given.

    Parameters
    ----------
    packed : object
        As from :func:`pack`, or forged.
    function : callable, optional
        Gives the stand-in for the function at a place.

    Raises
    ------
    Broken
        If ``pack`` cannot have made it.
    """
    try:
        return _unpack(packed, function)
    except Broken:
        raise
    except Exception as error:
        raise Broken(f"no value: {type(error).__name__}") from None


def _unpack(packed, function):
    if not isinstance(packed, dict):
        if packed is None or isinstance(packed, bool | int | float | str):
            return packed
        raise Broken("a bare list")
    ((kind, content),) = packed.items()
    containers = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
    if kind in containers:
        return containers[kind](_unpack(x, function) for x in content)
    if kind == "dict":
        return {_unpack(k, function): _unpack(v, function) for k, v in content}
    if kind == "function" and function is not None:
        return function(int(content))
    if kind == "dots":
        return ...
    if kind == "other":
        name = re.sub(r"[^\w ]", "?", str(content))[:40]
        return type(name, (), {})()
    return _unpack_array(kind, content)


def _unpack_array(kind, content):
    import pandas as pd

    if kind == "scalar":
        ((kind, content),) = content.items()
        return _unpack_array(kind, content)[()]
    if kind == "array":
        name, shape, data = content
        dtype = np.dtype(str(name))
        if dtype.kind not in "biufcmMSU":
            raise Broken("an array of objects")
        return np.frombuffer(base64.b64decode(data), dtype).reshape(shape).copy()
    if kind == "objects":
        values, shape = content
        array = np.empty(len(values), dtype=object)
        array[:] = [_unpack(x, None) for x in values]
        return array.reshape(shape)
    if kind == "sparse":
        name, *parts, shape = content
        if name not in _SPARSE or math.prod(shape) > MOST_CELLS:
            raise Broken("a sparse matrix that is too large")
        data, *coords = (_unpack(part, None) for part in parts)
        return getattr(sparse, name)(sparse.coo_array((data, tuple(coords)), shape))
    if kind == "frame":
        names, columns, index = content
        values = dict(enumerate(_unpack(column, None) for column in columns))
        frame = pd.DataFrame(values, index=_unpack(index, None))
        return frame.set_axis([_unpack(name, None) for name in names], axis=1)
    if kind == "series":
        return pd.Series(*(_unpack(part, None) for part in content))
    if kind == "generator":
        state, left = content
        made = np.random.default_rng() if left is None else Patient(0, left)
        made.bit_generator.state = state
        return made
    raise Broken("an unknown kind of value")


# Messages -----------------------------------------------------------------------------


class Channel:
    """One end of a connection on which messages go both ways.

    Parameters
    ----------
    socket : socket.socket
        A connected stream.
    """

    def __init__(self, socket):
        self.socket = socket

    def send(self, message, seconds=10):
        """Send a message, or raise ``Broken`` where the other side takes nothing."""
        data = json.dumps(message).encode("ascii")
        if len(data) > LARGEST:
            raise Broken(f"more than {LARGEST // 2**20} MiB")
        self.socket.settimeout(seconds)
        try:
            self.socket.sendall(_SIZE.pack(len(data)) + data)
        except OSError as error:
            raise Broken(str(error)) from None

    def receive(self, deadline=None):
        """Return the next message.

        Parameters
        ----------
        deadline : float, optional
            Time of ``time.monotonic`` at which to raise ``Late``; without it, waits.

        Raises
        ------
        Broken
            If the connection has ended, or what came is no message.
        """
        (size,) = _SIZE.unpack(self._read(_SIZE.size, deadline))
        if size > LARGEST:
            raise Broken(f"more than {LARGEST // 2**20} MiB")
        try:
            message = json.loads(self._read(size, deadline))
        except (ValueError, RecursionError):
            raise Broken("not JSON") from None
        if not isinstance(message, dict):
            raise Broken("no message")
        return message

    def _read(self, size, deadline):
        parts = []
        while size:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise Late("nothing came in time")
            self.socket.settimeout(left)
            try:
                part = self.socket.recv(min(size, 2**20))
            except TimeoutError:
                raise Late("nothing came in time") from None
            except OSError as error:
                raise Broken(str(error)) from None
            if not part:
                raise Broken("the other side has ended")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
