"""Worlds in which the truth is known, from recbook.marketing.worlds.ads import Impressions, impressions
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
