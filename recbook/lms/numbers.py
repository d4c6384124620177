"""Numbers as a platform writes them in one language or another."""

import re

__all__ = ["number_of", "written"]

_NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,6})?", re.ASCII)


def number_of(text):
    """Return a number with a decimal point or comma, None where it is none.

    >>> number_of("10.00"), number_of("7,5"), number_of("(read only)")
    (10.0, 7.5, None)
    """
    if not _NUMBER.fullmatch(text.strip()):
        return None
    return float(text.strip().replace(",", "."))


def written(value, like):
    """Return a number of two decimals, with the comma of another one if it has one.

    >>> written(7.5, like="10,00"), written(20 / 3, like="10")
    ('7,50', '6.67')
    """
    return f"{value:.2f}".replace(".", "," if "," in like else ".")
