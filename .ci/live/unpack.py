"""Unpack what a page has loaded: each package of Python when it is first imported.

``pack.py`` tells what a pack looks like. Most of the libraries a page never imports.
They stay in the pack: what is not unpacked costs neither time nor memory.
"""

import json
import os
import sys

from compression import zstd

packed = {}  # package → (pack, start, length, [[path, length], …])


def add(pack):
    """Make the folders of a pack, and unpack what belongs to no package."""
    with open(pack, "rb") as file:
        size = int.from_bytes(file.read(4), "little")
        index = json.loads(file.read(size))
    # All folders now: Python keeps what it has seen in a folder.
    for folder in {
        os.path.dirname(p) for _, _, listed in index.values() for p, _ in listed
    }:
        os.makedirs(folder, exist_ok=True)
    for package, (start, length, listed) in index.items():
        packed[package] = (pack, 4 + size + start, length, listed)
    unpack("")
    if Unpack not in sys.meta_path:
        sys.meta_path.insert(0, Unpack)


def unpack(package):
    """Write the files of a package."""
    pack, start, length, listed = packed.pop(package)
    with open(pack, "rb") as file:
        file.seek(start)
        content = memoryview(zstd.decompress(file.read(length)))
    at = 0
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
