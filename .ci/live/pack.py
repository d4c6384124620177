"""A pack: many files as one, in which the Python of the pages is loaded.

It begins with a length (4 bytes, little-endian) and that many bytes of JSON, the index.
There are two kinds. One is compressed as a whole by gzip, which a browser can undo by
itself: its index is a list of ``[path, start, length]``, and the bytes of the files
follow. The other is for Python to unpack (``unpack.py``), by Zstandard, in two thirds
of the bytes: its index is ``{package: [start, length, [[path, length], …]]}``, and the
files of each package of Python are compressed together. "" is what belongs to none.
Each start is counted from the end of the index.

A script beside a pack holds the same: pages that were opened as files can load nothing
else. The suffix is not ``.gz``, since servers would decompress the file.
"""

import base64
import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pyarrow

CALL = "recbookLive"  # the function of live.js that the scripts call
ZSTD = pyarrow.Codec("zstd", compression_level=19)


def gzipped(files):
    """Return a pack of ``files``, bytes by path, for a browser."""
    index, start = [], 0
    for path, content in files.items():
        index.append([path, start, len(content)])
        start += len(content)
    return gzip.compress(b"".join([headed(index), *files.values()]), mtime=0)


def apart(files, package_of=lambda path: ""):
    """Return a pack of ``files`` for Python; ``package_of`` tells a path's package."""
    packages = {"": []}
    for path in files:
        packages.setdefault(package_of(path), []).append(path)
    whole = [b"".join(files[path] for path in paths) for paths in packages.values()]
    with ThreadPoolExecutor() as pool:
        frames = [*pool.map(lambda raw: ZSTD.compress(raw, asbytes=True), whole)]
    index, start = {}, 0
    for (package, paths), frame in zip(packages.items(), frames, strict=True):
        listed = [[path, len(files[path])] for path in paths]
        index[package] = [start, len(frame), listed]
        start += len(frame)
    return b"".join([headed(index), *frames])


def headed(index):
    head = json.dumps(index, separators=(",", ":")).encode()
    return len(head).to_bytes(4, "little") + head


def write(folder, name, packed):
    """Write a pack as ``NAME.bin`` and ``NAME.js`` into ``folder``.

    Returns the number of ``bytes`` and their ``sha256``, which a page checks after it
    has loaded the pack over the network.
    """
    replace(folder / f"{name}.bin", packed)
    script = f'{CALL}("{name}", "{base64.b64encode(packed).decode()}")\n'
    replace(folder / f"{name}.js", script.encode())
    return {"bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}


def replace(path, content):
    """Write a file anew and rename it, so that hard links keep the old content."""
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)


def read(path):
    """Return the files of a pack, bytes by path.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     about = write(Path(folder), "two", apart({"a": b"one", "b/c": b"two"}))
    ...     read(Path(folder) / "two.bin")
    {'a': b'one', 'b/c': b'two'}
    """
    packed = path.read_bytes()
    if packed.startswith(b"\x1f\x8b"):
        packed = gzip.decompress(packed)
    begin = 4 + int.from_bytes(packed[:4], "little")
    index = json.loads(packed[4:begin])
    if isinstance(index, list):
        return {p: packed[begin + at : begin + at + n] for p, at, n in index}
    files = {}
    for start, length, listed in index.values():
        frame = packed[begin + start : begin + start + length]
        size, at = sum(n for _, n in listed), 0
        raw = ZSTD.decompress(frame, size, asbytes=True)
        for name, n in listed:
            files[name] = raw[at : at + n]
            at += n
    return files
