"""The explanation of one prediction of a neighbourhood model."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Explanation"]


@dataclass(frozen=True)
class Explanation:
    """The neighbours behind one prediction, with their weights and contributions.

    It unpacks as ``codes, weights, ratings = model.explain(user, item)``.

    Attributes
    ----------
    base : float
        Prediction without any neighbour, in stars.
    codes : (m,) int array
        Codes of the m neighbours (users or items), strongest first.
    ids : (m,) array
        Ids of the neighbours.
    weights : (m,) float64 array
        Similarities :math:`w` of the neighbours.
    ratings : (m,) float64 array
        Ratings in stars: the neighbours' of the item, or the user's of the neighbours.
    contributions : (m,) float64 array
        Stars that each neighbour adds to the base.
    prediction : float
        Sum of base and contributions, clipped to the rating scale.

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
        """Return a DataFrame with one row per neighbour, strongest first."""
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
