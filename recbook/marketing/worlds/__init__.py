"""Worlds whose truth is known, from customers and impressions to weekly totals.

Everything is drawn by a program from a seed, so nothing has to be kept but the card,
``data/campaign/README.md``, which says what was put in. What no shop could know stands
under ``truth`` and nowhere else.
"""

from recbook.marketing.worlds.attribution import Holdout, Journeys, journeys
from recbook.marketing.worlds.bandits import Banners, banners
from recbook.marketing.worlds.campaign import ACTIONS, Campaign, Season
from recbook.marketing.worlds.ctr import Impressions, impressions
from recbook.marketing.worlds.delays import Conversions, conversions
from recbook.marketing.worlds.experiments import Market, market
from recbook.marketing.worlds.frequency import Audience, audience
from recbook.marketing.worlds.geo import Regions, regions
from recbook.marketing.worlds.mix import Weeks, weeks
from recbook.marketing.worlds.natural import (
    Nudges,
    Rollout,
    Vouchers,
    nudges,
    rollout,
    vouchers,
)
from recbook.marketing.worlds.observational import Mailing, mailing
from recbook.marketing.worlds.pacing import Day, day
from recbook.marketing.worlds.people import Customers, customers
from recbook.marketing.worlds.positions import ProductLists, product_lists
from recbook.marketing.worlds.programme import Archive, Launch, archive, launch
from recbook.marketing.worlds.survival import Members, members
from recbook.marketing.worlds.uplift import Trial

__all__ = [
    "customers",
    "Customers",
    "Trial",
    "members",
    "Members",
    "Campaign",
    "Season",
    "ACTIONS",
    "banners",
    "Banners",
    "conversions",
    "Conversions",
    "impressions",
    "Impressions",
    "product_lists",
    "ProductLists",
    "market",
    "Market",
    "archive",
    "Archive",
    "launch",
    "Launch",
    "nudges",
    "Nudges",
    "rollout",
    "Rollout",
    "vouchers",
    "Vouchers",
    "day",
    "Day",
    "audience",
    "Audience",
    "journeys",
    "Journeys",
    "Holdout",
    "regions",
    "Regions",
    "mailing",
    "Mailing",
    "weeks",
    "Weeks",
]
