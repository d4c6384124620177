"""Many files as one, for the page: how what runs there travels.

A pack is gzip of a length (4 bytes, little-endian), that many bytes of JSON, a list of
``[path, start, length]``, and the bytes of the files, where starts count from. Beside
it lies the same as a script, for pages that were opened as files, which may read
nothing else. The suffix is no ``.gz``, which servers would undo.
"""

import base64
import gzip
import hashlib
import json

CALL = "recbookLive"  # what live.js gives the page for the scripts to call


def write(folder, name, files):
    """Write ``files``, bytes by path, as ``NAME.bin`` and ``NAME.js`` into ``folder``.

    Returns what a page checks of what it loads over the network: the number of its
    ``bytes``, and their ``sha256``.
    """
    index, start = [], 0
    for path, content in files.items():
        index.append([path, start, len(content)])
        start += len(content)
    head = json.dumps(index, separators=(",", ":")).encode()
    flat = b"".join([len(head).to_bytes(4, "little"), head, *files.values()])
    packed = gzip.compress(flat, mtime=0)
    replace(folder / f"{name}.bin", packed)
    script = f'{CALL}("{name}", "{base64.b64encode(packed).decode()}")\n'
    replace(folder / f"{name}.js", script.encode())
    return {"bytes": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}


def replace(path, content):
    """Write a file whole; what was linked elsewhere stays as it is."""
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)


def read(path):
    """Return the files in a pack, bytes by path.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     about = write(Path(folder), "two", {"a": b"one", "b/c": b"two"})
    ...     read(Path(folder) / "two.bin")
    {'a': b'one', 'b/c': b'two'}
    """
    flat = gzip.decompress(path.read_bytes())
    begin = 4 + int.from_bytes(flat[:4], "little")
    index = json.loads(flat[4:begin])
    return {p: flat[begin + at : begin + at + n] for p, at, n in index}
