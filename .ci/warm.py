"""Compile numba's kernels once, by two processes, before pages and tests need them.

Usage: .venv/bin/python .ci/warm.py

Otherwise the first process that calls a kernel compiles it, often two at once. numba
keeps what it compiled in ``__pycache__``. Small fits of the toy table are enough: they
have the types of all other fits.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

import recbook
from recbook import datasets, evaluation, metrics, similarity
from recbook._core import order
from recbook.marketing import bandits, ctr, pacing, worlds
from recbook.marketing.retrieval import merge

ROOT = Path(__file__).resolve().parents[1]
STAMP = ROOT / "_build" / ".kernels"
PARTS = ("similarity", "metrics", "neighbors", "factorization", "linear", "bayesian")
PARTS += ("marketing",)


def similarities(toy):
    for measure in ("cosine", "pearson", "adjusted_cosine", "jaccard"):
        getattr(similarity, measure)(toy.csr)


def ranking_metrics(toy):
    halves = toy.subset(toy.users % 2 == 0), toy.subset(toy.users % 2 == 1)
    model = recbook.Popularity().fit(halves[0])
    evaluation.ranking_report(model, *halves, k=3)
    lists, relevant = model.recommend([0, 1, 2, 3, 4], k=4), halves[1].csr
    metrics.ndcg(lists, relevant, 3)  # which may not be written to
    metrics.ndcg(lists[:, :3], relevant.copy(), 3)


def neighbors(toy):
    recbook.UserKNN().fit(toy).scores([0])


def by_descent(toy):
    recbook.MatrixFactorization(n_epochs=1).fit(toy)
    recbook.SVDpp(n_epochs=1).fit(toy).predict([0], [1])


def linear(toy):
    recbook.EASE().fit(toy)
    recbook.SLIM().fit(toy)


def by_least_squares(toy):
    recbook.ALS(n_iterations=1).fit(toy)
    recbook.ImplicitALS(n_iterations=1).fit(toy)


def ranking(toy):
    recbook.BPR(n_epochs=1).fit(toy)


def bayesian(toy):
    short = {"n_factors": 2, "n_iterations": 3, "burn_in": 1, "n_chains": 1}
    model = recbook.BayesianMF(time=(60.0, 3600.0), **short).fit(toy)
    model.predict([0], [1], timestamps=[0])


def clicks(toy):
    X, y = [[0, 1], [1, 2]], [0, 1]
    for model in (ctr.FTRL(3), ctr.HashedFM(3)):
        model.fit(X, y)
    ctr.Isotonic().fit([0.1, 0.2], y)


def policies(toy):
    contexts, means = [[1.0], [0.5]], [[0.1, 0.2], [0.2, 0.1]]
    for policy in (bandits.BetaThompson(2), bandits.LinUCB(2, 1)):
        known = contexts if hasattr(policy, "coef") else None
        bandits.simulate(policy, means, 4, contexts=known)
        policy.update(policy.choose([1.0])[0], 1.0, [1.0])
    bandits.UCB1(2).bounds()


def retrieval(toy):
    model = recbook.InBatchTowers(n_epochs=1).fit(toy)
    merge([model.recommend([0], 3)], 2)


def spending(toy):
    worlds.market(1, 10).play()
    pacing.pace([2.0, 1.0], [1.0, 1.0], budget=1, step=0)


# What each of two processes compiles: they share no kernel, and take equally long.
HALVES = {
    "one": (similarities, ranking_metrics, neighbors, by_descent, linear),
    "two": (
        *(by_least_squares, ranking, bayesian),
        *(clicks, policies, retrieval, spending),
    ),
}


def fingerprint():
    """Return the hash of what is compiled, with the files' times, as numba has it."""
    files = order.sources(*order.before(*PARTS))
    total = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    times = [path.stat().st_mtime_ns for path in files]
    total.update(repr((sys.version, order.fingerprint(*PARTS), times)).encode())
    return total.hexdigest()


def kept():
    """Return whether there are compiled kernels at all."""
    return any(order.PACKAGE.rglob("*.nbi"))


def compile_kernels():
    """Compile what is not compiled yet, in two processes, and say so."""
    now = fingerprint()
    if kept() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == now:
        return
    print("recbook: compiling the kernels", flush=True)
    command = [sys.executable, str(Path(__file__).resolve())]
    running = [
        subprocess.Popen([*command, half], stderr=subprocess.PIPE, encoding="utf-8")
        for half in HALVES
    ]
    errors = [process.communicate()[1] for process in running]
    if any(process.returncode for process in running):
        # Who needs the kernel that fails will say more; the others go on.
        print("recbook: a kernel does not compile\n" + "".join(errors), flush=True)
        return
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(now, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        toy = datasets.load_toy()
        for fit in HALVES[sys.argv[1]]:
            fit(toy)
    else:
        compile_kernels()
