"""What the shop of the exports sells: tea, coffee, and what goes with them."""

from typing import NamedTuple

import numpy as np

from recbook.synthetic.draw import normal

__all__ = ["Goods", "shelves"]

# A group begins with the price of its products in euros, and how much of it is sold.
GROUPS = """
6.9 1.5 Assam, Ceylon, Darjeeling, Earl Grey, Crème Earl Grey, English Breakfast,
Nilgiri, Lapsang Souchong, Yunnan, Keemun, Masala Chai, Vanilla Black;
8.9 1.1 Sencha, Gyokuro, Genmaicha, Jasmine Pearls, Matcha, Gunpowder, Mao Feng, Bancha,
Long Jing, Mint Green, Lemon Green, Hojicha;
4.9 1.2 Peppermint, Camomile, Fennel, Lemon Balm, Nettle, Sage, Verbena, Thyme, Ginger
Lemon, Elderflower, Rosehip, Lime Blossom;
5.9 0.9 Rooibos, Rooibos Vanilla, Rooibos Orange, Rooibos Caramel, Honeybush, Rooibos
Almond, Green Rooibos, Rooibos Chai, Rooibos Cocoa, Rooibos Cherry;
13.9 1.3 Espresso Milano, Espresso Napoli, Café Crema, Espresso Roma, Ristretto, Decaf
Espresso, Espresso Bio, Espresso Forte, House Espresso, Espresso Duo;
11.9 1.0 Ethiopia Sidamo, Kenya AA, Colombia, Guatemala, Brazil Santos, Costa Rica, Peru
Bio, Sumatra, Decaf Filter, Breakfast Filter, Java, Honduras;
3.9 0.9 Shortbread, Cantuccini, Dark 70, Dark 85, Nougat, Milk Hazelnut, Amarettini,
Ginger Nuts, Oat Biscuits, Marzipan, Salted Caramel, Orange Sticks;
7.5 0.7 Acacia Honey, Forest Honey, Heather Honey, Chestnut Honey, Apricot Jam, Fig Jam,
Quince Jelly, Lemon Curd, Orange Marmalade, Plum Butter;
12.5 0.3 Mug Blue, Mug White, Tea Bowl, Espresso Cup, Glass Cup, Teapot, Iron Teapot,
Saucer, Travel Mug, Milk Jug;
19.9 0.3 Tea Strainer, French Press, Hand Filter, Filter Papers, Grinder, Kettle, Moka
Pot, Milk Frother, Tea Timer, Scale, Matcha Whisk, Tea Tin
"""


class Goods(NamedTuple):
    """The products, by their place.

    Parameters
    ----------
    names : list of (str, int)
        Name and price in cents.
    group : (n,) int array
        Place of the group in ``weights``.
    appeal : (n,) array
        What all customers like about a product.
    style : (n, 2) array
        What some like about it, and others do not.
    first, last : (n,) arrays
        Days on which it is sold.
    weights : (n_groups,) array
        How much of each group is sold.

    Examples
    --------
    >>> goods = shelves(np.random.default_rng(0))
    >>> len(goods.names) == len(goods.group) == len(goods.sold(0))
    True
    """

    names: list
    group: np.ndarray
    appeal: np.ndarray
    style: np.ndarray
    first: np.ndarray
    last: np.ndarray
    weights: np.ndarray

    def sold(self, day):
        """Return which products are sold on a day."""
        return (self.first <= day) & (day <= self.last)


def shelves(rng):
    """Return the :class:`Goods`, with appeals, styles and prices drawn.

    >>> shelves(np.random.default_rng(0)).names[0][0]
    'Assam'
    """
    names, group, weights = [], [], []
    for place, listed in enumerate(" ".join(GROUPS.split()).split("; ")):
        price, weight, products = listed.split(" ", 2)
        weights.append(float(weight))
        for name in products.split(", "):
            cents = 10 * round(10 * float(price) * (0.7 + 0.6 * rng.random()))
            names.append((name, cents))
            group.append(place)
    n = len(names)
    appeal, style = 0.6 * normal(rng, n), 0.7 * normal(rng, n, 2)
    first = np.where(rng.random(n) < 0.85, 0, np.floor(500 * rng.random(n)))
    last = np.where(rng.random(n) < 0.92, 10**6, 450 + np.floor(300 * rng.random(n)))
    return Goods(names, np.array(group), appeal, style, first, last, np.array(weights))
