"""Hold the Chinese edition against its English: what a machine can see (``zh.py``).

``pages.py`` pairs each unit with its English, ``align.py`` each sentence. ``rules.py``
lists the rules, which are in ``kept.py`` (what stays exactly), ``terms.py`` (fixed
words), ``style.py`` (how Chinese is set and said), ``sense.py`` (names, directions,
negations) and ``labels.py`` (words in figures and tables). ``built.py`` reads the
written site, and ``work.py`` has what an editor does.
"""

import sys
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[2] / "chapters" / "_ext"
if str(EXTENSION) not in sys.path:  # units and tokens are those of the page itself
    sys.path.insert(0, str(EXTENSION))
