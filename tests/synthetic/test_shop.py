"""The shop's log: written again byte for byte, read back, and its effects are there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recbook import datasets
from recbook.datasets import bundled
from recbook.synthetic.__main__ import main
from recbook.synthetic.shop import card
from recbook.synthetic.shop import log as made
from recbook.synthetic.shop.customers import N_DAYS, START, Walk, welcome
from recbook.synthetic.shop.products import CATEGORIES, PER_CATEGORY

FOLDER = Path(__file__).parents[2] / "data" / "shop"
DAY = 86_400
MOMENTS = {kind.name: kind.moment for kind in CATEGORIES}
ROLES = {kind.name: kind.role for kind in CATEGORIES}


@pytest.fixture(scope="module")
def data():
    return made.generate()


@pytest.fixture(scope="module")
def shop():
    return datasets.load_shop()


@pytest.fixture(scope="module")
def bought(shop):
    rows = shop.events[shop.events.behaviour == "purchase"]
    return rows.merge(shop.products, on="product_id")


def test_written_again_byte_for_byte(tmp_path, data):
    written = made.write(tmp_path / "new", data)
    assert {path.name for path in written} | {"README.md"} == {
        path.name for path in FOLDER.iterdir()
    }
    for path in written:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name


def test_the_command_knows_a_shop_by_its_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(made.generate, "__defaults__", (0, 10))  # few customers
    assert main([str(tmp_path / "shop"), "--seed", "3"]) == 0
    rows = (tmp_path / "shop" / "events.csv").read_text().splitlines()
    assert rows[0] == "user_id,product_id,behaviour,timestamp,device"
    assert len(made.generate(3, 10).events) == len(rows) - 1
    assert main(["shop", "--card"]) == 0
    assert "| views; carts; purchases |" in capsys.readouterr().out


def test_the_card_shows_what_is_in_the_files(data):
    assert card.table(data) in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_sizes_and_columns(shop):
    events = shop.events
    names = ["user_id", "product_id", "behaviour", "timestamp", "device"]
    assert events.columns.tolist() == [*names, "hour", "weekday"]
    assert len(shop.products) == len(CATEGORIES) * PER_CATEGORY == 600
    assert shop.products.name.is_unique
    assert shop.products.groupby("category").size().eq(PER_CATEGORY).all()
    assert shop.users.columns.tolist() == ["user_id", "age", "joined", "consent"]
    for frame, name in ((shop.users, "user_id"), (shop.products, "product_id")):
        assert frame[name].tolist() == list(range(1, len(frame) + 1))
    assert 100_000 <= len(events) <= 150_000
    assert (FOLDER / "events.csv").stat().st_size < 2_500_000
    assert events.timestamp.is_monotonic_increasing
    assert events.timestamp.between(START, START + N_DAYS * DAY - 1).all()
    assert set(events.behaviour) == {"view", "cart", "purchase"}
    assert set(events.device) == {"desktop", "phone", "tablet"}


def test_hour_and_weekday_are_those_of_the_clock(shop):
    when = pd.to_datetime(shop.events.timestamp, unit="s")
    assert (when.dt.hour == shop.events.hour).all()
    assert (when.dt.strftime("%a") == shop.events.weekday).all()


def test_nobody_acts_before_joining_and_refusal_is_kept(shop):
    events = shop.events.merge(shop.users, on="user_id")
    day = pd.to_datetime(events.timestamp, unit="s").dt.floor("D")
    assert (day >= events.joined).all()
    assert set(events.behaviour[~events.consent]) == {"purchase"}
    assert 0.09 < (~shop.users.consent).mean() < 0.15


def test_no_two_visits_at_once(shop):
    rows = shop.events.sort_values(["user_id", "timestamp"], kind="stable")
    same = rows.user_id.eq(rows.user_id.shift())
    gap = rows.timestamp.diff()[same]
    assert (gap > 0).all()
    turns = rows.device.ne(rows.device.shift())[same]
    assert gap[turns].min() > 1800  # a visit is made with one device


def test_every_purchase_was_in_the_cart(shop):
    """A row of a person's product: each purchase uses up a cart that came before it."""
    told = set(shop.users.user_id[shop.users.consent])
    rows = shop.events[shop.events.user_id.isin(told)]
    rows = rows.sort_values(["user_id", "product_id", "timestamp"], kind="stable")
    change = rows.behaviour.map({"view": 0, "cart": 1, "purchase": -1})
    left = change.groupby([rows.user_id, rows.product_id]).cumsum()
    assert (left >= 0).all()


@pytest.mark.parametrize(
    ("moment", "least"), [("night phone", 3), ("noon desktop", 3), ("weekend", 2)]
)
def test_moments(bought, moment, least):
    now = {
        "night phone": (bought.device == "phone") & bought.hour.isin([21, 22, 23, 0]),
        "noon desktop": (bought.device == "desktop") & bought.hour.isin([11, 12, 13]),
        "weekend": bought.weekday.isin(["Sat", "Sun"]),
    }[moment]
    kind = bought.category.map(MOMENTS)
    assert now[kind == moment].mean() > least * now[kind == "any"].mean()


def test_views_and_carts_come_before_purchases_and_fade(shop):
    """The share of what was looked at that is bought falls from span to span."""
    rows = shop.events
    buys = rows[rows.behaviour == "purchase"]
    for behaviour in ("view", "cart"):
        seen = rows[(rows.behaviour == behaviour)].merge(
            buys, on=["user_id", "product_id"], suffixes=("", "_later")
        )
        days = (seen.timestamp_later - seen.timestamp) / DAY
        found = [days.between(a, a + 3).sum() for a in (0.1, 3.1, 6.1, 9.1)]
        assert found[0] > 2 * found[1] > 3 * found[2]
    assert rows.behaviour.value_counts()["view"] > 3 * len(buys)


def test_consumables_come_again_after_a_month(bought):
    rows = bought.sort_values("timestamp")
    days = rows.groupby(["user_id", "product_id"]).timestamp.diff() / DAY
    role = rows.category.map(ROLES)
    again, early = days.between(25, 35), days.between(10, 20)
    assert again[role == "consumable"].mean() > 0.3
    assert again[role == "plain"].mean() < 0.05
    assert again[role == "consumable"].sum() > 5 * early[role == "consumable"].sum()


def test_accessories_fit_what_was_bought(data, bought):
    """Two accessories make up most of what follows a main product."""
    kinds = {kind.name: kind.with_ for kind in CATEGORIES}
    fits = made.stock(np.random.default_rng([0, 46])).fits
    rows = bought[bought.category.map(ROLES) == "accessory"]
    mains = bought[bought.category.map(ROLES) == "main"]
    pairs = rows.merge(mains, on="user_id", suffixes=("", "_main"))
    pairs = pairs[pairs.category.map(kinds) == pairs.category_main]
    days = (pairs.timestamp - pairs.timestamp_main) / DAY
    soon = pairs[days.between(0, 8)]
    suit = [
        a - 1 in fits[m - 1]
        for a, m in zip(soon.product_id, soon.product_id_main, strict=True)
    ]
    assert np.mean(suit) > 0.8
    assert len(soon) > 0.4 * len(rows)


def test_thrift_is_a_trait_of_the_person(bought):
    price = np.log(bought.price)
    price = price - price.groupby(bought.category).transform("mean")
    half = bought.category.isin(sorted(MOMENTS)[::2])
    rows = bought.assign(dear=price, half=half)
    both = rows.pivot_table("dear", "user_id", "half").dropna()
    assert both.corr().iloc[0, 1] > 0.5


def test_purchases_are_a_rating_table(shop):
    table = shop.purchases()
    rows = shop.events[shop.events.behaviour == "purchase"]
    assert table.values.sum() == len(rows)
    assert table.csr.shape == (1500, 600)
    mine = rows[rows.user_id == rows.user_id.iloc[0]]
    code = mine.user_id.iloc[0] - 1
    for product, times in mine.product_id.value_counts().items():
        assert table.csr[code, product - 1] == times
    place = np.flatnonzero(table.users == code)
    last = mine.groupby("product_id").timestamp.max()
    assert table.timestamps[place].tolist() == last.tolist()


def test_split_cuts_whole_days(shop):
    before, after = shop.split(days=30)
    assert len(before) + len(after) == len(shop.events)
    end = START + N_DAYS * DAY
    assert before.timestamp.max() < end - 30 * DAY <= after.timestamp.min()
    assert len(shop.split(days=0)[1]) == 0
    with pytest.raises(ValueError, match="days"):
        shop.split(days=-1)


def test_a_missing_folder_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(bundled, "__file__", str(tmp_path / "recbook" / "any.py"))
    with pytest.raises(FileNotFoundError, match="install recbook again"):
        datasets.load_shop()


def test_another_seed_is_another_shop_of_the_same_sizes():
    one, other = made.generate(1, 30), made.generate(2, 30)
    assert one.events == made.generate(1, 30).events
    assert one.events != other.events
    assert len(one.users) == 30
    assert len(other.products) == 600


def test_a_walk_stays_in_its_half_year():
    rng = np.random.default_rng(5)
    stock = made.stock(rng)
    people = welcome(rng, 3)
    for user in range(3):
        rows = Walk(rng, stock, people, user).events_of()
        times = [row[2] for row in rows]
        assert times == sorted(times)
        assert all(START <= t < START + N_DAYS * DAY for t in times)
