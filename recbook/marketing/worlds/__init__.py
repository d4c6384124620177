"""Worlds in which the truth is known, from customers and ad views to weekly totals.

Everything is drawn by a program from a seed, so nothing has to be kept but the card,
``data/campaign/README.md``, which says what was put in. What no shop could know stands
under ``truth`` and nowhere else.
"""

from recbook.marketing.worlds.ads import Impressions, impressions
from recbook.marketing.worlds.budgets import Market, market
from recbook.marketing.worlds.days import Day, day
from recbook.marketing.worlds.letters import Trial
from recbook.marketing.worlds.mailings import ACTIONS, Campaign, Season
from recbook.marketing.worlds.media import Weeks, weeks
from recbook.marketing.worlds.panels import Regions, regions
from recbook.marketing.worlds.people import Customers, customers
from recbook.marketing.worlds.touches import Holdout, Journeys, journeys
from recbook.marketing.worlds.visitors import Banners, banners

__all__ = [
    "ACTIONS",
    "Banners",
    "Campaign",
    "Customers",
    "Day",
    "Holdout",
    "Impressions",
    "Journeys",
    "Market",
    "Regions",
    "Season",
    "Trial",
    "Weeks",
    "banners",
    "customers",
    "day",
    "impressions",
    "journeys",
    "market",
    "regions",
    "weeks",
]
