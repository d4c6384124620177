"""The same five jobs with a peer's own tools: lines, seconds, what is not said.

``python -m tests.benchmarks.studies.peers_reports`` writes
``data/results/peers_reports.csv``; names of jobs behind it write their rows alone. It
takes some minutes on one core, in the environment of ``make bench``.

The scripts are those of ``tests/benchmarks/ways/``, two for each job: what a reader
would write who has the file and wants the answer, formatted alike, and run here as they
stand. The peer's go as far as its documentation leads: RecTools' cross-validation over
time, lifetimes' models, scikit-uplift's two models and curves, statsmodels' test of two
shares, obp's estimators with their bootstrap. Files are made of the real tables in
``tests/benchmarks/real.py``, in a folder that goes away again.

Columns: ``job``, ``tool``; ``lines`` of code, imports included, without docstring,
comments and blank lines, counted by this command; ``seconds`` of processor time, the
median of three runs, or one where it takes more than 20 s, each in a Python of its own
and with its imports; ``refused``, whether it declines an answer; ``answer``, a number
that both give: orders predicted for 26 held-out weeks, the difference of two shares,
the SNIPS value of a policy, with ``low`` and ``high`` where the tool has them; and
``not_said``, which is written in the peer's script.
"""

import ast
import json
import re
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import pandas as pd

from recbook.leaderboard.results import results_folder, write_results
from tests.benchmarks import real

WAYS = Path(__file__).resolve().parents[1] / "ways"
PEERS = {
    "recommend": "rectools",
    "customer_value": "lifetimes",
    "targeting": "sklift",
    "experiment": "statsmodels",
    "off_policy": "obp",
}
PACKAGES = {"sklift": "scikit-uplift"}
TABLES = {
    "recommend": "groceries",
    "customer_value": "cdnow",
    "targeting": "resumes",
    "experiment": "resumes",
    "off_policy": "banners",
}
ANSWERS = {
    "customer_value": "held_out_orders",
    "experiment": "difference",
    "off_policy": "policy",
}
REPEATS, LONG = 3, 20.0
COLUMNS = ["job", "table", "tool", "lines", "seconds", "refused", "answer", "low"]
COLUMNS += ["high", "not_said"]


def code_lines(text):
    """Return the number of lines with code: no docstring, comment or blank line.

    >>> code_lines('"Doc."\\n\\n# Why.\\nimport sys\\nprint(\\n    1,\\n)')
    4
    """
    tree = ast.parse(text)
    first = tree.body[0]
    doc = set()
    if ast.get_docstring(tree) is not None:
        doc = set(range(first.lineno, first.end_lineno + 1))
    lines = enumerate(text.splitlines(), start=1)
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in doc
        for number, line in lines
    )


def not_said(text):
    """Return what the docstring of a script lists after "Not said:".

    >>> not_said('\"\"\"A way.\\n\\nNot said: an\\ninterval.\\n\"\"\"')
    'an interval'
    """
    words = " ".join((ast.get_docstring(ast.parse(text)) or "").split())
    found = re.search(r"Not said: (.*?)\.$", words)
    return found.group(1) if found else ""


def lay_out(job, folder):
    """Write the files that the scripts of a job read."""
    table = getattr(real, TABLES[job])()
    if job == "recommend":
        kept = ["household_id", "transaction_timestamp", "product_type"]
        table[kept].to_csv(folder / "orders.csv", index=False)
    elif job == "customer_value":
        table.to_csv(folder / "orders.csv", index=False)
    elif job == "off_policy":
        from tests.benchmarks.studies.tables import thompson_policy

        table.to_csv(folder / "log.csv", index=False)
        thompson_policy().to_csv(folder / "policy.csv")
    else:
        kept = table.drop(columns=["job_ad_id", "firstname"])
        kept.to_csv(folder / "trial.csv", index=False)


def timed(script, folder):
    """Return the median seconds of a script, each time in a Python of its own.

    And the last line that it printed.
    """
    command = [sys.executable, "-m", __spec__.name, "--way", str(script), str(folder)]
    seconds = []
    for _ in range(REPEATS):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{script.name} stopped:\n{done.stderr[-2000:]}")
        seconds.append(float(done.stdout.splitlines()[-1]))
        if seconds[-1] > LONG:
            break
    print(done.stdout[-1500:], flush=True)
    return round(statistics.median(seconds), 2), [*done.stdout.splitlines(), ""][-3:-2]


def one_way(script, folder):
    """Run a script as a reader would, and print its processor seconds last."""
    if script.endswith("_obp.py"):
        from tests.benchmarks.peers.ope import peer

        peer()  # obp asks for torch, which nothing here uses
    start = time.process_time()
    sys.argv = [script, folder]
    runpy.run_path(script, run_name="__main__")
    print(time.process_time() - start)


def our_answer(job, path):
    """Return whether our report was refused, and its number."""
    said = json.loads(path.read_text(encoding="utf-8"))
    number = said.get(ANSWERS.get(job))
    if not isinstance(number, dict):
        number = {"value": number}
    ends = {name: number.get(name) for name in ("low", "high")}
    return {"refused": said["refused"], "answer": number["value"]} | ends


def rows(jobs):
    """Yield a row for each script."""
    for job in jobs:
        peer = PEERS[job]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            lay_out(job, folder)
            for tool in ("recbook", peer):
                script = WAYS / f"{job}_{tool}.py"
                text = script.read_text(encoding="utf-8")
                row = {"job": job, "table": TABLES[job], "tool": tool}
                row |= {"lines": code_lines(text), "not_said": not_said(text)}
                row["seconds"], last = timed(script, folder)
                if tool == "recbook":
                    row |= our_answer(job, folder / "report" / "numbers.json")
                else:
                    row["refused"] = False
                if tool != "recbook" and job in ANSWERS:
                    row |= zip(COLUMNS[6:9], map(float, last[0].split()), strict=False)
                yield row


def main():
    """Measure and write, or run one script for it."""
    if sys.argv[1:2] == ["--way"]:
        one_way(*sys.argv[2:])
        return
    jobs = sys.argv[1:]
    table = pd.DataFrame(rows(jobs or PEERS)).reindex(columns=COLUMNS)
    path = results_folder() / "peers_reports.csv"
    if jobs and path.exists():
        before = pd.read_csv(path)
        table = pd.concat([before[~before["job"].isin(jobs)], table])
    names = [PACKAGES.get(peer, peer) for peer in PEERS.values()]
    write_results(
        "peers_reports",
        table.round({"answer": 6, "low": 6, "high": 6}),
        peers={name: metadata.version(name) for name in names},
        sources={
            name: asdict(real.SOURCES[name]) for name in sorted({*TABLES.values()})
        },
        seconds="processor time on a machine that did other work, too",
        real=True,
    )
    print(table.drop(columns="not_said").to_string(index=False))


if __name__ == "__main__":
    main()
