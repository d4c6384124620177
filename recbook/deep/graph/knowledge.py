"""Matrix factorization joined with TransE on facts about items."""

from typing import NamedTuple, Self

import numpy as np

from recbook._core.validate import check_fitted, check_pairs, check_positive_int
from recbook.base import at_least, check_settings, check_train, known
from recbook.deep.base import RankingModel, held_out, mean_ndcg, seeds
from recbook.deep.graph.base import softmax_loss, user_batches
from recbook.deep.graph.facts import Facts, film_triples, with_triples
from recbook.deep.lazy import keras, tf
from recbook.deep.training import train_epochs

__all__ = ["KnowledgeMF", "Path", "paths", "titles"]

FORBIDDEN = -1e9  # a logit that takes an item out of the softmax


class KnowledgeMF(RankingModel):
    r"""Rank items by factors in which an item's vector is partly made of its facts.

    Facts are triples: item i has the relation r to the entity e, as in (i, genre,
    Drama). TransE represents a relation as a step from the item's vector to the
    entity's, :math:`q_i + c_r \approx t_e`. So each fact says where the item's vector
    should be:

    .. math::

        q_i = f_i + \frac{1}{|T_i|} \sum_{(r,e) \in T_i} (t_e - c_r) , \qquad
        \hat s_{ui} = p_u^\top q_i .

    Here :math:`p_u` is the user's vector, :math:`T_i` is the set of facts about i, and
    :math:`f_i` is a free vector for everything that the facts do not say.

    The loss is the sum of three terms: the softmax loss of :class:`~recbook.LightGCN`
    over all items with ratings, the penalty
    :math:`\frac{\lambda}{2m} (\sum_u \|p_u\|^2 + \sum_i \|f_i\|^2)` with m the number
    of users, and ``kg_weight`` times the mean over the triples of

    .. math::

        \bigl[ \gamma + \|q_i + c_r - t_e\| - \|q_{i'} + c_r - t_{e'}\| \bigr]_+ ,

    where the item or the entity was replaced at random such that (i', r, e') is not a
    known triple, and :math:`[x]_+ = \max(x, 0)`. Every :math:`t_e` stays in the unit
    ball, since longer vectors alone would satisfy this hinge.

    The model learns from implicit feedback: it ignores the stars and has no
    ``predict``. A user without ratings gets the items' numbers of ratings as scores. An
    item without ratings has no free vector, so its vector is what its facts say, and it
    takes no part in the softmax. Without facts too, its score is 0. Without ``movies``
    and ``triples`` the model is plain matrix factorization.

    Parameters
    ----------
    n_factors : int
        Length of all vectors.
    n_epochs : int
        Largest number of passes over the users, each with one pass over the triples.
    batch_size : int
        Number of users per step.
    lr : float
        Adam's step size.
    lr_decay : float, optional
        Factor that multiplies the step size after each epoch. None keeps it constant.
    reg : float
        Strength :math:`\lambda` of the penalty, at least 0.
    user_power : float
        With 0 each rating counts the same in the softmax loss, with 1 each user.
    kg_weight : float
        Weight of the hinge, at least 0.
    margin : float
        Margin :math:`\gamma` of the hinge, at least 0.
    dropout : float
        Share of items whose free vector a step hides, so that the facts learn to work
        without it.
    init_std : float
        Standard deviation of the initial :math:`p, t, c`. For :math:`f` it is a tenth.
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
        The vectors :math:`p_u`.
    Q_ : (n_items, n_factors) float32 array
        The vectors :math:`q_i`.
    facts_ : list of (relation, entity)
        All different facts.
    parts_ : (n_facts, n_factors) float32 array
        The vector :math:`t_e - c_r` of each fact.
    triples_ : list of (film, relation, entity)
        All known triples, with items by their ``item_ids``.
    counts_ : (n_items,) float64 array
        Number of training ratings of each item.
    history_ : dict of str to list of float
        ``"loss"`` of each epoch, all three terms, and ``"validation"`` if it was
        measured.

    Raises
    ------
    ValueError
        From ``fit``, if a setting is out of its range, train is empty, or ``movies`` or
        ``triples`` cannot be read.
    DivergenceError
        From ``fit``, if the loss is not finite. The message names lr and the epoch.

    References
    ----------
    - Bordes, Usunier, García-Durán, Weston & Yakhnenko (2013), "Translating Embeddings
      for Modeling Multi-relational Data", NIPS, equations 1 and 2.
    - Zhang, Yuan, Lian, Xie & Ma (2016), "Collaborative Knowledge Base Embedding for
      Recommender Systems", KDD. It adds a free vector to a knowledge vector.
    - Volkovs, Yu & Poutanen (2017), "DropoutNet: Addressing Cold Start in Recommender
      Systems", NIPS. It hides the free vector in training.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> triples = [("Alien", "genre", "Sci-Fi"), ("Dune", "genre", "Sci-Fi"),
    ...            ("Up", "genre", "Animation"), ("Coco", "genre", "Animation")]
    >>> model = KnowledgeMF(n_factors=4, validation_share=0.0)
    >>> paths = model.fit(load_toy(), triples=triples).explain(user=2, item=1)
    >>> paths[0][:4]
    ('Alien', 'genre', 'Sci-Fi', 'Dune')
    """

    def __init__(
        self,
        n_factors=64,
        n_epochs=100,
        batch_size=236,
        lr=0.02,
        lr_decay: float | None = 1.0,
        reg=0.2,
        user_power=0.25,
        kg_weight=0.1,
        margin=0.5,
        dropout=0.2,
        init_std=0.1,
        validation_share=0.1,
        patience=10,
        seed=0,
        verbose=False,
    ):
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.batch_size = batch_size
        self.lr = lr
        self.lr_decay = lr_decay
        self.reg = reg
        self.user_power = user_power
        self.kg_weight = kg_weight
        self.margin = margin
        self.dropout = dropout
        self.init_std = init_std
        self.validation_share = validation_share
        self.patience = patience
        self.seed = seed
        self.verbose = verbose

    _ranges = {"kg_weight": at_least(0), "margin": at_least(0)}

    def fit(self, train, movies=None, triples=None) -> Self:
        """Learn from ratings and from facts about the items, and return the model.

        Parameters
        ----------
        train : Ratings
            Every rating counts, whatever its stars.
        movies : DataFrame, optional
            ``MovieLens.movies``. Without ``triples`` it gives the facts, by
            :func:`~recbook.deep.graph.film_triples`. It also gives ``explain`` its
            titles.
        triples : DataFrame or sequence of (film, relation, entity), optional
            Films are ``train.item_ids``. Triples of other films are left out.

        Returns
        -------
        KnowledgeMF
            The model itself.
        """
        train = check_train(train)
        check_settings(self)
        if triples is None and movies is not None:
            triples = film_triples(movies)
        facts = Facts(triples, train.item_ids)
        fewer, validation = held_out(train, self.validation_share, self.seed)
        network = self._network_of(facts, known(fewer)[1], train.n_users)
        loss, draw = self._task(network, facts, fewer)

        def measure():
            P, Q, _ = self._vectors(network, facts)
            return mean_ndcg(lambda users: P[users] @ Q.T, fewer, validation)

        stop = measure if validation is not None else None
        rng = np.random.default_rng(self.seed)
        history = train_epochs(self, network, loss, draw, rng, stop, higher=True)
        ids = np.asarray(train.item_ids).tolist()
        self._item_ids, self._titles = ids, titles(ids, movies)
        self.facts_, self._known_facts = facts.names, (facts.films, facts.facts)
        self.triples_ = [
            (ids[film], *facts.names[fact])
            for film, fact in zip(facts.films, facts.facts, strict=True)
        ]
        self._keep(network)
        self.P_, self.Q_, self.parts_ = self._vectors(network, facts)
        self._rated = tuple(
            np.array(part)
            for part in (train.csr.indptr, train.csr.indices, train.csr.data)
        )
        self.counts_ = np.bincount(train.items, minlength=train.n_items).astype(float)
        self._known, self.history_ = known(fewer), history
        return self

    def _build(self):
        facts = Facts(self.triples_, self._item_ids)
        return self._network_of(facts, self._known[1], self._known[0].size)

    def _network_of(self, facts, rated, n_users):
        """Return the network over some facts, from user codes to scores."""
        from recbook.deep.graph.layers import FilmVectors

        draw = seeds(self.seed)

        def normal(std):
            return keras.initializers.RandomNormal(0.0, std, next(draw))

        std = float(self.init_std)
        films = FilmVectors(
            facts, rated, self.n_factors, self.dropout,
            (normal(std / 10), normal(std), normal(std)), next(draw), name="films",
        )  # fmt: skip
        codes = keras.Input((), dtype="int32", name="users")  # (batch,)
        people = keras.layers.Embedding(
            n_users, self.n_factors, embeddings_initializer=normal(std), name="people"
        )
        p = people(codes)  # (batch, n_factors)
        q = films(codes)  # (n_items, n_factors), whatever the batch
        scores = keras.ops.matmul(p, keras.ops.transpose(q))  # (batch, n_items)
        return keras.Model(codes, [p, q, scores])

    def _task(self, network, facts, train):
        """Return the loss of a batch and the draw of an epoch's examples."""
        films = network.get_layer("films")
        cold = tf.where(known(train)[1], 0.0, FORBIDDEN)
        reg, weight, margin = map(float, (self.reg, self.kg_weight, self.margin))

        def loss(users, rows, weights, *triples):
            p, q, scores = network(users, training=True)
            value = tf.reduce_mean(weights * softmax_loss(scores + cold, rows))
            value += reg / 2 * tf.reduce_mean(tf.reduce_sum(p**2, axis=1))
            value += reg / (2 * train.n_users) * tf.reduce_sum(films.f**2)
            if triples:
                value += weight * tf.reduce_mean(films.hinge(q, *triples, margin))
            return value

        people = user_batches(train.csr, float(self.user_power))
        if not facts.names:
            return loss, people
        return loss, with_triples(people, facts, train.n_items)

    def _vectors(self, network, facts):
        """Return the vectors of users, of items and of facts."""
        films, people = network.get_layer("films"), network.get_layer("people")
        q = films(np.zeros(1)).numpy()
        parts = films.parts().numpy() if facts.names else q[:0]
        return people.get_weights()[0], q, parts

    def _score(self, users):
        return self.P_[users] @ self.Q_.T

    def explain(self, user, item, k=10):
        r"""Explain a score by the facts that the item shares with the user's items.

        The weight of a fact is exact for this model. It is the score minus the score
        that the item would have without the fact:

        .. math::

            \frac{1}{|T_i|} \sum_{T_i} p_u^\top (t_{e'} - c_{r'})
            - \frac{1}{|T_i| - 1} \sum_{T_i \setminus (r, e)}
            p_u^\top (t_{e'} - c_{r'}) .

        The second term is 0 for an item's only fact. The free part :math:`p_u^\top f_i`
        of the score has no explanation. The film of a path is an illustration and does
        not enter the weight. It is the item with the fact to which the user gave most
        stars, and among equal stars the one with the highest score.

        Parameters
        ----------
        user, item : int
            User code and item code.
        k : int
            Largest number of paths.

        Returns
        -------
        list of Path
            Tuples (film, relation, entity, target, weight), the largest weight first.
            Films are titles, or ``item_ids`` if ``fit`` had no ``movies``. Only facts
            of positive weight that another item of the user shares are listed, so the
            list may be empty.
        """
        check_fitted(self, "weights_")
        users, items = check_pairs([user], [item], *map(len, self._known))
        reasons = paths(self, int(users[0]), int(items[0]))
        return reasons[: check_positive_int("k", k)]


class Path(NamedTuple):
    """A reason: the user has ``film``, which shares ``entity`` with ``target``.

    ``weight`` is the amount by which the target's score would fall without the fact.

    >>> Path("Scream", "series", "Scream", "Scream 2", 0.5).entity
    'Scream'
    """

    film: object
    relation: str
    entity: str
    target: object
    weight: float


def paths(model, user, item):
    """Return all paths of ``KnowledgeMF.explain``, the largest weight first."""
    films, facts = model._known_facts
    own = facts[films == item]
    if not model._known[0][user] or not own.size:
        return []
    scores = (model.parts_[own] @ model.P_[user]).astype(float)  # one for each fact
    others = (scores.sum() - scores) / max(own.size - 1, 1)
    reasons = []
    for fact, weight in zip(own, scores.mean() - others, strict=True):
        film = _witness(model, user, item, films[facts == fact])
        if weight > 0 and film is not None:
            names = model._titles[film], *model.facts_[fact], model._titles[item]
            reasons.append(Path(*names, float(weight)))
    return sorted(reasons, key=lambda path: -path.weight)


def _witness(model, user, item, sharing):
    """Return the user's best item among the sharing ones, other than ``item``."""
    indptr, indices, stars = model._rated
    row = slice(indptr[user], indptr[user + 1])
    shared = np.isin(indices[row], sharing) & (indices[row] != item)
    if not shared.any():
        return None
    items, stars = indices[row][shared], stars[row][shared]
    order = np.lexsort((items, -(model.Q_[items] @ model.P_[user]), -stars))
    return items[order[0]]


def titles(ids, movies):
    """Return the films' titles, or the id of a film that is not in ``movies``."""
    if movies is None:
        return ids
    title = dict(zip(movies["movie_id"].tolist(), movies["title"], strict=True))
    return [title.get(film, film) for film in ids]
