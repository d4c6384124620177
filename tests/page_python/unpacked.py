"""Unpack the libraries as a page does, and hold them to the files that were packed.

Usage: node node.mjs CORE unpacked.py PACK FOLDER, with unpack.py on its path
"""

import sys
from pathlib import Path


class Bytes(bytes):
    """As Pyodide has those of JavaScript."""

    def to_bytes(self):
        return self


def main(pack, folder):
    import unpack

    whole = Path(f"/host{pack}").read_bytes()
    unpack.add(lambda start, end: Bytes(whole[start:end]))
    early = Path("/lib/python3.14/site-packages/scipy/stats/_stats_py.pyc")
    assert not early.exists()
    import scipy.stats

    assert early.exists()
    assert scipy.stats.__file__.startswith(str(early.parent))
    for package in [*unpack.packed]:
        unpack.unpack(package)
    files = [path for path in Path(f"/host{folder}").rglob("*") if path.is_file()]
    assert len(files) > 1000
    for path in files:
        placed = Path("/", path.relative_to(f"/host{folder}"))
        assert placed.read_bytes() == path.read_bytes(), placed


if __name__ == "__main__":
    main(*sys.argv[1:])
