"""Measure beside the peers: `make bench`, or some: `… -m tests.benchmarks metrics`.

Every module in ``peers/``, the clock aside, has ``parity()``, which raises unless our
numbers and the peer's agree where their definitions do, and ``rows()``, a list of dicts
with the columns below. One thread, medians of at least five, both sides in one run.
The table goes to ``data/results/benchmarks.csv``, which the results appendix shows.
Some modules alone are measured and not written, but with `--write`: then their rows
take the place of those that the table has, and the others stay.
"""

import argparse
import importlib
import json
import os
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pandas as pd

from recbook import datasets
from recbook.leaderboard.results import results_folder, write_results

BENCHES = sorted(path.stem for path in (Path(__file__).parent / "peers").glob("*.py"))
BENCHES.remove("clock")
COLUMNS = ["module", "benchmark", "size", "ours_s", "peer", "peer_s", "ratio", "target"]
COLUMNS += ["note"]
PEERS = {"scikit-surprise", "ranx", "implicit", "myfm", "lifetimes", "obp", "econml"}
PEERS |= {"scikit-learn", "scikit-uplift", "statsmodels"}


def measure(name):
    """Return one benchmark's table, once its parity holds."""
    start = time.perf_counter()
    bench = importlib.import_module(f"{__package__}.peers.{name}")
    bench.parity()
    print(f"{name}: agrees with its peer, measuring …", flush=True)
    rows = [{"module": name} | row for row in bench.rows()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    print(table.drop(columns=["module", "note"]).round(4).to_string(index=False))
    print(f"{name}: {time.perf_counter() - start:.0f} s\n", flush=True)
    return table


def peers():
    """Return the versions of the peers that are there."""
    there = {(d.name or "").lower() for d in metadata.distributions()} & PEERS
    return {peer: metadata.version(peer) for peer in sorted(there)}


def put_into(folder, name, table, facts):
    """Write a table's rows beside those that other modules have in a written one."""
    about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    before = pd.read_csv(folder / f"{name}.csv")
    others = before[~before["module"].isin(table["module"])]
    today = datetime.now(UTC).date().isoformat()
    again = {"date": today, "load_before": facts["load_before"]}
    about["peers"] |= facts["peers"]
    about["again"] = about.get("again", {}) | dict.fromkeys(table["module"], again)
    write_results(name, pd.concat([others, table]), folder, **about)


def main(arguments=None, folder=None):
    """Measure what is asked for; write the table where that is everything."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHES)}; all")
    parser.add_argument(
        "--write", action="store_true", help="also where some are named"
    )
    options = parser.parse_args(arguments)
    names = options.names
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no benchmark {unknown}; there are {', '.join(BENCHES)}")
    folder = folder or results_folder()
    movielens = datasets.load_ml100k()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    table = pd.concat([measure(name) for name in names or BENCHES])
    name = "benchmarks" if movielens.is_real else "benchmarks-embedded"
    facts = {"peers": peers(), "load_before": busy}
    if not names:
        about = {"data": movielens.name, "real": movielens.is_real}
        write_results(name, table, folder, **about, **facts)
    elif options.write:
        put_into(folder, name, table, facts)


if __name__ == "__main__":
    main()
