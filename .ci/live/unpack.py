"""Unpack what a page has loaded: each package of Python when it is first imported.

``pack.py`` tells what a pack looks like. Most of the libraries a page never imports.
They stay in the pack: what is not unpacked costs neither time nor memory.
"""

import json
import os
import sys

from compression import zstd

packed = {}  # package → (read, start, end, [[path, length], …])


def add(read):
    """Make the folders of a pack, and unpack what belongs to no package.

    The pack stays with the page: ``read(start, end)`` returns bytes of it as Pyodide
    has those of JavaScript.
    """
    begin = 4 + int.from_bytes(read(0, 4).to_bytes(), "little")
    index = json.loads(read(4, begin).to_bytes())
    paths = [path for _, _, listed in index.values() for path, _ in listed]
    # All folders now: Python keeps what it has seen in a folder.
    for folder in {os.path.dirname(path) for path in paths}:
        os.makedirs(folder, exist_ok=True)
    for package, (start, length, listed) in index.items():
        packed[package] = (read, begin + start, begin + start + length, listed)
    unpack("")
    if Unpack not in sys.meta_path:
        sys.meta_path.insert(0, Unpack)


def unpack(package):
    """Write the files of a package."""
    read, start, end, listed = packed.pop(package)
    content, at = memoryview(zstd.decompress(read(start, end).to_bytes())), 0
    for path, size in listed:
        with open(path, "wb", buffering=0) as file:
            file.write(content[at : at + size])
        at += size


class Unpack:
    """The first finder: it finds nothing, and puts in place what others will find."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Unpack a package that is about to be imported."""
        if name in packed:
            unpack(name)
