"""Campaigns made by a seed: what students get, and the answers that a teacher keeps."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recbook.grade.campaign import rules
from recbook.grade.campaign.forecasts import READERS
from recbook.grade.campaign.scores import CampaignAnswers
from recbook.grade.files import (
    Refused,
    numbers,
    read_columns,
    shown,
    whole_numbers,
)
from recbook.grade.films.make import STUDENTS, begin, handed_out, keeping
from recbook.marketing import worlds
from recbook.marketing.worlds.campaign import ACTIONS, EMAIL, LETTER, NOTHING, chances

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CampaignTask", "load_campaign", "new_campaign", "read_campaign"]

JITTER = 0.2
TRIED = 0.3  # share of the customers who take part in the trial
ANSWERS = "answers-campaign.csv"
README = """# The spring campaign

customers.csv has everything that the shop knows of its customers. trial.csv has those
who took part in a trial at random: action (nothing, email, letter), chance (of this
action for this customer), ordered (the offer, within two weeks), euros (margin of that
order), left (gave up the newsletter).

An email costs 0.003 euros and a letter 0.60. There are 1,500 euros. A reader who leaves
takes along nine tenths of the margin of the coming year. The margin is 36 % of an
order's value. No letter to a customer whose consent is False.

Hand in plan.csv, customer_id,action for all customers, and before that plan.txt, with
two forecasts of a true profit in euros beyond doing nothing, each with an interval on
which you would bet 19 to 1. The first is of your plan, the second of the readers' plan:
an email to everybody who opened at least five of the last eight, and nothing to others.

plan,profit,low,high
mine,4700,1500,7900
readers,1200,-900,3300
"""


@dataclass(frozen=True, eq=False)
class CampaignTask:
    """What a student gets: customers, and a trial on some of them.

    Parameters
    ----------
    customers : pandas.DataFrame
        As ``worlds.Customers.table``; row c is the customer of id c.
    trial : pandas.DataFrame
        As ``worlds.Campaign.frame`` returns it.
    name : str
        Title of the task.

    Examples
    --------
    >>> shop = worlds.customers(500)
    >>> task = CampaignTask(shop.table, shop.campaign(n=100).frame(), "small")
    >>> task.features().shape, task.log().propensity.shape
    ((500, 11), (100, 3))
    """

    customers: "pd.DataFrame" = field(repr=False)
    trial: "pd.DataFrame" = field(repr=False)
    name: str

    def features(self):
        """Return what the shop knows as numbers, a DataFrame with a row per customer.

        As ``worlds.Customers.features`` does.
        """
        return worlds.Customers(self.customers, None, None).features()

    def log(self):
        """Return the trial as arrays, a ``worlds.Campaign`` that knows no truth."""
        trial, consent = self.trial, self.customers["consent"].to_numpy(bool)
        people = trial["customer_id"].to_numpy()
        codes = {word: code for code, word in enumerate(ACTIONS)}
        action = trial["action"].map(codes).to_numpy()
        lots = chances(consent[people])
        ordered = trial["ordered"].to_numpy(float)
        euros, left = trial["euros"].to_numpy(float), trial["left"].to_numpy(bool)
        return worlds.Campaign(
            people, action, lots, ordered, euros, left, consent, None
        )


def new_campaign(folder, seed=None, n_customers=100_000):
    """Make a shop that nobody has seen, and write what students and teacher get.

    ``folder/students`` is handed out: customers.csv, trial.csv and README.md.
    ``folder/answers-campaign.csv`` and ``folder/seed.txt`` stay with the teacher. The
    seed also turns the dials of the effects, so that the package says little of them.

    Parameters
    ----------
    folder : str or Path
        Created if it is missing. A folder that holds anything is refused.
    seed : int, optional
        If it is left out, 128 bits are drawn from the machine's source of secrets. A
        small seed can be found by trying.
    n_customers : int
        Three tenths of them take part in the trial.

    Returns
    -------
    int
        The seed.

    Raises
    ------
    Refused
        If the folder is not empty or cannot be written, or the seed is negative.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     seed = new_campaign(folder, seed=2, n_customers=4000)
    ...     sorted(path.name for path in Path(folder, "students").iterdir())
    ['README.md', 'customers.csv', 'trial.csv']
    """
    folder, seed = begin(folder, seed)
    shop = worlds.customers(n_customers, seed, JITTER)
    trial = shop.campaign(seed, round(TRIED * n_customers))
    with keeping(folder, seed):
        out = folder / STUDENTS
        out.mkdir(parents=True)
        shop.table.to_csv(out / "customers.csv", index_label="customer_id")
        trial.frame().to_csv(out / "trial.csv", index=False)
        (out / "README.md").write_text(README, encoding="utf-8")
        _answers(shop, trial).to_csv(folder / ANSWERS, index=False)
    return seed


def _answers(shop, trial):
    """Return the teacher's table: true values, and the plans of the baselines."""
    import pandas as pd

    value = trial.truth.value
    columns = {
        "customer_id": np.arange(shop.n_customers),
        "email": value[:, EMAIL].round(6),
        "letter": np.where(trial.consent, value[:, LETTER].round(6), np.nan),
    }
    words = np.array(ACTIONS)
    plans = baselines(shop, trial)
    return pd.DataFrame(columns | {name: words[plan] for name, plan in plans.items()})


def baselines(shop, trial):
    """Return the plans that a class is measured by, (n,) int each."""
    books = rules.books(shop.table, shop.features())
    seen = trial.customers, trial.action, trial.ordered
    lost = rules.lost_share(trial.action, trial.left)
    response = rules.response(books, *seen)
    return {
        "lifetime value": rules.letters_to(books.year, books.consent),
        "response": rules.letters_to(response, books.consent),
        "everybody": np.full(shop.n_customers, EMAIL),
        READERS: np.where(rules.reads(shop.table), EMAIL, NOTHING),
        "uplift": rules.planned(books, rules.effects(books, *seen), lost)[0],
    }


def load_campaign(folder):
    """Read what a teacher handed out.

    Parameters
    ----------
    folder : str or Path
        With the files that :func:`new_campaign` wrote for students.

    Returns
    -------
    CampaignTask

    Raises
    ------
    Refused
        If a file is missing or broken.

    Examples
    --------
    >>> load_campaign("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    recbook._core.refusals.Refused: 'nowhere' has no customers.csv; name what was ...
    """
    return handed_out(folder, ("customers.csv", "trial.csv"), _task)


def _task(folder):
    """Read the two files of a folder."""
    import pandas as pd

    customers = pd.read_csv(folder / "customers.csv")
    if customers.pop("customer_id").tolist() != [*range(len(customers))]:
        raise ValueError("customer_id does not count from 0")
    ages = pd.CategoricalDtype(worlds.people.AGES, ordered=True)
    customers["age"] = customers["age"].astype(ages)
    columns = {"consent": bool, "phone": bool, "T": float, "spend": float}
    customers = customers.astype(columns)
    trial = pd.read_csv(folder / "trial.csv")
    wanted = {"customer_id", "action", "ordered", "euros", "left"}
    if wanted - {*trial} or not trial["action"].isin(ACTIONS).all():
        raise ValueError("trial.csv has other columns or actions")
    return CampaignTask(customers, trial, f"the campaign in {folder}")


def form_of(task):
    """Return answers that know who may get what, and no value."""
    value = np.zeros((len(task.customers), len(ACTIONS)))
    value[~task.customers["consent"].to_numpy(bool), LETTER] = -np.inf
    return CampaignAnswers(np.arange(len(value)), value, {}, "what was handed out")


def is_campaign(path):
    """Return whether a file of answers, or a folder handed out, is a campaign's.

    >>> is_campaign("nowhere/answers.csv")
    False
    """
    path = Path(path)
    if path.is_dir():
        return (path / "trial.csv").is_file()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader([file.readline(1000)]), [])
    except (OSError, ValueError, csv.Error):
        return False
    return header[:1] == ["customer_id"]


def read_campaign(path):
    """Read answers-campaign.csv: ids, true values, and a column for each baseline.

    Parameters
    ----------
    path : str or Path
        As written by :func:`new_campaign`. Any column after email and letter is a
        baseline's plan. The trial in the folder ``students`` beside it says how well
        the readers' plan could be forecast.

    Returns
    -------
    CampaignAnswers

    Raises
    ------
    Refused
        As for a file that is handed in.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "answers-campaign.csv")
    ...     _ = path.write_text("customer_id,email,letter,idle\\n7,.1,,nothing\\n")
    ...     answers = read_campaign(path)
    >>> answers.value.tolist(), answers.baselines["idle"].tolist()
    ([[0.0, 0.1, -inf]], [0])
    """
    fields, places = read_columns(path, ["customer_id", "email", "letter"], True)
    ids = whole_numbers("customer_id", fields.pop("customer_id"), places)
    value = np.zeros((len(ids), len(ACTIONS)))
    way_out = "take a fresh copy of the answers"
    limits = -1e9, 1e9, way_out
    value[:, EMAIL] = numbers("email", fields.pop("email"), places, *limits)
    value[:, LETTER] = -np.inf  # where the field is empty, none is to be had
    letters = fields.pop("letter")
    given = [row for row, text in enumerate(letters) if text]
    texts, where = [letters[row] for row in given], [places[row] for row in given]
    value[given, LETTER] = numbers("letter", texts, where, *limits)
    codes = dict(zip(ACTIONS, range(len(ACTIONS)), strict=True))
    for name, words in fields.items():
        if {*words} - {*ACTIONS}:
            raise Refused(f"column {shown(name)} has an unknown action; {way_out}")
    plans = {name: np.array([codes[w] for w in ws]) for name, ws in fields.items()}
    width = np.nan
    if READERS in plans and (folder := Path(path).parent / STUDENTS).is_dir():
        width = rules.width_of_trial(load_campaign(folder))
    return CampaignAnswers(ids, value, plans, Path(path).name, width=width)
