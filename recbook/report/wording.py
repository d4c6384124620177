"""Numbers as a page says them: 1,454 € (102 to 2,806), −0.25, 12.3 %, – for none."""

import math

__all__ = ["decimals", "euros", "interval", "number", "p_value", "p_words", "percent"]

NONE = "–"
DIGITS = 3  # that a number below 100 shows


def decimals(values):
    """Return how many decimals these numbers need together.

    The largest has three digits. Zeros that all of them would end in are left out.

    >>> decimals([1454.2, 0.5]), decimals([0.0123, 0.002]), decimals([3, 0.5])
    (0, 4, 1)
    """
    values = [float(v) for v in values if math.isfinite(v)]
    largest = max(map(abs, values), default=0)
    if not largest:
        return 0
    places = min(max(DIGITS - 1 - math.floor(math.log10(largest)), 0), 8)
    while places and all(round(v, places - 1) == round(v, places) for v in values):
        places -= 1
    return places


def number(value, places=None):
    """Return a number with thousands separators, a true minus and sensible digits.

    Parameters
    ----------
    value : float
        A number. What is missing or infinite becomes a dash.
    places : int, optional
        Decimals. Three digits where it is left out, and no decimals above 100.

    Examples
    --------
    >>> number(1454.3), number(-0.0521), number(12), number(float("nan"))
    ('1,454', '−0.0521', '12', '–')
    """
    value = float(value)
    if not math.isfinite(value):
        return NONE
    text = f"{value:,.{decimals([value]) if places is None else places}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.removeprefix("-")
    return text.replace("-", "−")


def euros(value):
    """Return an amount of money, with cents where it is below 10.

    >>> euros(-1183.4), euros(0.6), euros(20)
    ('−1,183 €', '0.60 €', '20 €')
    """
    whole = float(value).is_integer() or abs(value) >= 10
    return f"{number(value, 0 if whole else 2)} €"


def percent(share, places=1):
    """Return a share as percent.

    >>> percent(0.1234), percent(-0.5, 0)
    ('12.3 %', '−50 %')
    """
    return f"{number(100 * share, places)} %"


def interval(low, high, places=None):
    """Return an interval in words, both ends with the same decimals.

    >>> interval(102.4, 2806), interval(-0.0031, 0.02)
    ('102 to 2,806', '−0.0031 to 0.0200')
    """
    places = decimals([low, high]) if places is None else places
    return f"{number(low, places)} to {number(high, places)}"


def p_value(p):
    """Return a p-value, with no more digits than it deserves.

    >>> p_value(0.00004), p_value(0.0123), p_value(0.42)
    ('< .001', '.012', '.42')
    """
    if not math.isfinite(p):
        return NONE
    if p < 0.001:
        return "< .001"
    return f"{p:.{3 if p < 0.1 else 2}f}".removeprefix("0")


def p_words(p):
    """Return a p-value for a sentence.

    >>> p_words(0.00004), p_words(0.42)
    ('p < .001', 'p = .42')
    """
    told = p_value(p)
    return f"p {told}" if told.startswith("<") else f"p = {told}"
