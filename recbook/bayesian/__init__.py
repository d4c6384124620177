"""Bayesian matrix factorization: a distribution over factors in place of one answer."""

from recbook.bayesian.model import BayesianMF
from recbook.bayesian.posterior import r_hat

__all__ = ["BayesianMF", "r_hat"]
