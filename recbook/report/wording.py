"""Numbers as a page says them: 1,454 € (102 to 2,806), −0.25, 12.3 %, – for none."""

import math

__all__ = [
    "amount",
    "chance",
    "decimals",
    "euros",
    "interval",
    "number",
    "p_value",
    "percent",
    "points",
    "roughly",
    "span",
    "whole",
]

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
    return _written(value, decimals([value]) if places is None else places)


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


def whole(value):
    """Return a count with commas.

    >>> whole(14000.0)
    '14,000'
    """
    return f"{round(value):,}"


def roughly(value):
    """Return a count of at least 0 as "about N" says it: two digits, rounded up.

    >>> roughly(176_667), roughly(8)
    ('180,000', '8')
    """
    step = 10 ** max(len(str(math.ceil(value))) - 2, 0)
    return f"{math.ceil(value / step) * step:,}"


def amount(value, digits=3, sign=False):
    """Return a number to some significant digits, without zeros at its end.

    >>> amount(0.01234), amount(12345.6), amount(-2.5, sign=True), amount(0.0)
    ('0.0123', '12,346', '−2.5', '0')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return _written(value, min(places, 12), sign, strip=True)


def span(value, low, high, scale=1.0):
    """Return an estimate and its interval to the digits that the interval carries.

    >>> span(0.012, 0.004, 0.020, scale=100)
    '+1.2 (0.4 to 2.0)'
    >>> span(0.33, 0.02, 0.64)
    '+0.33 (0.02 to 0.64)'
    >>> span(11.0, -1e-15, 24.0)
    '+11 (0 to 24)'
    """
    value, low, high = (scale * one for one in (value, low, high))
    reach = (high - low) / 2
    low, high = (0.0 if abs(end) < 1e-9 * reach else end for end in (low, high))
    places = 2 if reach == 0 else max(0, -math.floor(math.log10(reach / 2)))
    while places < 12 and any(end and round(end, places) == 0 for end in (low, high)):
        places += 1  # which side of 0 an end is on can be seen
    places = min(places, 12)
    ends = f"{_written(low, places)} to {_written(high, places)}"
    return f"{_written(value, places, sign=True)} ({ends})"


def points(binary):
    """Return the factor and the unit in which a sentence gives a difference.

    >>> points(True), points(False)
    ((100.0, ' points'), (1.0, ''))
    """
    return (100.0, " points") if binary else (1.0, "")


def chance(p):
    """Return a p-value for a sentence.

    >>> chance(0.0312), chance(1e-9)
    ('p = .031', 'p < .001')
    """
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)


def _written(value, places, sign=False, strip=False):
    text = f"{value:{'+' if sign else ''},.{places}f}"
    if strip and "." in text:
        text = text.rstrip("0").rstrip(".")
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return text.replace("-", "−")
