r"""The towers as they are served: a few arrays and sums of their rows, no network.

A tower adds up the vectors of the features that are there. The films are known before
anybody asks, so their sums are made once. A visitor's features are the films they
rated, each with its level of stars and the weight :math:`10/(n + 5)`, so that a visitor
is a sum of n rows. That is enough for a list. To predict stars, the sum is
mixed with the typical person's vector and then corrected by the visitor's stars
(``recbook.deep.towers.rows.settled``).
"""

from dataclasses import dataclass, field, fields

import numpy as np
from scipy import sparse

from recbook.deep.towers.rows import history_weight, level_of, settled

__all__ = ["ServingTower"]


@dataclass(frozen=True, eq=False)
class ServingTower:
    r"""The serving half of a pair of towers.

    Parameters
    ----------
    films : (n_items, k + 1) float32
        One row per film: :math:`q_i` and its weight :math:`b_i`.
    taste : (n_levels, n_items, k + 1) float32
        What a rating at a level of stars says about the person: the vector
        :math:`v_a` and a weight. Only the towers that predict stars have weights.
    levels : (n_levels - 1,) float64
        The stars at which a level begins. With 3 and 4 the levels are 1 to 2, 3, and 4
        to 5.
    mean : float
        :math:`\mu` in stars, or 0 if the towers do not predict stars.
    typical : (k + 1,) float64
        :math:`[p, b]` of the typical person without ratings. Zeros if the towers do
        not predict stars.

    Examples
    --------
    >>> tower = ServingTower.simple(np.array([[3.0], [-3.0]]), np.array([[0.5], [0]]))
    >>> tower.user_vector([0], [5]).tolist()
    [5.0, 1.0]
    >>> tower.user_vector([0], [1]).tolist()
    [-5.0, 1.0]
    """

    films: np.ndarray = field(repr=False)
    taste: np.ndarray = field(repr=False)
    levels: np.ndarray
    mean: float
    typical: np.ndarray = field(repr=False)

    @classmethod
    def of(cls, model):
        """Take the arrays out of fitted towers, and compare them with the towers.

        Raises
        ------
        ValueError
            If a new visitor gets another vector from the arrays than from the model.
        """
        films = model.film_vectors().astype(np.float32)
        n_items, n_factors = len(films), films.shape[1] - 1
        stars = [model.scale_[0], *model.levels]
        firsts = [np.flatnonzero(model.describe_user([0], [s]))[0] for s in stars]
        columns = (np.array(firsts)[:, None] + np.arange(n_items)).ravel()
        shape = len(columns), len(model.describe_user([], []))
        rows = sparse.csr_array(
            (np.ones(len(columns)), (np.arange(len(columns)), columns)), shape
        )
        vectors = model.user_vectors(rows)
        vectors[:, n_factors], mean, typical = 0.0, 0.0, np.zeros(n_factors + 1)
        if hasattr(model, "user_constants"):  # towers that predict stars
            nobody = sparse.csr_array((1, shape[1]))
            mean = float(model.user_constants(nobody)[0])
            vectors[:, n_factors] = model.user_constants(rows) - mean
            typical = model.settle([], [])
        taste = vectors.reshape(len(stars), n_items, n_factors + 1)
        tower = cls(
            films,
            taste.astype(np.float32),
            np.array(model.levels, dtype=np.float64),
            mean,
            typical,
        )
        tower._check(model)
        return tower

    @classmethod
    def simple(cls, tastes, weights, mean=0.0):
        """Make towers in which 4 stars or more attract and fewer than 3 repel.

        Parameters
        ----------
        tastes : (n_items, k) array
            Vectors of the films, which are used for the visitors too.
        weights : (n_items, 1) array
            Weights of the films.
        mean : float
            Stars of a film with weight 0 for an unknown visitor.
        """
        pulls = np.hstack([tastes, np.zeros_like(weights)])
        films = np.hstack([tastes, weights]).astype(np.float32)
        return cls(
            films,
            np.stack([-pulls, 0 * pulls, pulls]).astype(np.float32),
            np.array([3.0, 4.0]),
            float(mean),
            np.zeros(films.shape[1]),
        )

    @classmethod
    def from_arrays(cls, arrays):
        """Make towers from :meth:`arrays`. Raise a ValueError if they do not fit."""
        films, taste, levels = (arrays[name] for name in ("films", "taste", "levels"))
        fits = taste.shape == (len(levels) + 1, *films.shape)
        if not fits or arrays["typical"].shape != films.shape[1:]:
            shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
            raise ValueError(f"the arrays' shapes do not fit: {shapes}")
        if not (np.diff(levels) > 0).all():
            raise ValueError("the levels do not rise")
        for name, array in arrays.items():
            if array.dtype.kind != "f":
                raise ValueError(
                    f"{name} holds {array.dtype}, no floating-point numbers"
                )
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds numbers that are not finite")
        return cls(films, taste, levels, float(arrays["mean"]), arrays["typical"])

    def arrays(self):
        """Return everything as a dict of arrays."""
        return {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}

    def user_vector(self, items, stars):
        """Return :math:`[p_u, 1]` of a visitor with these ratings, (k + 1,) float32."""
        vector = self._sum(items, stars)
        vector[-1] = 1.0
        return vector

    def shares(self, items, stars, film):
        r"""Return what each rating adds to a film's score, (n,) float64.

        Together with the film's weight they are the score:
        :math:`[p_u, 1]^\top [q_i, b_i] = b_i + \sum_a x_{ua}\, v_a^\top q_i`.

        Parameters
        ----------
        items, stars : (n,) arrays
            Rows of the rated films, and their stars.
        film : int
            Row of the film in question.
        """
        says = self._rows(items, stars)[:, :-1].astype(np.float64)
        return says @ self.films[film, :-1] * history_weight(len(says))

    def stars(self, items, stars, wanted):
        """Return the expected stars of the visitor for other films, from 1 to 5.

        Parameters
        ----------
        items, stars : (n,) arrays
            Rows of the rated films, and their stars.
        wanted : (m,) int array
            Rows of the films in question.
        """
        z = self._settled(items, stars)
        expected = self.mean + z[-1] + self.films[wanted] @ np.r_[z[:-1], 1.0]
        return np.clip(expected, 1.0, 5.0)

    def _settled(self, items, stars):
        items, stars = np.asarray(items, np.intp), np.asarray(stars, np.float64)
        own = self._sum(items, stars)
        return settled(self.films[items], stars, self.mean, own, self.typical)

    def _sum(self, items, stars):
        if not len(items):
            return np.zeros(self.films.shape[1], dtype=np.float32)
        weight = np.float32(history_weight(len(items)))
        return self._rows(items, stars).sum(axis=0) * weight

    def _rows(self, items, stars):
        """Return the vector that each rating adds to the person, (n, k + 1)."""
        return self.taste[level_of(stars, self.levels), items]

    def _check(self, model, tolerance=1e-4):
        """Check that model and arrays give newcomers the same vectors."""
        rng = np.random.default_rng(0)
        for n in (0, 1, 5, 40):
            items = rng.choice(len(self.films), min(n, len(self.films)), replace=False)
            stars = rng.integers(1, 6, len(items))
            pairs = {"vector": (self.user_vector(items, stars), model.fold_in)}
            if hasattr(model, "settle"):
                pairs["person"] = (self._settled(items, stars), model.settle)
            for what, (ours, ask) in pairs.items():
                if not np.allclose(ours, ask(items, stars), atol=tolerance):
                    raise ValueError(
                        f"somebody with {n} ratings gets another {what} from the "
                        f"arrays than from {type(model).__name__}; the export does "
                        f"not know all of its features"
                    )
