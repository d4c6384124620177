"""How to install the requirements of an optional part of recbook."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]

__all__ = ["install", "missing"]


def install(*extras):
    """Return the advice to install recbook with these extras, from where it came.

    That is a checkout, or the wheel that the course's site carries. It never names a
    package to download. recbook is on no package index, and anyone who registered the
    name there could run code on the machines of those who follow the advice.

    >>> install("app", "deep")
    "run `python -m pip install '.[app,deep]'` in the checkout of recbook"
    """
    named = f"[{','.join(extras)}]" if extras else ""
    if (PACKAGE.parent / "pyproject.toml").exists():
        what = f"'.{named}'" if extras else "."
        return f"run `python -m pip install {what}` in the checkout of recbook"
    version = sys.modules["recbook"].__version__  # the core imports nothing of it
    wheel = f"./recbook-{version}-py3-none-any.whl"
    return f"run `python -m pip install '{wheel}{named}'` beside the course's wheel"


def missing(part, library, *extras):
    """Return the sentence that `part` lacks `library`, which these extras bring.

    >>> missing("recbook.plots", "Matplotlib", "book")[:58]
    'recbook.plots needs Matplotlib, which is not installed: ru'
    """
    return f"{part} needs {library}, which is not installed: {install(*extras)}"
