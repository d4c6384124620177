"""Rank a class: one row per file, and one place for files that are level."""

from pathlib import Path

import numpy as np

from recbook.evaluation.significance import paired_test
from recbook.grade.files import Refused, named

__all__ = ["standings"]

LEVEL = 0.05


def standings(folder, judge):
    """Grade all .csv files of a folder into one ranked table.

    From the best down, each row is tested against the first row of the place above it,
    person by person (:func:`recbook.evaluation.paired_test`). If p is 0.05 or more, or
    the two printed scores are equal, they share the place, marked "=": the data cannot
    tell them apart. The rows of a shared place are each level with its first,
    not always with one another.

    Parameters
    ----------
    folder : str or Path
        Files in it that are refused stand below the table, with the reason.
    judge : callable
        ``judge(path) -> Score``, the same for all.

    Returns
    -------
    str
        Lines to print.

    Raises
    ------
    Refused
        If it is no folder or holds no .csv file.

    Examples
    --------
    >>> standings("nowhere", judge=None)
    Traceback (most recent call last):
    ...
    recbook.grade.files.Refused: 'nowhere' is no folder; name the one with the files
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Refused(f"{named(folder)} is no folder; name the one with the files")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".csv")
    if not paths:
        raise Refused(f"{named(folder)} holds no .csv file; collect the class's there")
    scores, refused = [], []
    for path in paths:
        try:
            if path.is_symlink():
                raise Refused("it is a link; copy the file itself")
            scores.append(judge(path))
        except Refused as reason:
            refused.append(f"refused: {named(path.name)}: {reason}")
    return "\n".join([*_table(scores), *refused])


def _table(scores):
    """Return the lines of the ranked part."""
    if not scores:
        return ["No file could be graded."]
    rows = [(score, named(score.name)[1:-1]) for score in scores]
    rows += [(score, f"({score.name})") for score in scores[0].baselines]
    sign = 1 if scores[0].errs else -1
    rows.sort(key=lambda row: (sign * row[0].value, row[1]))
    width = max(len(name) for _, name in rows)
    lines, place, first = [], 0, None
    for number, (score, name) in enumerate(rows, start=1):
        p = np.nan if first is None else _p(score.people, first.people)
        # What rounds to the same is the same, however sure its last digit is.
        tied = p >= LEVEL or (first and f"{first.value:.4f}" == f"{score.value:.4f}")
        if not tied:
            place, first = number, score
        measures = "   ".join(f"{m} {v:.4f}" for m, v in score.measures.items())
        against = "" if np.isnan(p) else f"   p {p:.4f}"
        lines.append(f"{place:>3}{'=' if tied else ' '}  {name:<{width}}   {measures}"
                     f"{against}{_flag(score, scores)}")  # fmt: skip
    note = (
        f"=: shares the place, as p against its first is {LEVEL} or more, or the score "
        "is the same. p of the others: against the place above. In brackets: baselines."
    )
    return [*lines, note]


def _p(a, b):
    """Two-sided p that two columns of people differ by chance; 1 where none does."""
    d = a - b
    if np.count_nonzero(~np.isnan(d)) < 2 or not np.nan_to_num(d).any():
        return 1.0
    return paired_test(a, b).p


def _flag(score, scores):
    """Return what a teacher should ask about."""
    words = [line.partition(":")[0] for line in score.remarks if "Too good" in line]
    words += [
        f"the same errors as {named(other.name)[1:-1]}"
        for other in scores
        if other is not score
        and other.measures == score.measures
        and np.array_equal(other.people, score.people, equal_nan=True)
    ]
    return "".join(f"   {word}" for word in words)
