"""Break a formula of the package on purpose: the chapter that teaches it must notice.

Each mutant changes one line of a copy of the package in a temporary folder. Then the
oracle cells of one notebook run, which compare the package with the reader's own code,
after those statements that they need. One of them must raise, or print something else
than the stored output. The tracked files are never touched.

    python tests/house/mutate_book.py

The exit status is 1 where a chapter does not notice.
"""

import ast
import contextlib
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Mutant(NamedTuple):
    """A wrong formula in words, its notebook and file, the code before and after."""

    what: str
    notebook: str
    file: str
    before: str
    after: str


MUTANTS = [
    Mutant("Pearson about 0, not about the row's mean", "2-neighbours/similarity",
           "similarity/measures", "with_data(X, X.data - centers, centers)", "X"),
    Mutant("cosine over one norm, not over both", "2-neighbours/similarity",
           "similarity/kernels",
           "norms = np.sqrt(xx[v] * yy[v])", "norms = np.sqrt(xx[v])"),
    Mutant("no shrinkage", "2-neighbours/similarity",
           "similarity/kernels", "(max(n[v], 1.0) + shrinkage)", "max(n[v], 1.0)"),
    Mutant("adjusted cosine without its adjustment", "2-neighbours/item-cf",
           "similarity/measures", "X.data - means[columns], means", "X.data, means"),
    Mutant("neighbours divide by Σ w, not by Σ |w|", "2-neighbours/user-cf",
           "neighbors/kernels", "total += abs(counted)", "total += counted"),
    Mutant("biases without damping", "1-concepts/data",
           "baselines", "1, counts + damping)", "1, counts)"),
    Mutant("the Gini coefficient turned round", "1-concepts/data",
           "metrics/lists", "- n_items - 1", "- n_items + 1"),
    Mutant("nDCG's ideal always has k items", "1-concepts/evaluation",
           "metrics/ranking",
           "best = np.clip(n_relevant, 1, k)", "best = k + 0 * n_relevant"),
    Mutant("a one-sided test", "1-concepts/evaluation",
           "evaluation/significance", "low <= rounding if", "low <= -9 if"),
    Mutant("a conditional without its prior mean", "3-factorization/bayesian",
           "bayesian/gibbs", "b[f] += precision[d, f] * mean[d, f]", "pass"),
    Mutant("a rating's design without its precision", "3-factorization/bayesian",
           "bayesian/gibbs", "D[t, f] = a * h[f]", "D[t, f] = h[f]"),
    Mutant("R-hat without the spread between chains", "3-factorization/bayesian",
           "bayesian/posterior", "(n - 1) / n + between / W", "(n - 1) / n"),
    Mutant("backwards through time without the decay", "3-factorization/bayesian",
           "bayesian/drift", "x[t + 1, c] - r * x[t, c]", "x[t + 1, c] - x[t, c]"),
    Mutant("the matrix by item, not by user", "5-project/data",
           "ratings", "(self.users, self.items)), shape=shape",
           "(self.items, self.users)), shape=shape[::-1]"),
    Mutant("training items are not left out", "5-project/recommending",
           "base/recommender", "scores[rows, seen.indices] = -np.inf", "pass"),
    Mutant("a newcomer's ratings weigh otherwise", "5-project/recommending",
           "deep/towers/rows", "= history_weight(items.size)", "= 0.5"),
    Mutant("scores plus ln q, not minus", "6-marketing/candidates",
           "marketing/retrieval/towers", "scores - check_values(\"log_q\"",
           "scores + check_values(\"log_q\""),
    Mutant("a sampled probability times the rate", "6-marketing/clicks",
           "marketing/ctr/calibration", "p * rate / (p * rate + (1 - p))", "p * rate"),
    Mutant("a silence that counts no orders", "6-marketing/customers",
           "marketing/lifetime/purchases",
           "odds += (self.r_ + x) *", "odds += self.r_ *"),
    Mutant("a bound half as wide", "6-marketing/bandits",
           "marketing/bandits/kernels", "8.0 * variance", "2.0 * variance"),
    Mutant("SNIPS divides by the rounds", "6-marketing/off-policy",
           "marketing/ope/estimators",
           "share /= share.sum()", "share = w / len(w)"),
    Mutant("propensity weights turned round", "6-marketing/observational",
           "marketing/observational/weighting",
           "np.where(treated, e, 1 - e)", "np.where(treated, 1 - e, e)"),
    Mutant("the other future, turned round", "6-marketing/uplift",
           "marketing/uplift/learners", "_predicted(with_, other) - y[~treated]",
           "y[~treated] - _predicted(with_, other)"),
    Mutant("a Qini curve without its scale", "6-marketing/uplift",
           "marketing/uplift/curves",
           "y_control * _ratio(n_treated, n_control)", "y_control"),
    Mutant("the second price is the first", "6-marketing/auctions",
           "marketing/auctions/single",
           "np.partition(bids, -2, axis=1)[:, -2]", "bids.max(axis=1)"),
    Mutant("a win curve in euros, not in their logarithm", "6-marketing/auctions",
           "marketing/auctions/shading", "np.log(bids)[:, None]", "bids[:, None]"),
    Mutant("a multiplier that rises with what is left", "6-marketing/pacing",
           "marketing/pacing/kernels",
           "mu - step * (target[t]", "mu + step * (target[t]"),
    Mutant("what a euro brings, not what beyond itself", "6-marketing/pacing",
           "marketing/pacing/offline",
           "values[next_one] / prices[next_one] - 1",
           "values[next_one] / prices[next_one]"),
    Mutant("a difference with the error of one arm", "6-marketing/ab-tests",
           "marketing/base",
           " + other.var(ddof=1) / len(other)", ""),
    Mutant("a test that is planned for one tail", "6-marketing/ab-tests",
           "marketing/experiments/planning",
           "ndtri(alpha / 2)) ** 2", "ndtri(alpha)) ** 2"),
    Mutant("visits counted, not people who ever come", "6-marketing/attribution",
           "marketing/attribution/chain",
           "start @ visits / np.diag(visits)", "start @ visits"),
    Mutant("credit for what was there without a channel", "6-marketing/attribution",
           "marketing/attribution/games", " - values[without]", ""),
    Mutant("noise that grows with the privacy loss", "6-marketing/responsible",
           "marketing/privacy", "sensitivity / check_number",
           "sensitivity * check_number"),
    Mutant("an account that forgets what was spent", "6-marketing/responsible",
           "marketing/privacy", "self.spent += cost", "pass"),
    Mutant("an adstock that counts a euro twice", "6-marketing/mix",
           "marketing/mix/curves", "(1 if normalize else 1 - a)", "(1 - a)"),
    Mutant("half of the evidence of a lift test", "6-marketing/mix",
           "marketing/mix/rows",
           "(self._difference(added, j) - test.value) / test.standard_error",
           "(self._difference(added, j) - test.value) / (2 * test.standard_error)"),
    Mutant("the action that brings most for a euro", "6-marketing/campaign",
           "marketing/uplift/budget",
           "best = net.argmax(axis=1)", "best = (value / cost).argmax(axis=1)"),
    Mutant("the price of a euro with the euro in it", "6-marketing/campaign",
           "marketing/uplift/budget", "high - 1", "high"),
    Mutant("a level that leaves the vectors as they are", "7-outlook/generative",
           "deep/semantic/codes",
           "residuals = residuals - centroids[nearest]", "pass"),
]  # fmt: skip


def failing_oracle(notebook):
    """Return the id of the first oracle cell that fails, and how, or None."""
    sys.path[:0] = map(str, (ROOT / "tests" / "book", ROOT / "chapters" / "_ext"))
    from bookpages import read_cells
    from statements import execute, needed_statements

    cells = [c for c in read_cells(notebook) if c.kind == "code" and c.place == "main"]
    oracles = [n for n, cell in enumerate(cells) if "nbval-check-output" in cell.tags]
    del cells[oracles[-1] + 1 :]
    for place in oracles:
        cells[place].place = "oracle"
    needed, namespace = needed_statements(cells), {"__name__": "__main__"}
    for cell in cells:
        is_oracle = cell.place == "oracle"
        body = ast.parse(cell.source).body if is_oracle else needed.get(cell.id, [])
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                execute(body, cell, namespace)
        except Exception as error:
            return f"{cell.id}: {type(error).__name__}"
        stored = "".join("".join(o.get("text", "")) for o in cell.raw["outputs"])
        if is_oracle and said.getvalue() != stored:
            return f"{cell.id}: other output"
    return None


def run_oracles(folder, name):
    """Return the first failing oracle of a chapter, with the package in a folder."""
    environment = {
        **os.environ,
        **{"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        **{"RECBOOK_OFFLINE": "1", "MPLBACKEND": "agg", "TF_CPP_MIN_LOG_LEVEL": "3"},
    }
    path = ROOT / "chapters" / f"{name}.ipynb"
    command = [
        sys.executable,
        folder / "tests" / "house" / "mutate_book.py",
        "--oracles",
        path,
    ]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    return run.stdout.splitlines()[-1]


def main():
    from mutate import make_copy

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        make_copy(folder)
        for name in dict.fromkeys(mutant.notebook for mutant in MUTANTS):
            if (said := run_oracles(folder, name)) != "None":
                sys.exit(f"{name} fails without any change ({said}): mend that first")
        survivors = [mutant for mutant in MUTANTS if not notices(folder, mutant)]
    print(
        f"\n{len(MUTANTS) - len(survivors)} of {len(MUTANTS)} noticed by their chapter"
    )
    return bool(survivors)


def notices(folder, mutant):
    """Return whether an oracle cell of the mutant's notebook fails.

    >>> files = {m: ROOT / "recbook" / f"{m.file}.py" for m in MUTANTS}
    >>> [m.what for m, f in files.items() if f.read_text("utf-8").count(m.before) != 1]
    []
    """
    path = folder / "recbook" / f"{mutant.file}.py"
    original = path.read_text(encoding="utf-8")
    assert original.count(mutant.before) == 1, f"{mutant.file} changed: {mutant.before}"
    path.write_text(original.replace(mutant.before, mutant.after), encoding="utf-8")
    said = run_oracles(folder, mutant.notebook)
    path.write_text(original, encoding="utf-8")
    print(f"{mutant.what:42} {mutant.notebook:24} {said}", flush=True)
    return "oracle" in said


if __name__ == "__main__":
    if sys.argv[1:2] == ["--oracles"]:
        notebook = Path(sys.argv[2])
        os.chdir(notebook.parent)
        print(failing_oracle(notebook))
    else:
        sys.exit(main())
