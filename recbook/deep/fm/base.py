"""What the three factorization machines share: their fields, loss and answers."""

import numpy as np
from scipy import sparse, special

from recbook._core.features import values_of
from recbook._core.validate import check_fitted, check_pairs
from recbook.base import anything, check_settings, check_train, known, one_of
from recbook.baselines import Bias
from recbook.deep.base import RatingModel, kept
from recbook.deep.fm.fields import (
    SideFields,
    context_codes,
    context_columns,
    item_fields,
    user_fields,
)
from recbook.deep.lazy import tf
from recbook.deep.training import shuffled_rows, train_epochs

__all__ = ["Machine"]

CHUNK = 2**15  # pairs at a time where a network answers


class Machine(RatingModel):
    """A network over sparse fields: what fit and predict are, whatever the network.

    ``_build()`` makes it from ``_design``: its input is a row of codes, of the user,
    of the item, and of each circumstance (see :func:`context_codes`).
    """

    _ranges = {
        "history": anything(),
        "raters": anything(),
        "clock": anything(),
        "loss": one_of("squared", "logistic"),
    }

    def fit(self, train, movies=None, users=None, context=None):
        """Learn from ``train``, a :class:`recbook.Ratings`; return the model.

        Parameters
        ----------
        train : Ratings
            Stars; of ``loss="logistic"``, zeros and ones.
        movies, users : pandas.DataFrame, optional
            What is known of films and people, matched by ``movie_id`` and ``user_id``
            to the ids of train. The bool columns are the values of one field,
            ``genre``, each of a film's 1 / (their number); ``year`` is read as a
            decade, ``age`` as a band, ``zip_code`` by its first character; ``title``
            and ``release_date`` are left out; any other column is a field.
        context : pandas.DataFrame, optional
            One row a rating of train, in its order; each column is a field.

        Raises
        ------
        ValueError
            Naming the argument and what is wrong with it. A ``DivergenceError`` is
            one: it names ``lr`` and the epoch.
        """
        train = check_train(train)
        check_settings(self)
        self._check_values(train)
        if self.clock and train.timestamps is None:
            raise ValueError("clock=True reads train.timestamps, which are None")
        columns = context_columns(
            train.n_ratings, train.timestamps, context, bool(self.clock)
        )
        values = {name: values_of(column) for name, column in columns.items()}
        context = context_codes(values, columns, train.n_ratings)
        learned = kept(train.n_ratings, self.validation_share, self.seed)
        fewer = train.subset(learned)
        design = designed(self, fewer, movies, users, values, context[learned])
        network = self._build(design)

        def examples(mask):
            codes = train.users[mask], train.items[mask], *context[mask].T
            return np.stack(codes, axis=1).astype(np.int32), train.values[mask]

        measure = None
        if not learned.all():
            measure = self._measure(network, *examples(~learned))
        draw = shuffled_rows(*examples(learned))
        loss = self._loss(network, design, fewer.n_ratings)
        rng = np.random.default_rng(self.seed)
        self.history_ = train_epochs(self, network, loss, draw, rng, measure)
        self.bias_, self._known = Bias().fit(fewer), known(fewer)
        self.scale_ = (float(train.values.min()), float(train.values.max()))
        self.fields_, self._design = design["fields"], design
        self._keep(network)
        return self

    def _added_up(self, design, by_field=False, by_factor=False):
        """Return the input of codes (B, 2 + C), and what the fields add up to.

        The linear part (B,), sums (B, groups, k), sums of squares (B, k) or (B, 1).
        """
        from recbook.deep.fm.layers import fields_of  # its layers need Keras

        shape = {"by_field": by_field, "by_factor": by_factor}
        codes, fields = fields_of(self, design or self._design, **shape)
        return codes, *fields(codes)

    @property
    def w0_(self):
        """The constant :math:`w_0`, a float."""
        check_fitted(self, "weights_")
        return float(self.weights_[0][0])

    @property
    def w_(self):
        """The features' weights, (n_features,)."""
        check_fitted(self, "weights_")
        return self.weights_[1][:, 0]

    @property
    def V_(self):
        """The features' vectors, (n_features, n_factors)."""
        check_fitted(self, "weights_")
        return self.weights_[1][:, 1:]

    def _check_values(self, train):
        wrong = train.values[~np.isin(train.values, (0, 1))]
        if self.loss == "logistic" and wrong.size:
            raise ValueError(
                f"loss='logistic' needs values of 0 and 1, but train holds {wrong[0]:g}"
                "; say what counts as a 1, values >= 4 perhaps"
            )

    def _loss(self, network, design, n):
        """Return the mean loss of a batch plus the whole penalty over n."""
        table = network.get_layer("fields").table
        strength = design["counts"] ** self.reg_power / n
        penalties = np.full(table.shape[1], self.reg)
        penalties[0] = self.reg_bias
        penalty = tf.constant(strength[:, None] * penalties, tf.float32)

        def loss(codes, values):
            found, values = network(codes, training=True), tf.cast(values, tf.float32)
            if self.loss == "squared":
                errors = (values - found) ** 2
            else:  # found is a logit: the one sigmoid is in here
                errors = tf.nn.sigmoid_cross_entropy_with_logits(values, found)
            return tf.reduce_mean(errors) + tf.reduce_sum(penalty * table**2)

        return loss

    def _measure(self, network, codes, values):
        """Return a function that measures the validation part: RMSE, or log loss."""

        def measure():
            found = forward(network, codes)
            if self.loss == "squared":
                return np.sqrt(np.mean((values - found) ** 2))
            return np.mean(np.logaddexp(0, found) - values * found)

        return measure

    def _answered(self, users, items):
        told = self._design["told"]  # by side information: strangers may have some
        people, films = (k | t for k, t in zip(self._known, told, strict=True))
        return people[users] & films[items]

    def _raw(self, users, items, *context):
        n = users.size
        context = context or context_codes(self._design["context"], {}, n).T
        codes = np.stack([users, items, *context], axis=1).astype(np.int32)
        found = forward(self.network_, codes)
        return special.expit(found) if self.loss == "logistic" else found

    def predict(self, users, items, timestamps=None, context=None):
        """Return the predicted stars of each pair, or probabilities, (n,) float64.

        Parameters
        ----------
        users, items : (n,) int
            Codes of train.
        timestamps : (n,) int, optional
            When; read where ``clock=True``.
        context : pandas.DataFrame, optional
            One row a pair, with columns that fit had; a column left out, a missing
            value and a value that training has not seen count nothing.

        Returns
        -------
        (n,) float64 array
            Clipped, at the very end, to the lowest and highest rating of train. A
            user or item without training ratings is answered by what is told of it,
            and with nothing told, by the mean plus the known bias.
        """
        pairs = self._codes(users, items, timestamps, context)
        return np.clip(self._stars(*pairs), *self.scale_)

    def rows(self, users, items, timestamps=None, context=None):
        """Return the sparse row x of each pair, a (n, n_features) ``csr_array``.

        The arguments are those of :meth:`predict`; column a is feature a, and the
        features of ``fields_`` follow each other in its order.
        """
        users, items, *context = self._codes(users, items, timestamps, context)
        n_features = self.w_.size
        parts = []
        for codes, (n_rows, fields) in zip(
            (users, items), self._design["sides"], strict=True
        ):
            rows, features, x = (
                np.concatenate([field[part] for field in fields]) for part in (2, 3, 4)
            )
            shape = n_rows, n_features
            parts.append(sparse.csr_array((x, (rows, features)), shape)[codes])
        first = n_features - sum(map(len, self._design["context"].values()))
        for column in context:
            there = np.flatnonzero(first + column < n_features)
            at = there, first + column[there]
            shape = users.size, n_features
            parts.append(sparse.csr_array((np.ones(there.size), at), shape))
        return sum(parts[1:], start=parts[0])

    def _codes(self, users, items, timestamps, context):
        """Return checked codes: of users, of items, and of each circumstance."""
        check_fitted(self, "weights_")
        users, items = check_pairs(users, items, *map(len, self._known))
        if timestamps is not None and np.shape(timestamps) != users.shape:
            raise ValueError(
                f"timestamps must be one a pair, {users.size}, got shape "
                f"{np.shape(timestamps)}"
            )
        found = context_columns(users.size, timestamps, context, bool(self.clock))
        values = self._design["context"]
        if unknown := set(found) - set(values):
            raise ValueError(f"context has columns that fit had not: {sorted(unknown)}")
        return users, items, *context_codes(values, found, users.size).T


def designed(model, train, movies, users, values, context):
    """Return the fields and the start of ``model`` as arrays, a dict.

    ``context`` has the codes of the circumstances of each rating of train, (n, C).
    """
    fields, told = SideFields(), []
    fields.add_side(train.n_users, user_fields(train, users, model.history))
    fields.add_side(train.n_items, item_fields(train, movies, model.raters))
    first = fields.n_features
    counts = np.zeros(first)
    for (n_rows, entries), codes in zip(
        fields.sides, (train.users, train.items), strict=True
    ):
        rated, seen = np.bincount(codes, minlength=n_rows), np.zeros(n_rows, bool)
        for number, (_, _, rows, features, x) in enumerate(entries):
            # n_a: x squared, added up over the ratings; of a one-hot field, a count.
            weights = x**2 * rated[rows]
            counts += np.bincount(features, weights, minlength=first)
            # Is there, besides the id, a feature that training has seen?
            seen[rows[counts[features] > 0]] |= number > 0
        told.append(seen)
    for name, kinds in values.items():
        fields.name(name, kinds)
    seen = context.ravel()
    rest = np.bincount(seen, minlength=fields.n_features - first + 1)[:-1]
    mean = train.values.mean()
    if model.loss == "logistic":
        mean = special.logit(np.clip(mean, 1e-3, 1 - 1e-3))
    return {
        "fields": fields.values,
        "sides": fields.sides,
        "told": told,
        "context": values,
        "counts": np.concatenate([counts, rest]),
        "mean": float(mean),
    }


def forward(network, codes):
    """Return the network's output, (n,) float64, in chunks."""
    parts = [
        network(codes[first : first + CHUNK], training=False).numpy()
        for first in range(0, len(codes), CHUNK)
    ]
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)
