"""Kernels that numba compiled to WebAssembly when the book was built, for a browser.

There is no numba in a browser. ``.ci/live/kernels.py`` writes ``kernels.so``, a module
of compiled kernels, and ``kernels.json``, which says for which types of arguments each
of them is there. Nothing here is used where numba can be imported.
"""

import ctypes
import functools
import inspect
import json
from numbers import Integral
from pathlib import Path

import numpy as np

__all__ = ["Library", "bound", "fallback", "fits", "kind_of", "missed", "njit"]

FOLDER = Path(__file__).parent

missed: dict[str, int] = {}  # calls that no compiled kernel fits: how often each
fallback = True  # whether such a call runs as plain Python; if not, it is an error


def njit(function=None, **options):
    """Return the compiled form of a kernel, in place of ``numba.njit``.

    >>> @njit(cache=True)
    ... def twice(x):
    ...     return 2 * x
    >>> twice(2)  # which is not among the compiled ones
    4
    """
    if function is None:
        return kernel
    return kernel(function)


def kernel(function):
    """Return a function that runs the compiled form where there is one.

    A call that no compiled kernel fits is counted in :data:`missed` and runs as plain
    Python, where it calls other kernels like anyone else.
    """
    name = f"{function.__module__}:{function.__qualname__}"
    arity = len(inspect.signature(function).parameters)
    chosen: dict[str, list | None] = {}  # what was found for the types that were met

    @functools.wraps(function)
    def call(*args, **options):
        if options or len(args) < arity:
            args = bound(function, *args, **options)
        kinds = ",".join(map(kind_of, args))
        if kinds not in chosen:
            chosen[kinds] = library().find(name, kinds)
        if chosen[kinds] is None:
            return miss(function, f"{name}({kinds})", args)
        done, result = library().run(chosen[kinds], args)
        if done:
            return result
        # A kernel tells nothing of an error but that it is one: Python raises it.
        function(*args)
        raise RuntimeError(f"{name}({kinds}) failed compiled, and as Python it did not")

    call.py_func = function
    return call


def miss(function, call, args):
    """Run the Python of a kernel that is not there for these types."""
    missed[call] = missed.get(call, 0) + 1
    if not fallback:
        raise TypeError(f"no compiled kernel fits {call}")
    return function(*args)


def bound(function, *args, **options):
    """Return all arguments in order, also those given by name or left out.

    >>> bound(lambda x, y, z=3: None, 1, y=2)
    (1, 2, 3)
    """
    given = inspect.signature(function).bind(*args, **options)
    given.apply_defaults()
    return given.args


def kind_of(value):
    """Return the name of a type in the table of kernels.

    An array is its dtype, its number of axes and its order in memory: C, F or any (A).

    >>> kind_of(np.zeros((2, 3))), kind_of(np.zeros((2, 3), np.int32)[:, :2])
    ('f8:2C', 'i4:2A')
    >>> kind_of((1, 0.5, np.True_, np.random.default_rng(0)))
    '(i,f,b,g)'
    """
    if isinstance(value, np.ndarray):
        flags = value.flags
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        return f"{value.dtype.str[1:]}:{value.ndim}{order}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(kind_of, value)) + ")"
    if isinstance(value, bool | np.bool_):
        return "b"
    if isinstance(value, Integral):
        return "i"
    if isinstance(value, float | np.floating):
        return "f"
    return "g" if isinstance(value, np.random.Generator) else type(value).__name__


def fits(kinds, wanted):
    """Return whether a kernel for the types ``wanted`` can be given ``kinds``.

    It can if they are the same, but that an array of any order may have a certain one.

    >>> fits("f8:2C,i", "f8:2A,i"), fits("f8:2A,i", "f8:2C,i"), fits("i", "f")
    (True, False, False)
    """
    pairs = zip(kinds, wanted, strict=False)
    return len(kinds) == len(wanted) and all(a == b or b == "A" for a, b in pairs)


@functools.cache
def library():
    """Return the compiled kernels beside this file; none where there are none."""
    return Library(FOLDER)


class Library:
    """The compiled kernels of a folder.

    >>> Library(Path("nowhere")).find("recbook.similarity.kernels:mirror", "f8:2C")
    """

    def __init__(self, folder):
        self.module, self.table = None, {}
        if (folder / "kernels.so").exists():
            self.module = ctypes.CDLL(str(folder / "kernels.so"))
            table = (folder / "kernels.json").read_text(encoding="utf-8")
            self.table = json.loads(table)

    def find(self, name, kinds):
        """Return [function, types in memory, form of the result], or None."""
        # The kernel for just these types before one for arrays of any order.
        rows = sorted(self.table.get(name, {}).items(), key=lambda row: row[0] != kinds)
        for wanted, (export, params, form) in rows:
            if fits(kinds, wanted):
                return [getattr(self.module, export), params, form]
        return None

    def run(self, found, args):
        """Return whether a kernel ended without an error, and what it returned.

        It takes each number and each address in 8 bytes, and returns behind them.
        """
        function, params, form = found
        values = flat(args, [])
        slots = np.zeros(len(values) + room(form), dtype=np.int64)
        floats = slots.view(np.float64)
        for k, (value, param) in enumerate(zip(values, params, strict=True)):
            (floats if param == "double" else slots)[k] = value
        at = address(slots)
        status = function(ctypes.c_void_p(at))
        if form is None or status != 0:
            return status in (0, -2), None  # -2 is numba's for the value None
        return True, self.read(form, at + 8 * len(values), args)[0]

    def read(self, form, at, args):
        """Return what lies at an address, and the address behind it."""
        if form == "b":
            return bool(ctypes.c_uint8.from_address(at).value), at + 1
        at = -(-at // 8) * 8  # all else begins at a multiple of 8
        if form == "i":
            return ctypes.c_int64.from_address(at).value, at + 8
        if form == "f":
            return ctypes.c_double.from_address(at).value, at + 8
        if form[0] != "tuple":
            return self.array(*form, at, args), at + 32 + 16 * form[1]
        parts = []
        for part in form[1]:
            value, at = self.read(part, at, args)
            parts.append(value)
        return tuple(parts), at

    def array(self, dtype, ndim, at, args):
        """Return a copy of an array that a kernel made, or the argument that it is."""
        owner = ctypes.c_uint32.from_address(at).value
        data = ctypes.c_uint32.from_address(at + 24).value
        numbers = list((ctypes.c_int64 * (2 * ndim)).from_address(at + 32))
        shape, strides = tuple(numbers[:ndim]), tuple(numbers[ndim:])
        if not owner:
            return next(arg for arg in args if is_at(arg, data, shape, strides))
        last = sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
        size = last + np.dtype(dtype).itemsize if 0 not in shape else 0
        raw = ctypes.string_at(data, size)
        made = np.ndarray(shape, dtype, raw, strides=strides).copy()
        self.module.release(ctypes.c_void_p(owner))  # the memory has other owners, too
        return made


def is_at(value, data, shape, strides):
    """Return whether a value is the array at an address.

    >>> x = np.zeros((2, 3))
    >>> is_at(x, address(x), (2, 3), (24, 8)), is_at(0.0, address(x), (2, 3), (24, 8))
    (True, False)
    """
    if not isinstance(value, np.ndarray):
        return False
    return (address(value), value.shape, value.strides) == (data, shape, strides)


def address(array):
    """Return where the first number of an array lies."""
    return array.__array_interface__["data"][0]


def flat(values, out):
    """Append to ``out`` the numbers of which numba makes up each value; return it.

    Those of an array are two owners, which it does not have here, its size, bytes of
    an item, address, shape and strides.

    >>> flat((1, (2.0, 3)), []), flat((np.zeros((5, 2)),), [])[2:4]
    ([1, 2.0, 3], [10, 8])
    """
    for value in values:
        if isinstance(value, np.ndarray):
            out += 0, 0, value.size, value.itemsize, address(value)
            out += value.shape
            out += value.strides
        elif isinstance(value, tuple):
            flat(value, out)
        elif isinstance(value, np.random.Generator):
            out += *generator(value.bit_generator.ctypes), 0, 0
        else:
            out.append(value)
    return out


def generator(interface):
    """Return the numbers that numba knows a generator by: its state and functions."""
    parts = interface.state, interface.next_uint64, interface.next_uint32
    parts += interface.next_double, interface.bit_generator
    places = [ctypes.cast(part, ctypes.c_void_p).value for part in parts]
    return 0, interface.state_address, *places


def room(form):
    """Return how many times 8 bytes a result of this form takes at most.

    >>> room(None), room("i"), room(["f8", 2]), room(["tuple", ["f", ["b1", 1]]])
    (0, 1, 8, 7)
    """
    if form is None:
        return 0
    if isinstance(form, str):
        return 1
    if form[0] == "tuple":
        return sum(map(room, form[1]))
    return 4 + 2 * form[1]
