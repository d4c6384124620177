"""The table of a test as arrays, with one number for each unit that was randomised."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recbook.report import columns

__all__ = ["Units", "read_units"]


@dataclass(frozen=True, eq=False)
class Units:
    """What a test measured, by the unit of randomisation.

    Parameters
    ----------
    name, outcome : str
        Of the unit's column, and of the outcome for the reader.
    arms : tuple of str
        Names of the treated arm and of the control group.
    n_rows, n_left_out : int
        Rows of the table, and those of other arms.
    n_both : int
        Units that stand in both arms.
    treated : (n,) bool array
        Who is in the treated arm.
    y : (n,) array
        Outcome, its sum where a unit has several rows.
    denominator : (n,) array or None
        Sum of what the outcome is counted on.
    before : (n,) array or None
        A number from before the test, NaN where it is missing.
    """

    name: str
    outcome: str
    arms: tuple
    n_rows: int
    n_left_out: int
    n_both: int
    treated: np.ndarray
    y: np.ndarray
    denominator: np.ndarray | None
    before: np.ndarray | None

    @property
    def sizes(self):
        """Units of the treated arm and of the control group."""
        return int(self.treated.sum()), int((~self.treated).sum())

    @property
    def binary(self):
        """Whether the outcome is yes or no, so that differences are in points."""
        return self.denominator is None and bool(np.isin(self.y, (0, 1)).all())


def read_units(frame, unit, group, outcome, before, denominator):
    """Return the units of a table, each with its sums.

    >>> frame = {"who": ["a", "b", "b"], "arm": ["A", "B", "B"], "orders": [1, 0, 2]}
    >>> units = read_units(frame, "who", ("arm", "B"), "orders", None, 1)
    >>> units.y.tolist(), units.denominator.tolist()
    ([1.0, 2.0], [1.0, 2.0])
    """
    frame = columns.table("frame", frame)
    treated, present, arms = columns.arms(frame, group)
    n_all, frame, treated = len(frame), frame[present], treated[present]
    code, ids = pd.factorize(columns.column(frame, "unit", unit))
    y, label = columns.outcome(frame, "outcome", outcome)
    share = np.bincount(code, treated) / np.bincount(code)
    counted = None
    if denominator is not None:
        counted, name = _counted(frame, denominator)
        counted, label = np.bincount(code, counted), f"{label} per {name}"
    if before is not None:
        # As it stands in the first row: it belongs to the unit, not to the row.
        before = columns.numbers(frame, "before", before, gaps=True)
        before = before[np.unique(code, return_index=True)[1]]
    return Units(
        name=str(unit),
        outcome=label,
        arms=arms,
        n_rows=len(frame),
        n_left_out=n_all - len(frame),
        n_both=int(((share > 0) & (share < 1)).sum()),
        treated=share > 0.5,
        y=np.bincount(code, y, len(ids)),
        denominator=counted,
        before=before,
    )


def _counted(frame, denominator):
    """Return what the outcome is counted on in each row, and its name."""
    if isinstance(denominator, int) and denominator == 1:
        return np.ones(len(frame)), "row"
    counted = columns.numbers(frame, "denominator", denominator)
    if (counted < 0).any():
        row = int((counted < 0).argmax())
        raise ValueError(
            f"denominator: the column {denominator!r} is {counted[row]:g} in row "
            f"{frame.index[row]}: a count is at least 0"
        )
    return counted, str(denominator)
