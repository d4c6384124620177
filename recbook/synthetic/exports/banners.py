"""A log of banners on a shop's first page, with the chance of each, as it is exported.

Today's rule shows the offer to visitors who are new or come back, and the club to its
members, each with a chance of .4, and each of the other three with .2.
"""

from datetime import date, timedelta

import numpy as np

from recbook.synthetic.exports.trial import as_file

__all__ = ["BANNERS", "CLICKS", "TODAY", "VISITORS", "files"]

N, START = 9000, date(2026, 8, 3)
VISITORS, DEVICES = ["new", "returning", "member"], ["phone", "desktop"]
BANNERS = ["offer", "new in", "story", "club"]
CLICKS = np.array([  # of each visitor and device, for each banner
    [[0.10, 0.08, 0.19, 0.05], [0.18, 0.08, 0.10, 0.05]],
    [[0.09, 0.18, 0.08, 0.08], [0.10, 0.17, 0.07, 0.08]],
    [[0.07, 0.09, 0.07, 0.19], [0.08, 0.10, 0.08, 0.17]],
])  # fmt: skip
TODAY = [0, 0, 3]  # the banner that each kind of visitor sees most
SHARES = [0.45, 0.8]  # of visitors who are new, and of those who are no member
UNKNOWN = 0.04  # share of the rows whose device was not logged


def files(seed=0):
    """Return {name: bytes} of the log.

    >>> files()["banners.csv"].splitlines()[0]
    b'day;visitor;device;banner;chance;clicked'
    """
    rng = np.random.default_rng([seed, 85])
    visitor = np.searchsorted(SHARES, rng.random(N))
    device = (rng.random(N) < 0.4).astype(int)
    usual = np.take(TODAY, visitor)
    # A fifth of the rows is today's banner, and the rest goes to all four alike.
    shown = np.where(rng.random(N) < 0.2, usual, (4 * rng.random(N)).astype(int))
    clicked = rng.random(N) < CLICKS[visitor, device, shown]
    lost = rng.random(N) < UNKNOWN
    rows = []
    for row in range(N):
        day = START + timedelta(days=42 * row // N)
        kind = "" if lost[row] else DEVICES[device[row]]
        chance = "0,4" if shown[row] == usual[row] else "0,2"
        cells = VISITORS[visitor[row]], kind, BANNERS[shown[row]], chance
        rows.append(
            ";".join([f"{day:%d.%m.%Y}", *cells, "yes" if clicked[row] else "no"])
        )
    return {"banners.csv": as_file("day;visitor;device;banner;chance;clicked", rows)}
