"""Product lists of the shop, put in sequence by three rankers, and their clicks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from recbook._core import draws
from recbook._core.validate import (
    check_choice,
    check_codes,
    check_number,
    check_positive_int,
    generator,
)
from recbook.marketing.base import check_values

__all__ = ["BEHAVIOURS", "ListTruth", "ProductLists", "product_lists"]

BEHAVIOURS = ("positions", "cascade", "trust")
SHARES = (0.8, 0.1, 0.1)  # of the visitors, for each ranker
LEANINGS = (0.6, 0.3, 0.0)  # correlation of each ranker's scores with the attraction
TRUST = 0.3  # clicks without attraction of those who look at position 1


@dataclass(frozen=True)
class ListTruth:
    """What the shop cannot know.

    Parameters
    ----------
    attraction : (n_lists * n_products,) array
        Probability that a visitor who looks at the product wants it.
    examination : (n_products,) array
        Probability that a visitor looks at each position.
    trust : (n_products,) array
        Probability that one who looks, and does not want the product, clicks all the
        same, as it stands so high. 0 but where the behaviour is "trust".
    behaviour : str
        One of ``BEHAVIOURS``.
    """

    attraction: np.ndarray
    examination: np.ndarray
    trust: np.ndarray
    behaviour: str

    def clicks(self, rankings):
        """Return the mean clicks of a list under rankings (n_lists, n_products).

        Only clicks of those who want the product count: a click out of trust brings
        no order.

        >>> world = product_lists(n_lists=1, n_products=2, decay=0.0)
        >>> both = world.truth.clicks([[0, 1]])
        >>> bool(np.isclose(both, world.truth.attraction.sum()))
        True
        """
        gamma = self.attraction[np.asarray(rankings)]
        if self.behaviour == "cascade":
            above = np.cumprod(1 - gamma, axis=1) / (1 - gamma)
            gamma = gamma * above
        return float((gamma @ self.examination).mean())


@dataclass(frozen=True)
class ProductLists:
    """Lists of products, each of which three rankers put in a sequence of their own.

    Parameters
    ----------
    rankings : (3, n_lists, n_products) int array
        Codes of the products from position 1 down, by ranker and list. Ranker 0 is in
        production and serves 80 % of the visitors, 1 and 2 serve 10 % each, at random.
    truth : ListTruth
        What only the generator knows.

    Examples
    --------
    >>> world = product_lists()
    >>> world.rankings.shape
    (3, 20, 10)
    >>> world.log(1000).columns.tolist()
    ['session', 'list', 'ranker', 'item', 'rank', 'position', 'clicked']
    """

    rankings: np.ndarray
    truth: ListTruth

    @property
    def n_lists(self):
        """Number of lists."""
        return self.rankings.shape[1]

    @property
    def n_products(self):
        """Products of a list, all of which are shown."""
        return self.rankings.shape[2]

    def log(self, n, shares=SHARES, swap=0.0, rankings=None, seed=0):
        """Draw visitors who each see one list, and what they click.

        Parameters
        ----------
        n : int
            Number of visitors, each a session.
        shares : sequence of float
            How many of the visitors each ranker serves, at random. They are divided by
            their sum.
        swap : float
            Share of the visitors, at random, for whom the ranker's first product is
            exchanged with that of a position drawn evenly from all (the first, too).
        rankings : (r, n_lists, n_products) int array, optional
            Other rankings than the shop's, with one share for each.
        seed : int
            The same visitors and clicks for the same seed.

        Returns
        -------
        DataFrame
            One row for each impression: ``session``, ``list``, ``ranker``, ``item``,
            ``rank`` (where the ranker put it), ``position`` (where it was shown), both
            from 1, and ``clicked``.

        Raises
        ------
        ValueError
            If a number is out of its range, or rankings do not fit the lists.

        Examples
        --------
        >>> world = product_lists()
        >>> log = world.log(500, swap=1.0)
        >>> bool(((log["rank"] != log["position"]).groupby(log["session"]).sum() <= 2)
        ...      .all())
        True
        """
        n = check_positive_int("n", n)
        swap = check_number("swap", swap, 0, 1)
        rankings = self._checked(rankings)
        shares = check_values("shares", shares, len(rankings), low=0)
        if not shares.any():
            raise ValueError("shares are all 0: a ranker must serve somebody")
        rng, size = draws.stream(seed, "shown"), self.n_products
        places = np.floor(self.n_lists * rng.random(n)).astype(np.int64)
        bounds = np.cumsum(shares / shares.sum())[:-1]
        ranker = np.searchsorted(bounds, rng.random(n), side="right")
        rank = np.tile(np.arange(size), (n, 1))
        other = np.floor(size * rng.random(n)).astype(np.int64)
        other = np.where(rng.random(n) < swap, other, 0)
        rank[np.arange(n), other], rank[:, 0] = 0, other
        item = rankings[ranker, places][np.arange(n)[:, None], rank]
        clicked = self._clicks(item, seed)
        columns = {
            "session": np.arange(n).repeat(size),
            "list": places.repeat(size),
            "ranker": ranker.repeat(size),
            "item": item.ravel(),
            "rank": rank.ravel() + 1,
            "position": np.tile(np.arange(1, size + 1), n),
            "clicked": clicked.ravel(),
        }
        return pd.DataFrame(columns)

    def _checked(self, rankings):
        """Return rankings that hold each product of each list once."""
        if rankings is None:
            return self.rankings
        rankings = np.asarray(rankings)
        if rankings.ndim != 3 or rankings.shape[1:] != self.rankings.shape[1:]:
            raise ValueError(
                f"rankings have shape {rankings.shape}: give (r, {self.n_lists}, "
                f"{self.n_products}), a ranking of each list by each of r rankers"
            )
        known = np.sort(self.rankings[0], axis=1)
        codes = check_codes("rankings", rankings.ravel(), known.size)
        rankings = codes.reshape(rankings.shape)
        if not (np.sort(rankings, axis=2) == known).all():
            raise ValueError("rankings must hold each product of a list once")
        return rankings

    def _clicks(self, item, seed):
        """Return the clicks (n, n_products) of visitors who see these items."""
        rng, truth = draws.stream(seed, "clicks"), self.truth
        n, size = item.shape
        wants = rng.random((n, size)) < truth.attraction[item]
        trusts = rng.random((n, size)) < truth.trust
        if truth.behaviour == "cascade":
            looks = rng.random((n, 1)) < truth.examination  # down to where one gives up
            above = np.cumsum(wants, axis=1) - wants
            return (looks & wants & (above == 0)).astype(np.int64)
        looks = rng.random((n, size)) < truth.examination
        return (looks & (wants | trusts)).astype(np.int64)


def product_lists(n_lists=20, n_products=10, decay=1.0, behaviour="positions", seed=0):
    r"""Draw lists of products and three rankers; a log of visitors comes from ``log``.

    The log odds that a visitor who looks at a product wants it are normal (mean -2,
    deviation 1). A ranker's scores correlate with them by .6 (in production), .3 and
    0. Position k is looked at with probability :math:`k^{-\text{decay}}`.

    Parameters
    ----------
    n_lists, n_products : int
        How many lists, and products of each. No product is in two lists.
    decay : float
        How fast attention falls, at least 0. With 0 all positions are looked at.
    behaviour : {"positions", "cascade", "trust"}
        ``"positions"``: each position is looked at or not, whatever the others do, and
        clicked if its product is wanted. ``"cascade"``: visitors read from the top,
        stop at the first click, and give up below position k with the same
        probabilities. ``"trust"``: as with positions, and of those who look at
        position k and do not want the product, :math:`0.3/k` click all the same.
    seed : int
        The same lists for the same seed.

    Returns
    -------
    ProductLists
        The rankings, and the truth.

    Raises
    ------
    ValueError
        If a number is out of its range, or the behaviour is no known one.

    Examples
    --------
    >>> world = product_lists(n_lists=2, n_products=3)
    >>> world.truth.examination.round(3).tolist()
    [1.0, 0.5, 0.333]
    """
    n_lists = check_positive_int("n_lists", n_lists)
    n_products = check_positive_int("n_products", n_products, minimum=2)
    decay = check_number("decay", decay, 0, 10)
    check_choice("behaviour", behaviour, BEHAVIOURS)
    rng = generator(seed)
    wanted = draws.normal(rng, n_lists * n_products)
    rankings = []
    for leaning in LEANINGS:
        noise = np.sqrt(1 - leaning**2) * draws.normal(rng, len(wanted))
        scores = np.round(leaning * wanted + noise, 9).reshape(n_lists, n_products)
        within = np.argsort(-scores, axis=1, kind="stable")
        rankings.append(within + n_products * np.arange(n_lists)[:, None])
    place = np.arange(1, n_products + 1)
    trust = TRUST / place * (behaviour == "trust")
    attraction = np.round(expit(wanted - 2), 9)
    truth = ListTruth(attraction, np.round(place**-decay, 9), trust, behaviour)
    return ProductLists(np.array(rankings), truth)
