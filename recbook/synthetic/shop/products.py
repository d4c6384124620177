"""What the invented shop sells: twenty categories, and products with names."""

from typing import NamedTuple

import numpy as np

from recbook.synthetic.draw import Dice, normal

__all__ = ["CATEGORIES", "PER_CATEGORY", "Category", "stock"]


class Category(NamedTuple):
    """A kind of product.

    ``role`` is "main", "accessory", "consumable" or "plain"; an accessory goes
    ``with_`` a main category. ``moment`` says when it is looked for: "night phone",
    "noon desktop", "weekend" or "any". ``weight`` is how often, ``price`` what the
    middle product costs, in euros.
    """

    name: str
    role: str
    moment: str
    weight: float
    price: float
    with_: str = ""


CATEGORIES = (
    Category("Cameras", "main", "any", 0.9, 420.0),
    Category("Lenses", "accessory", "any", 0.35, 140.0, "Cameras"),
    Category("Laptops", "main", "noon desktop", 0.9, 780.0),
    Category("Laptop bags", "accessory", "any", 0.35, 45.0, "Laptops"),
    Category("Bicycles", "main", "weekend", 0.8, 560.0),
    Category("Bicycle lights", "accessory", "any", 0.35, 30.0, "Bicycles"),
    Category("Espresso machines", "main", "any", 0.8, 310.0),
    Category("Coffee mills", "accessory", "any", 0.35, 75.0, "Espresso machines"),
    Category("Coffee", "consumable", "any", 1.2, 9.0),
    Category("Pet food", "consumable", "any", 0.9, 24.0),
    Category("Skin care", "consumable", "night phone", 1.0, 16.0),
    Category("Printer ink", "consumable", "noon desktop", 0.9, 27.0),
    Category("Novels", "plain", "night phone", 1.5, 11.0),
    Category("Games", "plain", "night phone", 1.3, 38.0),
    Category("Jewellery", "plain", "night phone", 0.9, 65.0),
    Category("Office supplies", "plain", "noon desktop", 1.2, 13.0),
    Category("Software", "plain", "noon desktop", 0.8, 90.0),
    Category("Garden tools", "plain", "weekend", 1.1, 35.0),
    Category("Furniture", "plain", "weekend", 0.8, 190.0),
    Category("Shoes", "plain", "any", 1.5, 70.0),
)
PER_CATEGORY = 30
N_STYLES = 3  # axes of taste across all categories
SPREAD = 0.55  # of the logarithm of prices in a category
FIRST = "Al Bren Cor Dun El Fen Gal Hol Is Jor Kal Lum Mer Nor Os Pel Quin Ros Sel Tav"
LAST = "ado bry den dor eth ino mar ora und vik"


class Stock(NamedTuple):
    """Products: ``lines`` of products.csv, and per product what draws people to it.

    ``category`` (n,) int, ``appeal`` (n,), ``style`` (n, N_STYLES), ``dearness`` (n,)
    the standard score of the log price in its category, ``fits`` for each product of
    a main category its accessories.
    """

    lines: list
    category: np.ndarray
    appeal: np.ndarray
    style: np.ndarray
    dearness: np.ndarray
    fits: dict


def stock(rng):
    """Invent PER_CATEGORY products in each category."""
    dice = Dice(rng)
    n = len(CATEGORIES) * PER_CATEGORY
    category = np.repeat(np.arange(len(CATEGORIES)), PER_CATEGORY)
    appeal = np.round(0.9 * normal(rng, n), 9)
    style = np.round(normal(rng, n, N_STYLES), 9)
    dearness = np.round(normal(rng, n), 9)
    lines, names = [], set()
    for product in range(n):
        kind = CATEGORIES[category[product]]
        price = _ending(kind.price * np.exp(SPREAD * dearness[product]))
        name = _name(dice, kind.name, names)
        lines.append([str(product + 1), name, kind.name, f"{price:.2f}"])
    return Stock(lines, category, appeal, style, dearness, _fits(dice, category))


def _name(dice, kind, names):
    """Return a name that is not in ``names``, and put it there."""
    while True:
        brand = dice.one(FIRST) + dice.one(LAST)
        name = f"{brand} {kind} {dice.below(90) + 10}"
        if name not in names:
            names.add(name)
            return name


def _ending(price):
    """Prices end as prices do: in .90 below 100 euros, in 9 above."""
    return np.floor(price) + 0.9 if price < 100 else 10 * np.floor(price / 10) + 9


def _fits(dice, category):
    """Draw for every product of a main category two accessories that fit it."""
    place, fits = {kind.name: c for c, kind in enumerate(CATEGORIES)}, {}
    for c, kind in enumerate(CATEGORIES):
        if kind.role != "accessory":
            continue
        own = np.flatnonzero(category == c)
        for product in np.flatnonzero(category == place[kind.with_]):
            first = dice.below(len(own))
            second = (first + 1 + dice.below(len(own) - 1)) % len(own)
            fits[int(product)] = (int(own[first]), int(own[second]))
    return fits
