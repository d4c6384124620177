"""Each page within its budget of processor seconds: ``make clock``."""

import clock
import pages
import pytest

BUDGET = 20  # CPU seconds of a page on a quiet machine, TensorFlow's import aside
FACTOR = 2  # for a busy one


def over(record):
    """By how many seconds a page is over its budget; negative where it is within."""
    return record["cpu"] - record["tensorflow"] - BUDGET * FACTOR


@pytest.mark.clock
@pytest.mark.parametrize("path", pages.notebooks(), ids=pages.name_of)
def test_a_page_is_within_its_budget(path):
    name = pages.name_of(path)
    record = pages.read_json(pages.RECORDS).get(name)
    assert record, f"{name} has no record: run `make book` first"
    assert over(record) <= 0, clock.table({name: record})


def test_the_import_of_tensorflow_is_set_aside():
    assert over({"cpu": 47.0, "tensorflow": 7.0}) == 0
    assert over({"cpu": 47.0, "tensorflow": 0.0}) == 7


def test_the_dearest_pages_and_cells_come_first():
    cells = {"a": 0.1, "b": 3.0, "c": 2.0, "d": 1.0}
    record = {"cpu": 7.0, "tensorflow": 0.0, "cells": cells}
    dear = record | {"cpu": 70.0, "tensorflow": 6.5}
    _, first, second = clock.table({"cheap": record, "dear": dear}).splitlines()
    assert first.split()[:3] == ["70.0", "6.5", "dear:"]
    assert second.endswith("cheap: b 3.0, c 2.0, d 1.0")
