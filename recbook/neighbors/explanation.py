"""What a neighbourhood model answers when it is asked why."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Explanation"]


@dataclass(frozen=True)
class Explanation:
    """Who speaks in a prediction, how loudly, and what they say.

    Attributes
    ----------
    base : float
        What would be predicted without any neighbour's word.
    codes : (m,) int array
        The neighbours, the strongest first: users or items.
    ids : (m,) array
        What the codes stand for.
    weights, ratings, contributions : (m,) float64 arrays
        Similarity, rating in stars, and what it adds to the base, in stars.
    prediction : float
        Base and contributions together, clipped to the rating scale.

    Notes
    -----
    It unpacks as ``codes, weights, ratings = model.explain(user, item)``.

    Examples
    --------
    >>> one = [np.array([value]) for value in (7, "Heat", 0.9, 4.0, 0.5)]
    >>> Explanation(3.5, *one, prediction=4.0).frame()["id"].tolist()
    ['Heat']
    """

    base: float
    codes: np.ndarray
    ids: np.ndarray
    weights: np.ndarray
    ratings: np.ndarray
    contributions: np.ndarray
    prediction: float

    def __iter__(self):
        """Yield the codes, the weights and the ratings of the neighbours."""
        return iter((self.codes, self.weights, self.ratings))

    def frame(self):
        """Return the neighbours as a table, one a row, strongest first."""
        import pandas as pd

        return pd.DataFrame(
            {
                "id": self.ids,
                "code": self.codes,
                "weight": self.weights,
                "rating": self.ratings,
                "contribution": self.contributions,
            }
        )
