"""The embedded data: its files, marginals and structure, and that it is made again."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from recbook import synthetic
from recbook.synthetic import card, draw
from recbook.synthetic import titles as names
from recbook.synthetic.__main__ import main

FOLDER = Path(__file__).parents[2] / "data" / "ml-100k"
SPLITS = [f"u{k}" for k in range(1, 6)] + ["ua", "ub"]
FILES = [f"{name}.{half}" for name in SPLITS for half in ("base", "test")]
FILES += ["u.data", "u.genre", "u.info", "u.item", "u.occupation", "u.user"]


def rows(path):
    return np.loadtxt(path, dtype=np.int64, delimiter="\t")


def lines(name):
    text = (FOLDER / name).read_bytes().decode("latin-1")
    return [line.split("|") for line in text.splitlines() if line]


@pytest.fixture(scope="module")
def table():
    return rows(FOLDER / "u.data")


@pytest.fixture(scope="module")
def data():
    return synthetic.generate()


def test_written_again_byte_for_byte(tmp_path, data):
    written = synthetic.write(tmp_path, data)
    assert sorted(path.name for path in written) == sorted(FILES)
    for name in FILES:
        ours, again = ((f / name).read_bytes() for f in (FOLDER, tmp_path))
        assert hashlib.sha256(again).digest() == hashlib.sha256(ours).digest(), name


def test_command_line_writes_and_prints_the_card(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "data/ml-100k" in capsys.readouterr().err
    assert main([str(tmp_path / "deep" / "er"), "--seed", "1"]) == 0
    assert (tmp_path / "deep" / "er" / "u.data").stat().st_size > 1_900_000
    assert (tmp_path / "deep" / "er" / "u.data").read_bytes() != (
        FOLDER / "u.data"
    ).read_bytes()


def test_card_shows_the_statistics_of_the_data(data):
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert card.table(data) in readme


def test_sizes_and_ranges(table):
    assert table.shape == (100_000, 4)
    assert len(np.unique(table[:, :2], axis=0)) == 100_000
    assert np.array_equal(np.unique(table[:, 0]), np.arange(1, 944))
    assert np.array_equal(np.unique(table[:, 1]), np.arange(1, 1683))
    assert np.bincount(table[:, 0])[1:].min() >= 20
    assert table[:, 3].min() >= 874_713_600  # 20 September 1997
    assert table[:, 3].max() < 893_289_600  # 23 April 1998


def test_marginals_are_near_the_real_ones(table):
    shares = np.bincount(table[:, 2])[1:] / 1000
    assert np.allclose(shares, [6, 11, 27, 34, 21], atol=1)
    users, items = np.bincount(table[:, 0])[1:], np.bincount(table[:, 1])[1:]
    assert abs(table[:, 2].mean() - 3.53) < 0.02
    assert 60 < np.median(users) < 72
    assert 650 < users.max() < 800
    assert 23 < np.median(items) < 31
    assert 480 < items.max() < 620
    assert 110 < (items == 1).sum() < 180


def test_rows_are_shuffled(table):
    assert abs(np.corrcoef(np.arange(len(table)), table[:, 0])[0, 1]) < 0.02
    assert abs(np.corrcoef(np.arange(len(table)), table[:, 3])[0, 1]) < 0.02


@pytest.mark.parametrize("name", SPLITS)
def test_base_and_test_make_the_whole(name, table):
    base, test = rows(FOLDER / f"{name}.base"), rows(FOLDER / f"{name}.test")
    whole = np.concatenate([base, test])
    assert np.array_equal(
        whole[np.lexsort(whole[:, 1::-1].T)], table[np.lexsort(table[:, 1::-1].T)]
    )
    for half in (base, test):
        assert np.array_equal(half, half[np.lexsort(half[:, 1::-1].T)])
    if name in ("ua", "ub"):
        assert (np.bincount(test[:, 0])[1:] == 10).all()
    else:
        assert len(test) == 20_000


@pytest.mark.parametrize("group", [SPLITS[:5], SPLITS[5:]])
def test_test_sets_are_disjoint(group):
    pairs = np.concatenate([rows(FOLDER / f"{name}.test")[:, :2] for name in group])
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_items_have_24_fields_in_latin_1():
    items = lines("u.item")
    assert {len(fields) for fields in items} == {24}
    assert [int(fields[0]) for fields in items] == list(range(1, 1683))
    assert len({fields[1] for fields in items}) == 1664
    flags = np.array([fields[5:] for fields in items]).astype(int)
    assert set(np.unique(flags)) == {0, 1}
    assert (flags.sum(axis=1) >= 1).all()
    assert (flags.sum(axis=0) >= 1).all()
    with pytest.raises(UnicodeDecodeError):
        (FOLDER / "u.item").read_bytes().decode("utf-8")


def test_people_and_small_files():
    people = lines("u.user")
    assert [int(fields[0]) for fields in people] == list(range(1, 944))
    assert {len(fields) for fields in people} == {5}
    assert {fields[2] for fields in people} == {"F", "M"}
    occupations = [line[0] for line in lines("u.occupation")]
    assert len(occupations) == 21
    assert {fields[3] for fields in people} <= set(occupations)
    assert lines("u.genre") == [[name, str(k)] for k, name in enumerate(names.GENRES)]
    info = (FOLDER / "u.info").read_text()
    assert info == "943 users\n1682 items\n100000 ratings\n"


def test_nobody_rates_a_film_before_its_release(table):
    months = "JanFebMarAprMayJunJulAugSepOctNovDec"
    release = np.full(1683, "1900-01-01", "datetime64[D]")
    for fields in lines("u.item"):
        if fields[2]:
            day, month, year = fields[2].split("-")
            release[int(fields[0])] = f"{year}-{months.index(month) // 3 + 1:02d}-{day}"
    rated = table[:, 3].astype("datetime64[s]").astype("datetime64[D]")
    assert (rated >= release[table[:, 1]]).all()


def rmse(base, test, damping):
    """Test RMSE of mean, damped item means, and damped means of both, by plain sums."""
    stars, mean = base[:, 2].astype(float), base[:, 2].mean()
    user, item = np.zeros(944), np.zeros(1683)
    found = {"mean": np.full(len(test), mean)}
    for name in ("item", "user"):
        column, effect = (1, item) if name == "item" else (0, user)
        rest = stars - mean - user[base[:, 0]] - item[base[:, 1]]
        total = np.bincount(base[:, column], rest, minlength=len(effect))
        count = np.bincount(base[:, column], minlength=len(effect))
        effect += total / (count + damping)
        found[name] = mean + user[test[:, 0]] + item[test[:, 1]]
    return {name: np.sqrt(np.mean((p - test[:, 2]) ** 2)) for name, p in found.items()}


def test_baselines_stand_in_the_real_order_near_the_real_sizes():
    error = rmse(rows(FOLDER / "u1.base"), rows(FOLDER / "u1.test"), damping=5.0)
    assert error["item"] < error["mean"] - 0.08
    assert error["user"] < error["item"] - 0.06  # with the user's bias as well
    assert 0.93 < error["user"] < 0.97


def test_the_film_before_tells_more_than_the_films_in_common(table):
    """A first-order chain beats co-occurrence at naming each user's last film."""
    table = table[np.lexsort((table[:, 3], table[:, 0]))]
    user, item = table[:, 0] - 1, table[:, 1] - 1
    last = np.append(user[1:] != user[:-1], True)
    seen = np.zeros((943, 1682))
    seen[user[~last], item[~last]] = 1
    both = seen.T @ seen
    cosine = both / np.sqrt(np.outer(both.diagonal(), both.diagonal()) + 1e-9)
    chain = np.zeros((1682, 1682))
    follows = ~last[1:] & ~last[:-1]
    np.add.at(chain, (item[:-1][follows], item[1:][follows]), 1)
    previous = item[np.append(last[1:], False)]
    blind, aware = seen @ cosine, chain[previous]

    def hits(scores):
        scores = np.where(seen > 0, -1.0, scores)
        target = scores[np.arange(943), item[last]]
        return ((scores > target[:, None]).sum(axis=1) < 10).mean()

    assert hits(aware) > 1.5 * hits(blind) > 0.05


def test_genre_and_decade_explain_a_share_of_films_means_near_the_real_one(data):
    """Shares of the real set: 0.17 for genre, 0.19 for decade, 0.35 for both."""
    kinds, decade = card.described(data)
    level, _ = card.residuals(data.table)
    n = np.bincount(data.table[:, 1] - 1)
    assert 0.12 < card.explained(kinds, level, n) < 0.22
    assert 0.15 < card.explained(decade, level, n) < 0.25
    both = np.hstack([kinds, decade])
    assert 0.29 < card.explained(both, level, n) < 0.41


def test_genre_and_decade_tell_of_films_without_ratings(data):
    """A regression on four fifths of the films finds the level of the others."""
    both = np.hstack(card.described(data))
    level, _ = card.residuals(data.table)
    n = np.bincount(data.table[:, 1] - 1)
    fold, error = np.arange(len(n)) % 5, np.zeros(2)
    for k in range(5):
        old, new = fold != k, fold == k
        mean = np.average(level[old], weights=n[old])
        x, gap = both[old], level[old] - mean
        penalty = 20 * np.eye(x.shape[1])
        beta = np.linalg.solve((x.T * n[old]) @ x + penalty, (x.T * n[old]) @ gap)
        for place, guess in enumerate((mean, mean + both[new] @ beta)):
            error[place] += (n[new] * (level[new] - guess) ** 2).sum()
    assert 0.19 < 1 - error[1] / error[0] < 0.36  # real: 0.30


def test_a_person_leans_to_genres_about_as_much_as_a_real_one(data):
    """Of the real set: 0.038 for films of the same genres, -0.020 without any."""
    kinds, _ = card.described(data)
    like, unlike = card.leaning(data.table, kinds, card.residuals(data.table)[1])
    assert 0.030 < like < 0.065
    assert -0.030 < unlike < -0.014


def test_people_choose_by_genre_nearly_as_much_as_real_ones(data):
    """Spread of their shares of genres past chance, of the real set: 0.128."""
    assert 0.10 < card.spread(data.table, card.described(data)[0]) < 0.14


def test_age_and_gender_say_little_of_taste(data):
    """Groups differ by genre about as little as on the real set: 0.08 and 0.07."""
    user, item = data.table[:, 0] - 1, data.table[:, 1] - 1
    _, rest = card.residuals(data.table)
    age = np.array([int(line[1]) for line in data.people])[user]
    woman = np.array([line[2] == "F" for line in data.people])[user]
    has = card.described(data)[0][item] > 0
    large = np.flatnonzero(has.sum(axis=0) > 2000)
    for one, other in ((woman, ~woman), (age >= 40, age < 30)):
        gaps = [
            rest[has[:, g] & one].mean() - rest[has[:, g] & other].mean() for g in large
        ]
        assert 0.03 < np.sqrt(np.mean(np.square(gaps))) < 0.10


def test_a_page_holds_films_that_are_well_known_old_or_of_one_era(data):
    """As people's ties are: the real set's values stand beside ours in the card."""
    table = data.table
    size, user, item = card.page_sizes(table), table[:, 0] - 1, table[:, 1] - 1
    assert size.max() == 10
    assert 0.72 < (size > 1).mean() < 0.79
    known = np.log(np.bincount(item))[item]
    known -= (np.bincount(user, known) / np.bincount(user))[user]
    assert 0.1 < known[size >= 4].mean() - known[size == 1].mean() < 0.3
    year = card.years(data)[item]
    assert 1.5 < year[size == 1].mean() - year[size >= 4].mean() < 5


def test_some_rate_by_the_page_and_some_one_by_one(data):
    """Middle half of the shares that people rate with others: real 0.67 to 0.85."""
    size, user = card.page_sizes(data.table), data.table[:, 0] - 1
    busy = np.bincount(user) >= 60
    share = (np.bincount(user, size > 1) / np.bincount(user))[busy]
    low, high = np.quantile(share, [0.25, 0.75])
    assert 0.12 < high - low < 0.24


def test_films_of_one_page_are_nearer_in_time_than_others_of_their_person(data):
    year = card.years(data)[data.table[:, 1] - 1].astype(float)
    size, user = card.page_sizes(data.table), data.table[:, 0] - 1
    many = size > 1
    _, page = np.unique(data.table[many][:, [0, 3]], axis=0, return_inverse=True)
    page, mine, n = page.ravel(), year[many], size[many]
    mean = (np.bincount(page, mine) / np.bincount(page))[page]
    within = ((mine - mean) ** 2 * n / (n - 1)).mean()
    usual = (np.bincount(user, year) / np.bincount(user))[user]
    ratio = within / ((year - usual)[many] ** 2).mean()
    assert ratio < 0.95  # real: 0.83; of pages cut at random: 1


def test_people_whose_last_films_tie_are_easier_to_guess(table):
    """From co-occurrence with the ten films before, among ten suggestions."""
    table = table[np.lexsort((table[:, 3], table[:, 0]))]
    user, item = table[:, 0] - 1, table[:, 1] - 1
    last = np.flatnonzero(np.append(user[1:] != user[:-1], True))
    tied = table[last, 3] == table[last - 1, 3]
    assert 390 < tied.sum() < 480  # real: 415
    seen, recent = np.zeros((943, 1682)), np.zeros((943, 1682))
    seen[user, item] = 1
    seen[np.arange(943), item[last]] = 0
    for back in range(1, 11):
        recent[np.arange(943), item[last - back]] = 1
    both = seen.T @ seen
    cosine = both / np.sqrt(np.outer(both.diagonal(), both.diagonal()) + 1e-9)
    scores = np.where(seen > 0, -1.0, recent @ cosine)
    target = scores[np.arange(943), item[last]]
    hit = (scores > target[:, None]).sum(axis=1) < 10
    assert hit[tied].mean() > 1.25 * hit[~tied].mean()


def test_films_of_a_series_are_loved_by_the_same_people(table):
    """Residuals of two parts of a series go together, those of two others do not."""
    user, item = table[:, 0] - 1, table[:, 1] - 1
    residual = table[:, 2] - table[:, 2].mean()
    for code in (user, item, user, item):
        residual = residual - (np.bincount(code, residual) / np.bincount(code))[code]
    rest = np.full((943, 1682), np.nan)
    rest[user, item] = residual
    parts = {}
    for fields in lines("u.item"):
        stem = fields[1][:-7].replace(" II", "").replace("I", "")
        parts.setdefault(stem, []).append(int(fields[0]) - 1)
    pairs = [(p[0], p[1]) for p in parts.values() if len(p) > 1]
    others = [(a, (b + 7) % 1682) for a, b in pairs]
    related, unrelated = (
        np.nanmean(np.concatenate([rest[:, a] * rest[:, b] for a, b in some]))
        for some in (pairs, others)
    )
    assert related > unrelated + 0.1


def test_ratings_of_other_sizes():
    table = synthetic.ratings(300, 500, 12_000, seed=3)
    assert (table.n_users, table.n_items, table.n_ratings) == (300, 500, 12_000)
    assert np.bincount(table.users).min() >= 20
    again = synthetic.ratings(300, 500, 12_000, seed=3)
    other = synthetic.ratings(300, 500, 12_000, seed=4)
    assert np.array_equal(table.values, again.values)
    assert not np.array_equal(table.items, other.items)
    counts = np.sort(np.bincount(table.items, minlength=500))[::-1]
    assert counts[:50].sum() > 0.3 * 12_000  # the long tail: a tenth takes a third


@pytest.mark.parametrize("sizes", [(1, 3, 1), (10, 10, 20), (40, 30, 400)])
def test_small_sizes(sizes):
    data = synthetic.generate(0, *sizes)
    assert len(np.unique(data.table[:, :2], axis=0)) == sizes[2]
    assert data.table[:, 2].min() >= 1
    assert data.table[:, 2].max() <= 5
    assert synthetic.ratings(*sizes).n_ratings == sizes[2]


@pytest.mark.parametrize(
    ("sizes", "word"),
    [((0, 5, 5), "n_users"), ((5, 2.5, 5), "n_items"), ((5, 5, 20), "n_ratings=20")],
)
def test_impossible_sizes_are_refused(sizes, word):
    with pytest.raises(ValueError, match=word):
        synthetic.ratings(*sizes)


def test_draws():
    z = draw.normal(np.random.default_rng(0), 20_000)
    assert abs(z.mean()) < 0.03
    assert abs(z.std() - 1) < 0.02
    assert draw.ranks(np.array([2.0, 1.0, 2.0])).tolist() == [1, 0, 2]
    assert draw.standard(np.ones(3)).tolist() == [0, 0, 0]


def test_titles_are_distinct_even_where_words_run_out():
    titles = names.invent(np.random.default_rng(0), ["Fantasy"] * 3000)
    assert len(set(titles)) == 3000
    assert names.sequel("Alibi of Quillon, The", 2) == "Alibi of Quillon III, The"
    assert names.sequel("Tin Buffet", 1) == "Tin Buffet II"
