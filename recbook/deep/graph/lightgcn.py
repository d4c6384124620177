"""LightGCN: factors smoothed along the graph of ratings."""

from typing import Self

import numpy as np
from scipy import sparse

from recbook._core.negatives import RatedPairs
from recbook._core.validate import check_positive_int
from recbook.base import check_settings, check_train, count, known, one_of
from recbook.deep.base import RankingModel, held_out, mean_ndcg, seeds
from recbook.deep.graph.base import softmax_loss, user_batches
from recbook.deep.lazy import keras, tf
from recbook.deep.training import train_epochs

__all__ = ["LightGCN", "edges", "normalized_adjacency", "propagate"]

LOSSES = ("softmax", "bpr")


class LightGCN(RankingModel):
    r"""Rank items by factors that are smoothed along the graph of ratings.

    Every user and item is a node with a free vector, a row of :math:`E^{(0)}`. A layer
    replaces each vector by a weighted sum of its neighbours' vectors. The final vectors
    are the mean over all layers:

    .. math::

        E^{(k+1)} = \hat A E^{(k)}, \qquad
        E = \frac{1}{K+1} \sum_{k=0}^{K} E^{(k)}, \qquad
        \hat s_{ui} = e_u^\top e_i ,

    where :math:`e_u` and :math:`e_i` are rows of E and
    :math:`\hat A = D^{-1/2} A D^{-1/2}` comes from
    :func:`~recbook.deep.graph.normalized_adjacency`. There are no weights or
    nonlinearities between layers. With :math:`K = 0` this is matrix factorization.
    Every step propagates the whole graph.

    With ``loss="softmax"`` each user's items are modelled as draws from all items with
    probabilities proportional to :math:`e^{\hat s_{ui}}`. The loss, in batches of
    users, is

    .. math::

        \frac{1}{Z} \sum_u |I_u|^{-a} \sum_{i \in I_u}
        -\ln \frac{e^{\hat s_{ui}}}{\sum_j e^{\hat s_{uj}}}
        + \frac{\lambda}{2 m} \|E^{(0)}\|^2 ,
        \qquad Z = \sum_u |I_u|^{1-a} ,

    where :math:`I_u` are the items that u rated and m is the number of users. With
    ``loss="bpr"`` the loss is the mean of
    :math:`-\ln \sigma(\hat s_{ui} - \hat s_{uj})` over triples plus the same penalty.
    Item i was rated by u, and j is drawn uniformly from the items that u has not rated.
    An epoch has as many triples as ratings.

    The model learns from implicit feedback: it ignores the stars and has no
    ``predict``. A user without ratings gets the items' numbers of ratings as scores.

    Parameters
    ----------
    n_factors : int
        Length of the vectors.
    n_layers : int
        Number K of layers. With 0 nothing is propagated.
    loss : {"softmax", "bpr"}
        Which of the two losses is minimised.
    n_epochs : int
        Largest number of passes over the users ("softmax") or ratings ("bpr").
    batch_size : int
        Number of users ("softmax") or triples ("bpr") per step.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty, at least 0.
    user_power : float
        Exponent a of "softmax". With 0 each rating counts the same, with 1 each user.
    dropout : float
        Share of edges, in [0, 1), that a training step leaves out. The weights of the
        others are divided by 1 - dropout.
    init_std : float
        Standard deviation of the initial vectors.
    validation_share : float
        Share of train that is held out and measured by nDCG@10 after each epoch. The
        weights of the best epoch are kept. With 0 the model learns from all of train
        for ``n_epochs``.
    patience : int
        Number of epochs without improvement after which training stops.
    seed : int
        Seeds all random draws.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_ : (n_users, n_factors) float32 array
        The final vectors :math:`e_u`.
    Q_ : (n_items, n_factors) float32 array
        The final vectors :math:`e_i`.
    weights_ : list of one array
        :math:`E^{(0)}`, users first.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, including the penalty, and ``"validation"`` if it was
        measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range or train is empty.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    Notes
    -----
    The loss of the LightGCN paper is "bpr". The softmax over all items is that of
    Liang, Krishnan, Hoffman & Jebara (2018).

    References
    ----------
    - He, Deng, Wang, Li, Zhang & Wang (2020), "LightGCN: Simplifying and Powering Graph
      Convolution Network for Recommendation", SIGIR.
    - Liang, Krishnan, Hoffman & Jebara (2018), "Variational Autoencoders for
      Collaborative Filtering", WWW, equation 2.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> toy = load_toy()
    >>> model = LightGCN(n_factors=4, n_epochs=100, validation_share=0.0).fit(toy)
    >>> toy.item_ids[model.recommend([2], k=1, exclude=toy)[0]].tolist()  # for Cem
    ['Up']
    """

    def __init__(
        self,
        n_factors=64,
        n_layers=2,
        loss="softmax",
        n_epochs=100,
        batch_size=236,
        lr=0.02,
        lr_decay: float | None = 1.0,
        reg=0.03,
        user_power=0.1,
        dropout=0.0,
        init_std=0.1,
        validation_share=0.1,
        patience=10,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_layers = n_layers
        self.loss = loss
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.user_power = user_power
        self.dropout = dropout
        self.init_std = init_std
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    _ranges = {"n_layers": count(0), "loss": one_of(*LOSSES)}

    def fit(self, train) -> Self:
        """Learn from ``train`` and return the model.

        Parameters
        ----------
        train : Ratings
            Every rating is an edge of the graph, whatever its stars.

        Returns
        -------
        LightGCN
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        rng = np.random.default_rng(self.seed)
        graph = fewer.csr
        network = self._network_of(graph)
        loss, draw = self._task(network, graph)

        def smooth():
            tables = network.get_layer("propagation")(np.zeros(1))
            return [table.numpy() for table in tables]

        def measure():
            P, Q = smooth()
            return mean_ndcg(lambda users: P[users] @ Q.T, fewer, validation)

        stop = measure if validation is not None else None
        history: dict[str, list] = {"loss": []}
        if draw is not None:  # XLA has no sparse matrices
            history = train_epochs(
                self, network, loss, draw, rng, stop, True, jit=False
            )
        self._edges = edges(graph)
        self._keep(network)
        self.P_, self.Q_ = smooth()
        self.counts_ = np.bincount(train.items, minlength=train.n_items).astype(float)
        self._known, self.history_ = known(fewer), history
        return self

    def _build(self):
        users, items = self._edges
        ones = np.ones(users.size)
        return self._network_of(sparse.csr_array((ones, (users, items)), self._shape))

    def _network_of(self, R):
        """Return the network over one graph, from user codes to scores."""
        from recbook.deep.graph.layers import Propagation

        draw = seeds(self.seed)
        smooth = Propagation(
            normalized_adjacency(R), int(R.shape[0]), self.n_factors, self.n_layers,
            float(self.dropout),
            keras.initializers.RandomNormal(0.0, float(self.init_std), next(draw)),
            next(draw), name="propagation",
        )  # fmt: skip
        codes = keras.Input((), dtype="int32", name="users")  # (batch,)
        P, Q = smooth(codes)  # (n_users, n_factors), (n_items, n_factors)
        p = keras.ops.take(P, codes, axis=0)  # (batch, n_factors)
        scores = keras.ops.matmul(p, keras.ops.transpose(Q))  # (batch, n_items)
        return keras.Model(codes, scores)

    def _task(self, network, R):
        """Return the loss of a batch and the draw of an epoch's examples."""
        smooth = network.get_layer("propagation")
        n_users = R.shape[0]
        reg = float(self.reg) / (2 * n_users)

        def penalty():
            return reg * tf.reduce_sum(smooth.E**2)

        def softmax(users, rows, weights):
            nll = softmax_loss(network(users, training=True), rows)
            return tf.reduce_mean(weights * nll) + penalty()

        def bpr(users, items, negatives):
            P, Q = smooth(users, training=True)
            gap = tf.gather(Q, items) - tf.gather(Q, negatives)  # (batch, n_factors)
            x = tf.reduce_sum(tf.gather(P, users) * gap, axis=1)  # (batch,)
            return penalty() - tf.reduce_mean(tf.math.log_sigmoid(x))

        if self.loss == "softmax":
            return softmax, user_batches(R, float(self.user_power))
        pairs = RatedPairs(R)
        if pairs.size == 0:  # every pair is rated, so there are no triples
            return bpr, None
        return bpr, lambda rng: pairs.draw(rng, pairs.size)

    def _score(self, users):
        return self.P_[users] @ self.Q_.T


def normalized_adjacency(R):
    r"""Return the normalised graph of users and items, :math:`D^{-1/2} A D^{-1/2}`.

    The nodes are the users and then the items. A has a 1 where the user rated the item
    and 0 elsewhere. D is diagonal and holds the degrees, the numbers of edges of the
    nodes. So an edge between u and i has the weight :math:`1/\sqrt{d_u d_i}`.

    Parameters
    ----------
    R : (n_users, n_items) csr_array
        For example ``Ratings.csr``. Each entry is an edge, whatever its value.

    Returns
    -------
    (n_users + n_items, n_users + n_items) csr_array of float64
        Symmetric, with eigenvalues in [-1, 1]. The row of a node without edges is 0.

    References
    ----------
    He, Deng, Wang, Li, Zhang & Wang (2020), "LightGCN", SIGIR, equation 8.

    Examples
    --------
    One user rated two items, so the degrees are 2, 1 and 1.

    >>> R = sparse.csr_array(np.array([[5.0, 3.0]]))
    >>> normalized_adjacency(R).toarray().round(3).tolist()
    [[0.0, 0.707, 0.707], [0.707, 0.0, 0.0], [0.707, 0.0, 0.0]]
    """
    users, items = edges(R)
    n_users, n = R.shape[0], sum(R.shape)
    rows = np.concatenate([users, items + n_users])
    columns = np.concatenate([items + n_users, users])
    degree = np.bincount(rows, minlength=n)
    weights = 1.0 / np.sqrt(degree[rows] * degree[columns])
    return sparse.csr_array((weights, (rows, columns)), shape=(n, n))


def edges(R):
    """Return the users and the items of R's entries as int32, explicit zeros included.

    >>> edges(sparse.csr_array(([1.0, 0.0], ([0, 0], [1, 2])), shape=(1, 3)))[1]
    array([1, 2], dtype=int32)
    """
    users = np.repeat(np.arange(R.shape[0], dtype=np.int32), np.diff(R.indptr))
    return users, R.indices.astype(np.int32)


def propagate(A, E, n_layers):
    r"""Return LightGCN's final vectors, :math:`\frac{1}{K+1} \sum_{k=0}^{K} A^k E`.

    Parameters
    ----------
    A : (n, n) csr_array
        From :func:`~recbook.deep.graph.normalized_adjacency`.
    E : (n, n_factors) array
        One vector per node.
    n_layers : int
        Number K of layers, at least 0. With 0 the result is E.

    Returns
    -------
    (n, n_factors) float64 array
        The mean over all layers.

    References
    ----------
    He, Deng, Wang, Li, Zhang & Wang (2020), "LightGCN", SIGIR, equations 7 and 4.

    Examples
    --------
    A number at the user passes to both items, 1/sqrt(2) to each, and the mean halves
    it.

    >>> A = normalized_adjacency(sparse.csr_array(np.array([[5.0, 3.0]])))
    >>> propagate(A, np.array([[1.0], [0.0], [0.0]]), n_layers=1).round(3).tolist()
    [[0.5], [0.354], [0.354]]
    """
    n_layers = check_positive_int("n_layers", n_layers, minimum=0)
    layer = np.asarray(E, dtype=np.float64)
    total = layer.copy()
    for _ in range(n_layers):
        layer = A @ layer
        total += layer
    return total / (n_layers + 1)
