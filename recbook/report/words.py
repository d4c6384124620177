"""Numbers as a sentence says them."""

import math

__all__ = ["amount", "chance", "points", "span", "whole"]


def whole(number):
    """Return a count with commas.

    >>> whole(14000.0)
    '14,000'
    """
    return f"{round(number):,}"


def amount(number, digits=3, sign=False):
    """Return a number to some significant digits, with a real minus.

    >>> amount(0.01234), amount(12345.6), amount(-2.5, sign=True), amount(0.0)
    ('0.0123', '12,346', '−2.5', '0')
    """
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(number))))
    return _written(number, min(decimals, 12), sign, strip=True)


def span(value, low, high, scale=1.0):
    """Return an estimate and its interval to the digits that the interval carries.

    >>> span(0.012, 0.004, 0.020, scale=100)
    '+1.2 (0.4 to 2.0)'
    """
    value, low, high = (scale * number for number in (value, low, high))
    reach = (high - low) / 2
    decimals = 2 if reach == 0 else max(0, -math.floor(math.log10(reach / 2)))
    decimals = min(decimals, 12)
    ends = f"{_written(low, decimals)} to {_written(high, decimals)}"
    return f"{_written(value, decimals, sign=True)} ({ends})"


def points(binary):
    """Return the factor and the unit in which a sentence gives a difference.

    >>> points(True), points(False)
    ((100.0, ' points'), (1.0, ''))
    """
    return (100.0, " points") if binary else (1.0, "")


def chance(p):
    """Return a p-value as a sentence says it.

    >>> chance(0.0312), chance(1e-9)
    ('p = .031', 'p < .001')
    """
    return "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)


def _written(number, decimals, sign=False, strip=False):
    text = f"{number:{'+' if sign else ''},.{decimals}f}"
    if strip and "." in text:
        text = text.rstrip("0").rstrip(".")
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return text.replace("-", "−")
