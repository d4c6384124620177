"""A campaign with three actions: a trial of all of them, a season, and its accounts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook._core import draws
from recbook._core.validate import check_codes

__all__ = ["ACTIONS", "Campaign", "CampaignTruth", "Season", "effects", "plan"]

#: What a campaign can do with a customer: ``("nothing", "email", "letter")``. An action
#: is the place of its word.
ACTIONS = ("nothing", "email", "letter")
COSTS = (0.0, 0.003, 0.60)  # euros for each
BUDGET = 1500.0  # euros
SHARE = 0.36  # of an order's value, left when the goods are paid
WEEKS = 52.0  # of which the orders count that a lost reader would have made
TAKEN = 0.9  # of these orders, by a reader who is lost
NOTHING, EMAIL, LETTER = range(3)


@dataclass(frozen=True)
class CampaignTruth:
    """What the shop cannot know: arrays with a row for each customer of the shop.

    Parameters
    ----------
    chance : (n_customers, 3) array
        Probability of an order of the offer after each action.
    lost : (n_customers,) array
        Probability that an e-mail loses the reader.
    margin : (n_customers,) array
        What an order of this person leaves, in euros.
    year : (n_customers,) array
        What the person's orders of the coming year leave if nobody disturbs them.
    value : (n_customers, 3) array
        What each action truly brings beyond nothing, all costs taken off, in euros:
        the order's margin, less the price, less a lost reader's year.
    """

    chance: np.ndarray
    lost: np.ndarray
    margin: np.ndarray
    year: np.ndarray
    value: np.ndarray

    def profit(self, actions):
        """Return what these actions (n_customers,) truly earn beyond nothing, euros."""
        actions = check_actions(actions, len(self.value))
        return float(self.value[np.arange(len(actions)), actions].sum())


@dataclass(frozen=True)
class Season:
    """What happened in the two weeks after the actions of a campaign.

    Parameters
    ----------
    ordered : (n,) array
        1 for those who ordered the offer, else 0.
    euros : (n,) array
        What the order leaves when the goods are paid; 0 without one.
    left : (n,) bool array
        Who gave up the newsletter after an e-mail.

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> plan = worlds.customers(500).campaign(n=100)
    >>> season = plan.play(np.ones(500, dtype=int))
    >>> len(season.euros), bool((season.euros[season.ordered == 0] == 0).all())
    (500, True)
    """

    ordered: np.ndarray
    euros: np.ndarray
    left: np.ndarray


@dataclass(frozen=True)
class Campaign:
    """The spring campaign: a trial at random, and the season that may be played once.

    Parameters
    ----------
    customers : (n,) int array
        Codes of those who take part in the trial, in ascending order.
    action : (n,) int array
        What each got: 0 nothing, 1 an e-mail, 2 a letter, as in ``ACTIONS``. Nobody
        gets a letter without consent.
    propensity : (n, 3) array
        The chances by which the action was drawn: thirds, or halves and 0 for a letter
        to somebody without consent.
    ordered, euros, left : (n,) arrays
        What followed, as in :class:`Season`.
    consent : (n_customers,) bool array
        Who may be sent a letter, of all customers of the shop.
    truth : CampaignTruth
        What only the generator knows.

    Examples
    --------
    >>> from recbook.marketing import worlds
    >>> trial = worlds.customers(3000).campaign(seed=0, n=1200)
    >>> len(trial.action), trial.propensity[0].round(3).tolist()
    (1200, [0.333, 0.333, 0.333])
    >>> trial.costs, trial.budget
    ((0.0, 0.003, 0.6), 1500.0)
    """

    customers: np.ndarray
    action: np.ndarray
    propensity: np.ndarray
    ordered: np.ndarray
    euros: np.ndarray
    left: np.ndarray
    consent: np.ndarray
    truth: CampaignTruth

    @property
    def costs(self):
        """Price of each action in euros: (0, .003, .60)."""
        return COSTS

    @property
    def budget(self):
        """What the season's actions may cost in all, in euros: 1,500."""
        return BUDGET

    def frame(self):
        """Return the trial as a DataFrame, a row for each who took part.

        ``customer_id``, ``action`` (a word), ``chance`` (of this action), ``ordered``,
        ``euros``, ``left``.
        """
        drawn = self.propensity[np.arange(len(self.action)), self.action]
        columns = {
            "customer_id": self.customers,
            "action": np.array(ACTIONS)[self.action],
            "chance": drawn.round(6),
            "ordered": self.ordered.astype(np.int64),
            "euros": self.euros,
            "left": self.left.astype(np.int64),
        }
        return pd.DataFrame(columns)

    def play(self, actions, seed=0):
        """Send the campaign to all customers, and wait two weeks.

        Parameters
        ----------
        actions : (n_customers,) int array
            0, 1 or 2 for each customer of the shop. No letter without consent, and no
            more than the budget.
        seed : int
            Seed of what people do. The same person with the same action does the same
            for the same seed.

        Returns
        -------
        Season

        Raises
        ------
        ValueError
            If there are too few actions, one is unknown, a letter goes to somebody
            without consent, or the budget is overspent.
        """
        actions = check_actions(actions, len(self.consent))
        wrong = (actions == LETTER) & ~self.consent
        if wrong.any():
            raise ValueError(
                f"actions[{int(wrong.argmax())}] is a letter to somebody who has not "
                "consented to letters: give 0 or 1"
            )
        paid = float(np.array(COSTS)[actions].sum())
        if paid > BUDGET + 1e-6:
            raise ValueError(
                f"actions cost {paid:,.2f} €, but the budget is {BUDGET:,.0f} €: leave "
                "out those that bring least for a euro"
            )
        rngs = draws.stream(seed, "season"), draws.stream(seed, "leavers")
        return happen(self.truth, np.arange(len(actions)), actions, *rngs)


def check_actions(actions, n):
    """Return the actions of n customers as codes (n,)."""
    actions = check_codes("actions", actions, len(ACTIONS))
    if len(actions) != n:
        raise ValueError(
            f"actions has {len(actions)} rows: give one for each of the {n} customers"
        )
    return actions


def effects(table, thrift, dials):
    r"""Return what an e-mail adds to the probability of an order, and whom it loses.

    .. math::
       \tau^{\text{mail}} = .04\, e^{-((s + 4.4)/.7)^2}\, \tfrac{\text{opens}}{8}\, d,
       \qquad \ell = .002 + .003\, (1 - \tfrac{\text{opens}}{8})

    with s the score less .6 t, and d = 1 for those who order by phone and .5 for
    others.
    """
    s = table["score"].to_numpy() - 0.6 * thrift
    read = table["opens"].to_numpy() / 8
    email = dials.mail_height * np.exp(
        -(((s - dials.mail_centre) / dials.mail_width) ** 2)
    )
    email *= read * np.where(table["phone"], dials.mail_phone, dials.mail_other)
    email *= np.array(dials.mail_ages)[table["age"].cat.codes]
    return np.round(email, 9), np.round(dials.lost + dials.lost_more * (1 - read), 9)


def coming_year(truth):
    r"""Return the orders (n,) that each would make in the coming year, on average.

    .. math:: \frac{1 - e^{-\lambda p\, t}}{p}, \qquad t = 52 \text{ weeks},

    for those who is a customer today, with the rate and the probability of leaving of
    the person; 0 for others. As p falls to 0 it becomes :math:`\lambda t`.
    """
    p = np.maximum(truth.leaving, 1e-9)
    return np.where(truth.alive, -np.expm1(-truth.rate * p * WEEKS) / p, 0.0)


def chances(consent):
    """Return the chance of each action in a trial (n, 3): no letter without consent."""
    thirds, halves = (1 / 3, 1 / 3, 1 / 3), (0.5, 0.5, 0.0)
    return np.where(consent[:, None], thirds, halves)


def plan(world, seed, n):
    """Return the campaign of a shop; see ``Customers.campaign``."""
    consent = world.table["consent"].to_numpy()
    rng = draws.stream(seed, "campaign")
    people = draws.sample(rng, world.n_customers, n)
    n = len(people)
    propensity = chances(consent[people])
    draw = rng.random(n)
    beyond = draw[:, None] >= propensity.cumsum(axis=1)[:, :2]
    action = beyond.sum(axis=1, dtype=np.int64)
    truth = accounts(world.truth, consent)
    season = happen(truth, people, action, rng, rng)
    what = (season.ordered, season.euros, season.left)
    return Campaign(people, action, propensity, *what, consent, truth)


def accounts(truth, consent):
    """Return what each action truly brings, from what is known of the customers."""
    margin = SHARE * truth.mean_value
    year = margin * coming_year(truth)
    added = np.stack([np.zeros(len(margin)), truth.email, truth.effect], axis=1)
    value = added * margin[:, None] - COSTS
    value[:, EMAIL] -= TAKEN * truth.lost * year
    value[~consent, LETTER] = -np.inf  # it is not to be had
    chance = truth.response[:, None] + added
    return CampaignTruth(chance, truth.lost, margin, year, np.round(value, 9))


def happen(truth, people, action, orders, leavers):
    """Return what people (n,) do after their actions, from two streams of numbers."""
    n = len(people)
    ordered = orders.random(n) < truth.chance[people, action]
    size = draws.gamma(orders, n, 6.25, 6.25)
    euros = np.where(ordered, np.round(size * truth.margin[people], 2), 0.0)
    left = (action == EMAIL) & (leavers.random(n) < truth.lost[people])
    return Season(ordered.astype(np.float64), euros, left)
