"""Let Matplotlib list its fonts, which it would else do in every reader's page.

The Matplotlib of Pyodide keeps that list beside its code. Run by ``build.py``.
"""

import matplotlib.font_manager  # noqa: F401
