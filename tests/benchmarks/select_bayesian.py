"""Choose the Bayesian models' settings, on parts of train; see selection.py.

    python -m tests.benchmarks.select_bayesian

Names after the command choose some of the models. One chain of 200 sweeps stands for
the recipes' 400, alone or three of them blended. That supposes that the order of the
candidates is the same at length: longer runs take away Monte Carlo error and what is
left of the start, and both are larger for more factors, so a short run may favour few.
``bayes-fast`` is ``bayes`` with one chain, of 300.

The form of the model was settled before on the tenths of u1's to u3's train and on
other parts of train, in which fewer than half of the people lose a third of their
ratings, as in the official folds. What did not help there: cut points between the stars
in place of normal noise (+.0017 and more), Student's noise and columns' priors (0 to
+.002), a Wishart prior over all coordinates at once (0 to +.002), a drift of films,
histories as 1 / n^.35. Noise by film helped on the second kind of part alone (-.0007
to -.0013). One seed moves a fold by about .0005, so the mean of five by .0002:
candidates nearer than that to the one chosen were not told apart from it. Those parts
of u1 to u3 are tests of other folds (see selection.py), so the form has seen some of
every fold's test, and even a fold's own choice among these grids is not blind. Of rank
and prior the choices lie at edges of the grids, but for the rank of ``bayes``.
"""

import argparse

from recbook.bayesian import BayesianMF
from tests.benchmarks.studies import selection

T3, T4 = (1.0, 60.0, 3600.0), (1.0, 60.0, 3600.0, 2_592_000.0)  # the last: a month
IDS = {"history": False, "raters": False}
GRIDS = {
    "bayes-ids": (IDS, {"n_factors": [10, 20], "noise": ["user", "both"]}),
    "bayes-implicit": ({}, {"n_factors": [10, 20], "prior": [0.01, 0.1]}),
    "bayes-notime": ({}, {"n_factors": [10, 16], "prior": [0.01, 0.1]}),
    "bayes": ({}, {"n_factors": [10, 16, 24], "time": [T3, T4]}),
}


def main():
    """Select all, or those that are named, and record each as soon as it is chosen."""
    parser = argparse.ArgumentParser("python -m tests.benchmarks.select_bayesian")
    parser.add_argument("names", nargs="*", choices=[[], *GRIDS])
    for name in parser.parse_args().names or GRIDS:
        fixed, grid = GRIDS[name]
        candidates = selection.factories(BayesianMF, grid, n_iterations=200, **fixed)
        selection.record(selection.rating(name, candidates))


if __name__ == "__main__":
    main()
