"""recbook's own tests inside Pyodide: what cannot run there, each with its reason.

Usage: node node.mjs CORE in_pyodide.py CHECKOUT [ARGUMENT of pytest …]
"""

import os
import sys

import pytest

# Beginnings of test ids, and why Pyodide skips what they name.
PROCESS = "Pyodide starts no process"
ABSENT = {
    "tests/_core/test_dates.py::test_two_orders_of_one_afternoon": "needs tzdata",
    "tests/_core/test_jit.py::test_stand_in": "its kernels are compiled",
    "tests/_core/test_jit.py::test_kernels_compile": PROCESS,
    "tests/_core/test_jit.py::test_no_folder": PROCESS,
    "tests/_core/test_jit.py::test_a_known_home": PROCESS,
    "tests/_core/test_jit.py::test_another_user": PROCESS,
    "tests/_core/test_memory.py::test_what_is_available": "a page has a fixed room",
    "tests/_core/test_memory.py::test_the_older_groups": "a page has a fixed room",
    "tests/_core/test_memory.py::test_a_machine_without": "a page has a fixed room",
    "tests/_core/test_memory.py::test_what_a_container": "a page has a fixed room",
    "tests/checks/test_registry.py::test_the_checks_are_loaded_at_first": PROCESS,
    "tests/datasets/test_movielens.py::test_a_cache_without_a_home": "needs pooch",
    "tests/datasets/test_download.py": "Pyodide starts no server",
    "tests/factorization/test_base.py::test_compiled_or_not_and_in_any": PROCESS,
    "tests/grade/test_commands.py::test_a_name_in_any": PROCESS,
    "tests/grade/test_commands.py::test_as_a_command": PROCESS,
    "tests/grade/test_files.py::test_no_more_than": "its files lie in memory",
    "tests/marketing/test_base.py::test_features_of_other": "needs polars",
    "tests/marketing/test_features.py::test_the_same_table_in_another_dress_gives_the_"
    "same_numbers[polars]": "needs polars",
    "tests/marketing/test_lifetime.py::test_the_day_is_that": "needs tzdata",
    "tests/plots/test_charts.py::test_package_does_not_import_matplotlib": PROCESS,
    "tests/plots/test_charts.py::test_without_matplotlib_one_sentence": PROCESS,
    "tests/test_leaderboard.py::test_an_interrupted_run": "pandas 3.0 reads 17 digits "
    "of a CSV file off by one in the last, 3.1 does not",
    "tests/test_leaderboard.py::test_every_recipe_fits_the_toy": "needs TensorFlow",
    "tests/test_ratings.py::test_dates_become_seconds": "needs tzdata",
    "tests/test_ratings.py::test_import_is_light": PROCESS,
}
# Files that cannot be read without polars and Arrow.
IGNORED = ["tests/_core/test_frames.py"]
EXAMPLES = 10  # of each property, where hypothesis draws up to 150 natively


def pytest_configure():
    """Draw few examples, also where a test or conftest.py asks for more."""
    import hypothesis

    make = hypothesis.settings.__init__

    def make_few(self, *given, **named):
        if "max_examples" in named:
            named["max_examples"] = min(EXAMPLES, named["max_examples"])
        make(self, *given, **named)

    hypothesis.settings.__init__ = make_few
    hypothesis.settings.register_profile(
        "few", deadline=None, derandomize=True, database=None, max_examples=EXAMPLES
    )
    hypothesis.settings.load_profile("few")


def pytest_collection_modifyitems(items):
    """Skip, in sight, what ABSENT names."""
    for item in items:
        for name, reason in ABSENT.items():
            if item.nodeid.startswith(name):
                item.add_marker(pytest.mark.skip(reason=reason))


def main(checkout, *arguments):
    """Run pytest in this process, and return its exit code."""
    import tqdm

    tqdm.tqdm.monitor_interval = 0  # it would start a thread
    os.chdir(f"/host{checkout}")
    sys.dont_write_bytecode = True  # the checkout stays as it is
    options = ["-p", "no:cacheprovider", *arguments]
    options += [f"--ignore={name}" for name in IGNORED]
    return int(pytest.main(options, [sys.modules[__name__]]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
