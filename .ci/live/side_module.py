"""Turn an object file of LLVM into a side module that Pyodide's ``ctypes`` can load.

LLVM writes one relocatable file for WebAssembly. A side module is nearly the same: the
memory has another name, there is a list of exports, and a section ``dylink.0`` says how
much memory the constants need. A single file needs no linker: its numbers are already
final. The formats are those of WebAssembly's tool conventions
(``Linking.md`` and ``DynamicLinking.md``).
"""

__all__ = ["side_module"]

MAGIC = b"\0asm\1\0\0\0"
CUSTOM, IMPORT, EXPORT, ELEMENT, CODE, DATA, DATA_COUNT = 0, 2, 7, 9, 10, 11, 12
FUNCTION, TABLE, MEMORY, GLOBAL = range(4)  # kinds of imports
DATA_SYMBOL, SECTION_SYMBOL = 1, 3  # kinds of symbols that have another form
UNDEFINED, EXPLICIT_NAME = 0x10, 0x40  # flags of a symbol
SYMBOL_TABLE, MEMORY_INFO = 8, 1  # subsections of "linking" and of "dylink.0"
I32_CONST, GLOBAL_GET, END = 0x41, 0x23, 0x0B

# What the browser's main module provides; a kernel can import nothing else.
LENT = {
    *("memory", "__indirect_function_table", "__stack_pointer", "__memory_base"),
    *("malloc", "free", "memset", "memcpy", "memmove"),
    *("exp", "exp2", "expm1", "log", "log10", "log1p", "pow", "fmod", "nextafter"),
}


def side_module(made, exports):
    """Return the object file ``made`` as a side module with these functions.

    Raises
    ------
    ValueError
        If it imports something that the browser does not provide, or if a constant
        holds an address.
    """
    sections = list(read_sections(made))
    custom = {name: body for kind, name, body in sections if kind == CUSTOM}
    if "reloc.DATA" in custom:
        raise ValueError("a constant holds an address: numba made data for Python")
    body = {kind: body for kind, _, body in sections if kind != CUSTOM}
    imported = list(read_imports(body[IMPORT]))
    foreign = sorted({name for name, _, _ in imported} - LENT)
    if foreign:
        raise ValueError(f"the kernels want {', '.join(foreign)}, which is not lent")
    constants = read_constants(body.pop(DATA, b"\0"))
    for kind in (ELEMENT, DATA_COUNT):
        body.pop(kind, None)
    body[IMPORT] = number(len(imported)) + b"".join(
        text("env") + text(name) + bytes([kind]) + rest for name, kind, rest in imported
    )
    index = functions(custom["linking"])
    body[EXPORT] = number(len(exports)) + b"".join(
        text(name) + bytes([FUNCTION]) + number(index[name]) for name in exports
    )
    if constants:
        globals_ = [name for name, kind, _ in imported if kind == GLOBAL]
        base = globals_.index("__memory_base")
        start = bytes([GLOBAL_GET]) + number(base) + bytes([END])
        body[DATA] = b"\1\0" + start + number(len(constants)) + constants
    info = (
        number(len(constants)) + number(4) + b"\0\0"
    )  # aligned to 2^4 bytes, no table
    dylink = text("dylink.0") + bytes([MEMORY_INFO]) + number(len(info)) + info
    return MAGIC + b"".join(
        bytes([kind]) + number(len(content)) + content
        for kind, content in [(CUSTOM, dylink), *sorted(body.items())]
    )


class Reader:
    """Bytes, and the position up to which they have been read."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def __bool__(self):
        return self.at < len(self.data)

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        """Read an unsigned LEB128 number."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def take(self, n):
        self.at += n
        return self.data[self.at - n : self.at]

    def text(self):
        return self.take(self.number()).decode()


def number(value):
    """Return a number as unsigned LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def text(value):
    """Return a text, preceded by its length."""
    return number(len(value.encode())) + value.encode()


def read_sections(made):
    """Yield the kind, the name (of a custom section) and the body of each section."""
    if made[:8] != MAGIC:
        raise ValueError("this is no WebAssembly")
    whole = Reader(made)
    whole.take(8)
    while whole:
        kind = whole.byte()
        inner = Reader(whole.take(whole.number()))
        name = inner.text() if kind == CUSTOM else ""
        yield kind, name, inner.data[inner.at :]


def read_imports(body):
    """Yield the name and the kind of each import, and what follows them."""
    reader = Reader(body)
    for _ in range(reader.number()):
        reader.text()
        name, kind, start = reader.text(), reader.byte(), reader.at
        if kind == FUNCTION:
            reader.number()
        elif kind == GLOBAL:
            reader.take(2)
        else:
            if kind == TABLE:
                reader.byte()
            has_maximum = reader.number() & 1
            for _ in range(1 + has_maximum):
                reader.number()
        name = {"__linear_memory": "memory"}.get(name, name)
        yield name, kind, body[start : reader.at]


def read_constants(body):
    """Return the constants as one run of bytes, each at its offset."""
    reader, whole = Reader(body), bytearray()
    for _ in range(reader.number()):
        if reader.number() != 0 or reader.byte() != I32_CONST:
            raise ValueError("constants that are not placed by a number")
        place = reader.number()  # small and signed: bit 6 of the last byte is not set
        reader.byte()  # the end of the expression
        part = reader.take(reader.number())
        whole.extend(bytes(place - len(whole)))
        whole.extend(part)
    return bytes(whole)


def functions(linking):
    """Return the number of each function that has a name, from the symbol table."""
    reader, found = Reader(linking), {}
    reader.number()  # the version
    while reader:
        kind, inner = reader.byte(), Reader(reader.take(reader.number()))
        if kind != SYMBOL_TABLE:
            continue
        for _ in range(inner.number()):
            read_symbol(inner, found)
    return found


def read_symbol(reader, found):
    """Read one symbol, and write it to ``found`` if it is a function's."""
    kind, flags = reader.byte(), reader.number()
    if kind == DATA_SYMBOL:
        reader.text()
        if not flags & UNDEFINED:
            for _ in range(3):
                reader.number()
    elif kind == SECTION_SYMBOL:
        reader.number()
    else:
        place = reader.number()
        if not flags & UNDEFINED or flags & EXPLICIT_NAME:
            name = reader.text()
            if kind == FUNCTION:
                found[name] = place
