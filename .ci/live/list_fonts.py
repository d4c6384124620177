"""Let Matplotlib list its fonts, which it would else do in every reader's page.

The Matplotlib of Pyodide keeps that list beside its code. Run by ``build.py``.
"""

import json
from pathlib import Path


def sort(path):
    """Put the fonts into the order of their names: found in that of the disk."""
    fonts = json.loads(path.read_text(encoding="utf-8"))
    for kind in ("afmlist", "ttflist"):
        fonts[kind].sort(key=lambda font: font["fname"])
    path.write_text(json.dumps(fonts, indent=2), encoding="utf-8")


if __name__ == "__main__":
    import matplotlib.font_manager

    sort(Path(matplotlib.__file__).with_name("fontlist.json"))
