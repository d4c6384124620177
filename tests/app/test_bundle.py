"""The bundle: the towers' numbers, refused where damaged, never unpickled."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recbook import datasets
from recbook.app import bundle as bundles
from recbook.app.bundle import Bundle, BundleError
from recbook.app.catalogue import Film
from recbook.app.towers import ServingTower
from recbook.project import FilmData, Product

faiss = pytest.importorskip("faiss")


def drawn(n=400, k=8, seed=0):
    """A bundle of drawn towers, with its graph."""
    rng = np.random.default_rng(seed)
    tastes, weights = rng.normal(size=(n, k)), 2 * rng.normal(size=(n, 1))
    films = tuple(
        Film(3 * row + 1, f"Film {row}", 1950 + row % 50, ("Drama", "War")[: row % 3])
        for row in range(n)
    )
    retrieval = ServingTower.simple(tastes, weights)
    rating = ServingTower.simple(tastes / 9, weights / 9, mean=3.5)
    index = bundles.neighbours.build(retrieval.films)
    return Bundle("drawn", films, retrieval, rating, index)


@pytest.fixture
def folder(tmp_path):
    bundles.write(drawn(), tmp_path / "bundle")
    return tmp_path / "bundle"


def test_what_is_read_is_what_was_written(folder):
    written, read = drawn(), bundles.read(folder)
    assert read.name == written.name
    assert read.films == written.films
    for half in ("retrieval", "rating"):
        ours, theirs = getattr(written, half), getattr(read, half)
        for name, array in ours.arrays().items():
            np.testing.assert_array_equal(array, theirs.arrays()[name])
    user = written.retrieval.user_vector(np.array([3, 9]), np.array([5, 1]))
    for ours, theirs in zip(written.search(user, 50), read.search(user, 50)):  # noqa: B905
        np.testing.assert_array_equal(ours, theirs)


def test_writing_twice_gives_the_same_bytes(tmp_path):
    for name in "ab":
        bundles.write(drawn(), tmp_path / name)
    for name in ("manifest.json", *bundles.FILES):
        assert (tmp_path / "a" / name).read_bytes() == (
            tmp_path / "b" / name
        ).read_bytes()


@pytest.mark.parametrize("name", [*bundles.FILES, "manifest.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "flipped"])
def test_a_damaged_file_is_named_with_the_way_out(folder, name, damage):
    path = folder / name
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[0] ^= 0xFF
        path.write_bytes(content)
    with pytest.raises(BundleError, match="remove the folder") as caught:
        bundles.read(folder)
    assert str(path) in str(caught.value)


def change_manifest(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("number", [0, bundles.FORMAT + 1, "1", None])
def test_another_format_is_refused(folder, number):
    change_manifest(folder, format=number)
    with pytest.raises(BundleError, match="format"):
        bundles.read(folder)


@pytest.mark.parametrize("change", [{"sha256": []}, {"sha256": "x"}, {"data": ["x"]}])
def test_a_manifest_of_other_things_is_refused(folder, change):
    change_manifest(folder, **change)
    with pytest.raises(BundleError, match="no manifest of a bundle"):
        bundles.read(folder)


def test_a_manifest_that_never_ends_is_refused(folder):
    (folder / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(BundleError, match="no manifest of a bundle"):
        bundles.read(folder)


def seal(folder):
    """Give changed files a manifest that vouches for them."""
    digests = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in bundles.FILES
    }
    change_manifest(folder, sha256=digests)


def test_files_that_do_not_belong_together_are_refused(folder):
    films = json.loads((folder / "films.json").read_text())
    (folder / "films.json").write_text(json.dumps(films[:-1]))
    seal(folder)
    with pytest.raises(BundleError, match="do not belong together"):
        bundles.read(folder)


@pytest.mark.parametrize(
    "change",
    [{"id": [7]}, {"id": 4}, {"id": 1.0}, {"id": True}, {"id": 2**63}, {"title": None},
     {"title": ""}, {"likes": "many"}, {"ratings": -1}, {"year": 10**30},
     {"year": "1979"}, {"genres": "Drama"}, {"genres": [None]}, {"stars": 5}],
    ids=str,
)  # fmt: skip
def test_a_film_of_another_kind_is_refused(folder, change):
    """4 is the number of the film after this one."""
    films = json.loads((folder / "films.json").read_text())
    films[0] |= change
    (folder / "films.json").write_text(json.dumps(films))
    seal(folder)
    with pytest.raises(BundleError, match=r"do not belong together .*[fF]ilm"):
        bundles.read(folder)


@pytest.mark.parametrize("text", ["[4]", "{}", "[null]", "7"])
def test_a_catalogue_of_another_kind_is_refused(folder, text):
    (folder / "films.json").write_text(text)
    seal(folder)
    with pytest.raises(BundleError, match="do not belong together"):
        bundles.read(folder)


def test_films_in_another_order_than_their_vectors_are_refused(folder):
    """Or it would recommend, of each pair, the other film."""
    films = json.loads((folder / "films.json").read_text())
    (folder / "films.json").write_text(json.dumps(films[::-1]))
    seal(folder)
    with pytest.raises(BundleError, match="other films than the vectors"):
        bundles.read(folder)


def test_an_index_of_other_vectors_is_refused(folder):
    bundles.neighbours.write(drawn(seed=1).index, folder / "index.faiss")
    seal(folder)
    with pytest.raises(BundleError, match="index of other vectors"):
        bundles.read(folder)


@pytest.mark.parametrize("levels", [[4.0, 3.0], [3.0, 3.0], [["3"], ["4"]]])
def test_levels_that_do_not_rise_are_refused(folder, levels):
    with np.load(folder / "towers.npz") as file:
        arrays = dict(file) | {"retrieval_levels": np.array(levels)}
    np.savez(folder / "towers.npz", **arrays)
    seal(folder)
    with pytest.raises(BundleError, match="do not belong together"):
        bundles.read(folder)


def test_a_file_that_asks_for_more_memory_than_there_is_is_refused(folder, monkeypatch):
    def read(path):
        raise MemoryError("std::bad_alloc")

    monkeypatch.setattr(bundles.neighbours, "read", read)
    with pytest.raises(BundleError, match="bad_alloc"):
        bundles.read(folder)


def test_an_index_of_other_films_is_refused(folder):
    bundles.neighbours.write(drawn(n=399).index, folder / "index.faiss")
    seal(folder)
    with pytest.raises(BundleError, match="index of 399 films"):
        bundles.read(folder)


class Bomb:
    """What a pickle can do: it calls whatever its writer named."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_pickle_in_a_bundle_is_never_run(folder, tmp_path):
    bomb = Bomb(tmp_path / "went-off")
    array = np.array([bomb], dtype=object)
    np.savez(folder / "towers.npz", allow_pickle=True, retrieval_films=array)
    seal(folder)
    with pytest.raises(BundleError, match="allow_pickle"):
        bundles.read(folder)
    (folder / "towers.npz").write_bytes(pickle.dumps(bomb))
    seal(folder)
    with pytest.raises(BundleError, match="do not belong together"):
        bundles.read(folder)
    assert not (tmp_path / "went-off").exists()
    pickle.loads(pickle.dumps(bomb))
    assert (tmp_path / "went-off").exists()  # so it would have


@pytest.mark.parametrize("name", bundles.FILES)
def test_nonsense_that_the_manifest_vouches_for_is_refused(folder, name):
    (folder / name).write_bytes(b"PK\x03\x04 and then nothing of the kind")
    seal(folder)
    with pytest.raises(BundleError, match="do not belong together"):
        bundles.read(folder)


def change_towers(folder, name, change):
    with np.load(folder / "towers.npz") as file:
        arrays = dict(file)
    arrays[name] = change(arrays[name])
    np.savez(folder / "towers.npz", **arrays)
    seal(folder)


def test_numbers_that_are_not_finite_are_refused(folder):
    change_towers(folder, "rating_films", lambda films: films * np.nan)
    with pytest.raises(BundleError, match="not finite"):
        bundles.read(folder)


@pytest.mark.parametrize("kind", [complex, int, bool])
@pytest.mark.parametrize("name", ["retrieval_films", "rating_taste", "rating_mean"])
def test_numbers_that_are_not_real_are_refused(folder, name, kind):
    change_towers(folder, name, lambda array: array.astype(kind))
    with pytest.raises(
        BundleError, match=f"{name.partition('_')[2]} holds {kind.__name__}"
    ):
        bundles.read(folder)


# The towers ---------------------------------------------------------------------------


class LinearTowers:
    """Towers without a network: enough of the contract for the export."""

    scale_, levels = (1.0, 5.0), (3.0, 4.0)

    def __init__(self, n_items, k, stars):
        rng = np.random.default_rng(1)
        self.table = rng.normal(size=(3 * n_items + 2, k))  # 2 features nobody new has
        self.weights = rng.normal(size=len(self.table)) * stars
        self.films = rng.normal(size=(n_items, k + 1))
        self.n_items = n_items
        if stars:
            self.user_constants = lambda rows: 3.5 + rows @ self.weights
            self.settle = self._settle

    def describe_user(self, items, values):
        x = np.zeros(len(self.table))
        for item, value in zip(items, values, strict=True):
            level = sum(value >= edge for edge in self.levels)
            x[2 + level * self.n_items + item] = 10 / (len(items) + 5)
        return x

    def _settle(self, items, values):
        """Least squares with a row more for each number of z, instead of a formula."""
        row, typical = self.describe_user(items, values), np.ones(self.films.shape[1])
        own, n = np.r_[row @ self.table, row @ self.weights], len(items)
        start = (n * own + 10 * typical) / (n + 10)
        seen = self.films[np.asarray(items, dtype=int)]
        left = np.asarray(values, dtype=float) - 3.5 - seen[:, -1]
        rows = np.vstack([np.c_[seen[:, :-1], np.ones(n)], 5**0.5 * np.eye(len(own))])
        return np.linalg.lstsq(rows, np.r_[left, 5**0.5 * start])[0]

    def user_vectors(self, rows):
        x = np.atleast_2d(rows @ self.table)
        return np.hstack([x, np.ones((len(x), 1))])

    def film_vectors(self):
        return self.films

    def fold_in(self, items, values):
        return self.user_vectors(self.describe_user(items, values))[0]


@pytest.mark.parametrize("n", [0, 1, 7])
def test_the_arrays_say_what_the_towers_say(n):
    model = LinearTowers(20, 4, stars=1)
    tower = ServingTower.of(model)
    rng = np.random.default_rng(2)
    items, values = rng.choice(20, n, replace=False), rng.integers(1, 6, n)
    vector = model.fold_in(items, values)
    np.testing.assert_allclose(tower.user_vector(items, values), vector, atol=1e-5)
    z = model.settle(items, values)
    stars = 3.5 + z[-1] + model.films @ np.r_[z[:-1], 1.0]
    found = tower.stars(items, values, np.arange(20))
    np.testing.assert_allclose(found, stars.clip(1, 5), atol=1e-5)


def test_an_export_that_says_something_else_is_refused():
    model = LinearTowers(20, 4, stars=0)
    model.fold_in = lambda items, values: np.full(5, float(len(items)))
    with pytest.raises(ValueError, match="another vector"):
        ServingTower.of(model)


def product(movies):
    toy = datasets.load_toy()
    halves = [LinearTowers(6, 2, stars) for stars in (1, 0)]
    data = FilmData(toy, movies, None, "toy", False, None)
    return Product(*halves, data)


def test_the_catalogue_is_the_table_of_films():
    movies = pd.DataFrame(
        {
            "movie_id": [5, 6, 7, 8, 9, 10],
            "title": ["Alien (1979)", "Dune", "Heat", "Up", "Coco", "<b>Babe</b>"],
            "release_date": "",
            "year": pd.array([1997, 2021, 1995, 2009, 2017, None], dtype="Int64"),
            "Drama": [False, True, True, False, False, False],
            "War": [False, True, False, False, False, False],
        }
    )
    films = bundles.export(product(movies)).films
    assert films[0].year == 1979  # as its title says: later it was shown again
    assert films[1] == Film(6, "Dune", 2021, ("Drama", "War"), ratings=2, likes=2)
    assert (films[5].title, films[5].year, films[5].genres) == ("<b>Babe</b>", None, ())


# The graph ----------------------------------------------------------------------------


def test_the_graph_finds_what_asking_all_films_finds():
    bundle, rng, found = drawn(n=3000, k=16), np.random.default_rng(3), []
    for _ in range(50):
        items = rng.choice(3000, 10, replace=False)
        user = bundle.retrieval.user_vector(items, rng.integers(1, 6, 10))
        best = np.argsort(-(bundle.retrieval.films @ user))[:100]
        found.append(np.isin(best, bundle.search(user, 100)[0]).mean())
    assert np.mean(found) >= 0.98


def test_the_nearest_augmented_film_is_the_one_of_the_largest_product():
    vectors = np.random.default_rng(4).normal(size=(50, 5)) * np.arange(1, 51)[:, None]
    user = np.random.default_rng(5).normal(size=5)
    near = np.linalg.norm(bundles.neighbours.augmented(vectors) - [*user, 0], axis=1)
    np.testing.assert_array_equal(np.argsort(near), np.argsort(-(vectors @ user)))


def test_scores_are_products_in_falling_order():
    bundle = drawn()
    user = bundle.retrieval.user_vector(np.array([1]), np.array([5]))
    rows, scores = bundle.search(user, 20)
    np.testing.assert_allclose(scores, bundle.retrieval.films[rows] @ user)
    assert (np.diff(scores) <= 1e-6).all()


def test_serving_needs_no_tensorflow(folder):
    code = f"""
import sys
from recbook.app.bundle import read
from recbook.app.engine import Engine
engine = Engine(read({str(folder)!r}))
assert engine.recommend({{1: 5, 4: 2}})
assert not {{"tensorflow", "keras"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_make_is_a_step_of_the_chain(tmp_path, monkeypatch):
    from recbook import project

    asked = []

    def artefact(name, make, read):
        make(tmp_path / name)
        asked.append(name)
        return read(tmp_path / name)

    monkeypatch.setattr(project, "artefact", artefact)
    monkeypatch.setattr(project, "product", bundles.toy)
    assert bundles.read(bundles.make()).films == bundles.toy().films
    assert asked == [f"bundle-{bundles.FORMAT}"]


def test_a_bundle_says_nothing_of_who_rated(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.json", *bundles.FILES}
    with np.load(folder / "towers.npz") as file:
        kinds = {name.partition("_")[2] for name in file.files}
    kinds.remove("")  # the checksum of the catalogue
    assert kinds == {"films", "taste", "levels", "mean", "typical"}
    assert SimpleNamespace(**json.loads((folder / "manifest.json").read_text())).data
