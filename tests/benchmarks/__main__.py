"""Measure beside the peers: `make bench`, or some: `… -m tests.benchmarks metrics`.

Every module in ``peers/``, the clock aside, has ``parity()``, which raises unless our
numbers and the peer's agree where their definitions do, and ``rows()``, a list of dicts
with the columns below. One thread, medians of at least five, both sides in one run.
The table goes to ``data/results/benchmarks.csv``, which the results appendix shows.
"""

import argparse
import importlib
import os
import time
from importlib import metadata
from pathlib import Path

import pandas as pd

from recbook import datasets
from recbook.leaderboard.results import write_results

BENCHES = sorted(path.stem for path in (Path(__file__).parent / "peers").glob("*.py"))
BENCHES.remove("clock")
COLUMNS = ["benchmark", "size", "ours_s", "peer", "peer_s", "ratio", "target", "note"]
PEERS = ("scikit-surprise", "ranx", "implicit", "myfm", "lifetimes", "obp", "econml")
PEERS += ("scikit-learn", "scikit-uplift", "statsmodels")


def measure(name):
    """Return one benchmark's table, once its parity holds."""
    start = time.perf_counter()
    bench = importlib.import_module(f"{__package__}.peers.{name}")
    bench.parity()
    print(f"{name}: agrees with its peer, measuring …", flush=True)
    table = pd.DataFrame(bench.rows(), columns=COLUMNS)
    print(table.drop(columns="note").round(4).to_string(index=False))
    print(f"{name}: {time.perf_counter() - start:.0f} s\n", flush=True)
    return table


def main(arguments=None):
    """Measure what is asked for; write the table only where that is everything."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHES)}; all")
    names = parser.parse_args(arguments).names
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no benchmark {unknown}; there are {', '.join(BENCHES)}")
    movielens = datasets.load_ml100k()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    tables = [measure(name) for name in names or BENCHES]
    if names:
        return
    write_results(
        "benchmarks" if movielens.is_real else "benchmarks-embedded",
        pd.concat(tables),
        data=movielens.name,
        real=movielens.is_real,
        peers={peer: metadata.version(peer) for peer in PEERS},
        load_before=busy,
    )


if __name__ == "__main__":
    main()
