"""A pack: many files as one, in which the Python of the pages is loaded.

A pack is compressed by gzip. It begins with a length (4 bytes, little-endian) and that
many bytes of JSON, a list of ``[path, start, length]``. The bytes of the files follow,
and each start is counted from their beginning. A script beside it holds the same pack:
pages that were opened as files can load nothing else. The suffix is not ``.gz``, since
servers would decompress the file.
"""

import base64
import gzip
import hashlib
import json

CALL = "recbookLive"  # the function of live.js that the scripts call


def write(folder, name, files):
    """Write ``files``, bytes by path, as ``NAME.bin`` and ``NAME.js`` into ``folder``.

    Returns the number of ``bytes`` and their ``sha256``, which a page checks after it
    has loaded the pack over the network.
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
    """Write a file anew and rename it, so that hard links keep the old content."""
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)


def read(path):
    """Return the files of a pack, bytes by path.

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
