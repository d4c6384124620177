"""A box by subscription: customers who order every four weeks until they cancel."""

import numpy as np

from recbook.synthetic.draw import Dice
from recbook.synthetic.exports.orders import N_DAYS, Line, as_file

__all__ = ["files"]

N_CUSTOMERS = 330
STAYS = 0.93  # share that renews each time
BOXES = (("Box Tea", 1990), ("Box Coffee", 2490), ("Box Mixed", 2290))


def files(seed=0):
    """Return {name: bytes} of the log of boxes.

    >>> [*files()]
    ['refused/subscriptions.csv']
    """
    rng = np.random.default_rng(seed)
    dice, lines = Dice(rng), []
    for customer in range(N_CUSTOMERS):
        day = dice.below(N_DAYS - 60)
        name, cents = BOXES[dice.below(len(BOXES))]
        while day < N_DAYS:
            order = str(700_000 + len(lines))
            lines.append(Line(day, order, f"{customer:05d}", name, 1, cents))
            if rng.random() > STAYS:
                break
            day += 28 + dice.below(3) - 1  # a parcel is a day early or late
    lines.sort(key=lambda line: line.day)
    return {"refused/subscriptions.csv": as_file(lines)}
