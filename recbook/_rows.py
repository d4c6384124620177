"""Rows of a rating matrix before they are compared, and the best of each row after."""

import numpy as np
from scipy.sparse import csr_array

# "Zero up to rounding", as a share of the numbers that were subtracted.
ROUNDING = 1e-12


def snap(deviations, centers):
    """Deviations, with those that are only the rounding of their centre set to 0."""
    return np.where(np.abs(deviations) <= ROUNDING * np.abs(centers), 0.0, deviations)


def with_data(X, data, centers=0.0):
    """X with other numbers in the same places; a 0 among them stays an entry."""
    return csr_array((snap(data, centers), X.indices, X.indptr), shape=X.shape)


def means_of(totals, counts):
    """Quotients, 0 where there is nothing to take a mean of."""
    return totals / np.maximum(counts, 1)


def exponent(magnitudes):
    """The power of two just above a magnitude."""
    return np.frexp(magnitudes)[1]


def scale_rows(X):
    """Each row times a power of two that brings it to [-1, 1].

    No similarity depends on it and no digit is lost, but neither can a square
    overflow, however large the numbers are.
    """
    largest = np.zeros(X.shape[0])
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    np.maximum.at(largest, rows, np.abs(X.data))
    return with_data(X, np.ldexp(X.data, -exponent(largest)[rows]))


def top(scores, k):
    """Columns of the k highest scores of each row, ties by the lower column."""
    # The k-th largest score of a row is its threshold: everything that reaches it is
    # sorted, stably, so that equal scores stay in the order of the columns.
    thresholds = -np.partition(-scores, k - 1, axis=1)[:, k - 1]
    best = np.empty((len(scores), k), dtype=np.int64)
    for row, threshold, out in zip(scores, thresholds, best, strict=True):
        columns = np.flatnonzero(row >= threshold)
        out[:] = columns[np.argsort(-row[columns], kind="stable")[:k]]
    return best
