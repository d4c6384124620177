"""The loader takes the first sound place, and says which one it could not have."""

import numpy as np
import pandas as pd
import pytest

from recbook import datasets
from recbook.datasets import files

DAY = 86_400


def test_ratings_of_a_folder(tiny):
    movielens = datasets.load_ml100k()
    ratings = movielens.ratings
    assert ratings.user_ids.tolist() == [1, 2, 3, 4]
    assert ratings.item_ids.tolist() == [1, 2, 3, 4, 5]
    rows = zip(ratings.users + 1, ratings.items + 1, ratings.values, strict=True)
    assert list(rows)[:3] == [(1, 1, 5), (1, 2, 3), (2, 1, 4)]
    assert ratings.n_ratings == 10
    assert ratings.timestamps.tolist() == [t * DAY for t in range(1, 11)]
    assert (movielens.is_real, movielens.folder) == (False, tiny)


def test_movies_of_a_folder(tiny):
    movies = datasets.load_ml100k().movies
    assert list(movies.columns[:4]) == ["movie_id", "title", "release_date", "year"]
    assert movies["title"][0] == "Löwe (1995)"
    assert movies["release_date"][1] == movies["release_date"][4]
    assert movies["release_date"][1] == pd.Timestamp(1971, 2, 4)
    assert movies["year"].dropna().tolist() == [1995, 1971, 1996, 1971]
    assert movies["release_date"].isna().tolist() == [False, False, True, False, False]
    assert datasets.load_ml100k().genres == ["unknown", "Action", "Drama"]
    assert movies["Drama"].dtype == bool
    assert movies["Drama"].tolist() == [False, True, False, True, True]


def test_users_of_a_folder(tiny):
    users = datasets.load_ml100k().users
    assert list(users.columns) == ["user_id", "age", "gender", "occupation", "zip_code"]
    assert users["age"].tolist() == [24, 53, 7, 30]
    assert users["zip_code"].tolist() == ["85711", "T8H1N", "00501", "99999"]


def test_order_of_ids_is_that_of_codes(tiny):
    path = tiny / "u.item"
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    movielens = datasets.load_ml100k()
    assert movielens.movies["movie_id"].tolist() == [1, 2, 3, 4, 5]
    assert movielens.ratings.items[1] == 1


@pytest.mark.parametrize(
    ("call", "name"), [({"k": 1}, "u1"), ({"k": 5}, "u5"), ({"which": "ub"}, "ub")]
)
def test_folds_are_the_official_files(tiny, call, name):
    movielens = datasets.load_ml100k()
    for half, path in zip(movielens.fold(**call), ("base", "test"), strict=True):
        assert half.csr.shape == (4, 5)
        frame = half.frame().astype(np.int64)
        text = "".join("\t".join(map(str, row)) + "\n" for row in frame.to_numpy())
        assert text == (tiny / f"{name}.{path}").read_text()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({}, "k must be an integer of at least 1, got None"),
        ({"k": 0}, "k must be .* got 0"),
        ({"k": 6}, "k must be from 1 to 5, got 6"),
        ({"k": 1, "which": "ua"}, "'ua' takes no number, got k=1"),
        ({"which": "u1"}, "which must be 'u' or 'ua' or 'ub', got 'u1'"),
    ],
)
def test_folds_that_are_not(tiny, call, message):
    with pytest.raises(ValueError, match=message):
        datasets.load_ml100k().fold(**call)


def test_other_line_ends_and_utf8_are_read_alike(tiny):
    plain = datasets.load_ml100k()
    for name in ("u.data", "u.item", "u1.base"):
        text = (tiny / name).read_bytes().decode("latin-1").replace("\n", "\r\n")
        (tiny / name).write_bytes(text.encode("utf-8-sig"))
    saved_again = datasets.load_ml100k()
    pd.testing.assert_frame_equal(saved_again.movies, plain.movies)
    assert saved_again.ratings.frame().equals(plain.ratings.frame())


# --- Which place is taken


def test_a_folder_that_is_not_grouplens_s_says_so_once(tiny, capsys):
    datasets.load_ml100k()
    datasets.load_ml100k()
    out = capsys.readouterr().out
    assert out.count("is not GroupLens's MovieLens 100K") == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("u.data", b"2\t1\t4", b"2\t1\t3"),
        ("u.item", b"|0|1|0", b"|0|1|1"),
        ("u.user", b"|F|", b"|M|"),
        ("u.genre", b"Drama", b"Horror"),
    ],
)
def test_real_is_what_has_every_checksum(tiny, monkeypatch, capsys, name, old, new):
    names = ("u.data", "u.item", "u.user", "u.genre")
    own = {name: files.digest(tiny / name) for name in names}
    monkeypatch.setattr(files, "PUBLISHED", own)
    assert datasets.load_ml100k().is_real
    text = (tiny / "u.item").read_bytes().decode("latin-1")
    (tiny / "u.item").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert datasets.load_ml100k().is_real  # the same text, saved again
    assert capsys.readouterr().out == ""
    content = (tiny / name).read_bytes()
    (tiny / name).write_bytes(content.replace(old, new, 1))
    altered = datasets.load_ml100k()
    assert (altered.is_real, altered.name) == (False, "the data in ml-tiny")
    assert f"the checksum of its {name} differs" in capsys.readouterr().out


def test_embedded_takes_nothing_else(tiny):
    movielens = datasets.load_ml100k("embedded")
    assert (movielens.ratings.n_ratings, movielens.is_real) == (100_000, False)


def test_auto_ends_at_the_embedded_data_with_one_notice(fresh, capsys):
    for _ in range(2):
        movielens = datasets.load_ml100k()
        assert (movielens.is_real, movielens.ratings.n_ratings) == (False, 100_000)
    out = capsys.readouterr().out
    assert out.count("generated data") == 1
    assert "RECBOOK_OFFLINE is set" in out
    assert len(out.splitlines()) == 2


NOBODY = "~nobody-has-this-name/ml-100k"


@pytest.mark.parametrize("source", ["auto", "real"])
def test_a_home_that_is_not_known_is_named(fresh, monkeypatch, source):
    monkeypatch.setenv("RECBOOK_ML100K", NOBODY)
    with pytest.raises(FileNotFoundError, match=f"RECBOOK_ML100K is '{NOBODY}'.*home"):
        datasets.load_ml100k(source)


def no_home(project):
    raise RuntimeError("could not determine the home directory")


@pytest.mark.parametrize("os_cache", [None, no_home, lambda project: NOBODY])
def test_a_cache_without_a_home_is_no_place(fresh, monkeypatch, capsys, os_cache):
    if os_cache is None:
        monkeypatch.setenv("RECBOOK_CACHE", NOBODY)
    else:  # what pooch does for a user without an entry, such as in a container
        monkeypatch.delenv("RECBOOK_CACHE")
        monkeypatch.setattr("pooch.os_cache", os_cache)
    monkeypatch.setenv("RECBOOK_OFFLINE", "0")
    with pytest.raises(FileNotFoundError, match=r"the cache: .*no home.*RECBOOK_CACHE"):
        datasets.load_ml100k("real")
    assert not datasets.load_ml100k().is_real
    assert "no home folder is known" in capsys.readouterr().out


def test_real_says_where_it_looked(fresh, tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        datasets.load_ml100k("real")
    for words in (
        "$RECBOOK_ML100K: not set",
        str(tmp_path / "cache" / "ml-100k.zip"),
        "RECBOOK_OFFLINE is set",
        "https://grouplens.org",
    ):
        assert words in str(caught.value)


def test_a_wrong_source_is_named():
    with pytest.raises(ValueError, match=r"source must be .* got 'reel'"):
        datasets.load_ml100k("reel")


# --- The data sets themselves


def test_toy_is_the_table_of_the_book(toy):
    assert toy.user_ids.tolist() == ["Ann", "Bob", "Cem", "Dee", "Eve"]
    assert toy.item_ids.tolist() == ["Alien", "Dune", "Heat", "Up", "Coco", "Babe"]
    assert toy.values.mean() == 3.5
    assert toy.timestamps.tolist() == list(range(1, 21))
    assert np.diff(toy.users).min() == 0  # Ann first, Eve last
    # Ann and Bob share Alien, Dune, Heat, Up: (5 5 4 1) and (4 5 5 2), of means 3.75
    # and 4. Deviations (1.25 1.25 .25 -2.75) and (0 1 1 -2): products sum to 7, norms
    # are sqrt(10.75) and sqrt(6), so Pearson is 7 / 8.0312 = 0.8716.
    both = toy.csr[:2, :4].toarray()
    assert np.corrcoef(both)[0, 1] == pytest.approx(0.8716, abs=5e-5)


def check_shape_of_ml100k(movielens):
    """Check what the real and the embedded data share."""
    ratings = movielens.ratings
    assert (ratings.n_users, ratings.n_items, ratings.n_ratings) == (943, 1682, 100_000)
    assert ratings.user_ids.tolist() == list(range(1, 944))
    assert ratings.item_ids.tolist() == list(range(1, 1683))
    assert set(ratings.values) == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert np.bincount(ratings.users).min() >= 20
    assert len(movielens.genres) == 19
    assert movielens.movies["movie_id"].tolist() == list(range(1, 1683))
    for k in range(1, 6):
        train, test = movielens.fold(k)
        assert (train.n_ratings, test.n_ratings) == (80_000, 20_000)
    for which in ("ua", "ub"):
        _, test = movielens.fold(which=which)
        np.testing.assert_array_equal(np.bincount(test.users), np.full(943, 10))


def test_embedded_data_has_the_shape_of_ml100k(movielens):
    check_shape_of_ml100k(movielens)


def test_real_data(real):
    check_shape_of_ml100k(real)
    assert real.is_real
    assert real.name == "MovieLens 100K"
    assert real.movies["title"].nunique() == 1664
    assert real.movies.loc[real.movies["year"].isna(), "title"].tolist() == ["unknown"]
    assert real.users["zip_code"].str.contains("[A-Z]").any()
    # Published statistics: mean 3.53, 21 201 fives.
    assert real.ratings.values.mean() == pytest.approx(3.52986)
    assert (real.ratings.values == 5).sum() == 21_201
