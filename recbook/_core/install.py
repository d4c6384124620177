"""How to install the requirements of an optional part of recbook."""

__all__ = ["install", "missing"]


def install(*extras):
    """Return the advice to install recbook with these extras, from its checkout.

    It never names a package to download. recbook is on no package index, and anyone who
    registered the name there could run code on the machines of those who follow the
    advice.

    >>> install("app", "deep")
    "run `python -m pip install '.[app,deep]'` in the checkout of recbook"
    """
    what = f"'.[{','.join(extras)}]'" if extras else "."
    return f"run `python -m pip install {what}` in the checkout of recbook"


def missing(part, library, *extras):
    """Return the sentence that `part` lacks `library`, which these extras bring.

    >>> missing("recbook.plots", "Matplotlib", "book")[:58]
    'recbook.plots needs Matplotlib, which is not installed: ru'
    """
    return f"{part} needs {library}, which is not installed: {install(*extras)}"
