"""The explanation of one score: the parts of it that the user's own items make."""

from dataclasses import dataclass

import numpy as np

from recbook._core.validate import check_fitted, check_pairs

__all__ = ["Explanation"]


@dataclass(frozen=True)
class Explanation:
    """The items (or users) behind one score, with their weights and contributions.

    The neighbours of a neighbourhood model, and the user's own items in a linear model
    or in :class:`~recbook.ImplicitALS`. It unpacks as
    ``codes, weights, ratings = model.explain(user, item)``.

    Attributes
    ----------
    base : float
        The score without any of them, in stars where the model predicts stars.
    codes : (m,) int array
        Codes of the m neighbours (users or items), strongest first. The linear models
        and ImplicitALS sort by the size of the contribution.
    ids : (m,) array
        Ids of the neighbours.
    weights : (m,) float64 array
        Similarities :math:`w` of the neighbours, or the model's weights of the pairs.
    ratings : (m,) float64 array
        Ratings in stars: the neighbours' of the item, or the user's of the neighbours.
        In a linear model the 1 of an item that the user has, in ImplicitALS its
        confidence.
    contributions : (m,) float64 array
        What each neighbour adds to the base, in the unit of the score.
    prediction : float
        Sum of base and contributions, clipped to the rating scale where there is one.

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


def explained(model, user, item, ids):
    """Return the explanation of one pair by the parts that the model can name.

    ``model._parts(user, items)`` returns the user's own items (m,), what the user's row
    holds of them (m,), and the weights between them and the items (m, n).
    """
    check_fitted(model, model._fitted)
    users, items = check_pairs([user], [item], *model._shape)
    codes, held, weights = model._parts(users[0], items)
    score = float(model.scores(users)[0, items[0]])
    added = held * weights[:, 0]
    order = np.argsort(-np.abs(added), kind="stable")
    return Explanation(
        base=score - float(added.sum()),
        codes=codes[order],
        ids=np.asarray(ids)[codes[order]],
        weights=weights[order, 0],
        ratings=held[order],
        contributions=added[order],
        prediction=score,
    )
