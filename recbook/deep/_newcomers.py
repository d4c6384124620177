"""Somebody new to the rating towers: what is believed of them, and what they say."""

import numpy as np

__all__ = ["settled"]

# Chosen on people left out of u1's train: the error on the rest of their train ratings.
DOUBT = 10  # ratings with which a history is believed as much as the typical person
REG = 5.0


def settled(films, stars, mean, own, typical):
    r"""Return :math:`z = [p_u, b_u]` of somebody new, (k + 1,) float64.

    Where training gave each person an id, the rest of a row need not say what the id
    says, and for somebody without an id it says too little. So it is only believed
    first, as far as there are ratings to it, and then held against the stars:

    .. math::
        z_0 = \frac{n}{n + 10}\, z_{\text{own}} + \frac{10}{n + 10}\,
        z_{\text{typical}}, \qquad
        z = \arg\min_z \sum_{i} \bigl(r_{ui} - \mu - b_i - z^\top [q_i, 1]\bigr)^2
        + 5\, \|z - z_0\|^2 ,

    the sum over the n films that they rated. Without any, z is the typical person's.

    Parameters
    ----------
    films : (n, k + 1) array
        :math:`[q_i, b_i]` of the rated films.
    stars : (n,) array
        :math:`r_{ui}`.
    mean : float
        :math:`\mu`.
    own, typical : (k + 1,) arrays
        What the towers make of the ratings, and of the rows of train on average.

    Examples
    --------
    One film without a vector, two stars above the mean, and 5 + 1 to share them:

    >>> settled(np.zeros((1, 2)), np.array([5.0]), 3.0, np.zeros(2), np.zeros(2))
    array([0.        , 0.33333333])
    """
    share = len(stars) / (len(stars) + DOUBT)
    z = share * own + (1 - share) * typical
    if not len(stars):
        return z
    Q = np.hstack([films[:, :-1], np.ones((len(films), 1))]).astype(np.float64)
    left = stars - mean - films[:, -1] - Q @ z
    return z + np.linalg.solve(Q.T @ Q + REG * np.eye(Q.shape[1]), Q.T @ left)
