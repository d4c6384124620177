"""Bayesian matrix factorization: not one answer, but how likely each of them is."""

from recbook.bayesian.model import BayesianMF
from recbook.bayesian.posterior import r_hat

__all__ = ["BayesianMF", "r_hat"]
