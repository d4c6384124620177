"""Tables of all pairs are refused before they are made, where they do not fit."""

import sys

import numpy as np
import pytest
from scipy import sparse

import recbook
from recbook import Ratings, similarity
from recbook._core import memory

N = 20_000  # 3 GB for all pairs, which no test may take
ITEMS = (
    "keep the items that have most ratings, count by product type, or take ImplicitALS"
)


@pytest.fixture
def small(monkeypatch):
    """A machine with 1 GiB free."""
    monkeypatch.setattr(memory, "available", lambda: 2**30)


@pytest.fixture(scope="module")
def catalogue():
    """A table of 20,000 items, each rated by one of ten users."""
    items = np.arange(N)
    return Ratings(items % 10, items, np.ones(N), None, np.arange(10), items)


@pytest.fixture(scope="module")
def crowd():
    """A table of 20,000 users of one item."""
    users = np.arange(N)
    return Ratings(users, users * 0, np.ones(N), None, users, [7])


ONE, TWO = r"2.98 GiB \(8 bytes × 20,000²\)", r"5.96 GiB .* × \(20,000² \+ 20,000²\)\)"


@pytest.mark.parametrize(
    ("model", "need"),
    [
        (recbook.EASE(), r"2.98 GiB \(8 bytes × \(20,000² \+ 10²\)\)"),
        (recbook.EASE(reg=0.0), ONE),
        (recbook.EDLAE(), r"2.98 GiB \(8 bytes × \(20,000² \+ 10²\)\)"),
        (recbook.SLIM(), TWO),
        (recbook.ItemKNN(), ONE),
        (recbook.ItemKNN(similarity="jaccard", feedback="implicit"), ONE),
        (recbook.ItemKNN(similarity=lambda rows: rows @ rows.T), ONE),
        (recbook.ItemKNN(amplification=2.0), TWO),
    ],
    ids=repr,
)
def test_a_table_of_all_items_is_refused(small, catalogue, model, need):
    with pytest.raises(
        MemoryError, match=f"20,000 items need {need}, and 1 GiB are free; {ITEMS}"
    ):
        model.fit(catalogue)


def test_the_room_of_items_without_ratings_counts(small, catalogue):
    few = catalogue.subset(catalogue.items < 3)
    need = r"20,000 items need 2.98 GiB \(8 bytes × \(20,000² \+ 3²\)\), and"
    with pytest.raises(MemoryError, match=need):
        recbook.EASE().fit(few)


def test_a_table_of_all_users_is_refused(small, crowd):
    with pytest.raises(
        MemoryError,
        match=f"20,000 users need {ONE}, and 1 GiB are free; keep fewer users, or take",
    ):
        recbook.UserKNN().fit(crowd)


@pytest.mark.parametrize("name", ["cosine", "pearson", "adjusted_cosine", "jaccard"])
def test_similarities_of_too_many_rows_are_refused(small, name):
    rows = sparse.csr_array((N, 1))
    with pytest.raises(
        MemoryError,
        match=f"20,000 rows need {ONE}, and 1 GiB are free; keep the rows that have",
    ):
        getattr(similarity, name)(rows)


def test_where_nobody_says_what_is_free_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: None)
    memory.check_squares("items", [10**6], "take fewer")


def test_a_page_of_a_browser_has_a_fixed_room(monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert memory.available() == 2**30
    memory.check_squares("items", [11_585], "take fewer")
    with pytest.raises(MemoryError, match=r"11,586 items need 1 GiB .*; take fewer"):
        memory.check_squares("items", [11_586], "take fewer")


def write(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("-", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


FREE = {"proc__meminfo": "MemTotal: 16 kB\nMemAvailable:    8 kB\nSwapFree: 99 kB\n"}


def test_what_is_available_is_the_least_that_linux_says(tmp_path):
    write(tmp_path, **FREE)
    assert memory.available(tmp_path) == 8192
    write(tmp_path, **{"proc__self__cgroup": "2:cpu:/a\n0::/a/b\n"})
    write(tmp_path, **{"sys__fs__cgroup__a__b__memory-max": "max\n"})
    assert memory.available(tmp_path) == 8192
    write(tmp_path, **{"sys__fs__cgroup__a__memory-max": "4096\n"})  # of a parent
    assert memory.available(tmp_path) == 4096


def test_the_older_groups_of_linux_count_too(tmp_path):
    write(tmp_path, **FREE, **{"proc__self__cgroup": "4:memory:/docker/ab\n0::/\n"})
    write(
        tmp_path, **{"sys__fs__cgroup__memory__memory-limit_in_bytes": "2048\n"}
    )  # inside a container, which does not see its own name
    assert memory.available(tmp_path) == 2048


def test_a_machine_without_these_files_has_what_it_has(tmp_path):
    found = memory.available(tmp_path)
    assert found is None or found > 2**27


@pytest.mark.parametrize(
    ("line", "limit", "stat"),
    [
        ("0::/", "memory.max", "anon 3000000000\nfile 900000000"),
        ("4:memory:/", "memory/memory.limit_in_bytes", "cache 9\ntotal_rss 3000000000"),
    ],
    ids=["version 2", "version 1"],
)
def test_what_a_container_holds_is_not_free(tmp_path, line, limit, stat):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(line)
    group = (tmp_path / "sys/fs/cgroup" / limit).parent
    group.mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup" / limit).write_text("4000000000")
    (group / "memory.stat").write_text(stat)
    assert memory.available(tmp_path) == 10**9
