"""The numbers of a paired test over people, as the tables of the studies name them."""

from recbook import evaluation


def paired(one, other):
    """Return the difference one - other of the same people, its 95 % interval and p."""
    test = evaluation.paired_test(one, other)
    low, high = test.interval
    return {"difference": test.difference, "low": low, "high": high, "p": test.p}
