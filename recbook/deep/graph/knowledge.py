"""Factorization of ratings joined to TransE on facts about films."""

from typing import NamedTuple

import numpy as np

from recbook._core.validate import check_fitted, check_pairs, check_positive_int
from recbook.base import at_least, check_settings, check_train, known
from recbook.deep.base import RankingModel, held_out, mean_ndcg, seeds
from recbook.deep.graph.base import softmax_loss, user_batches
from recbook.deep.graph.facts import Facts, film_triples, with_triples
from recbook.deep.lazy import keras, tf
from recbook.deep.training import train_epochs

__all__ = ["KnowledgeMF", "Path", "paths", "titles"]

FORBIDDEN = -1e9  # a logit that takes a film out of the softmax


class KnowledgeMF(RankingModel):
    r"""Factors of people and films, a film's made of its own part and of its facts.

    Known are triples: film i has the relation r to the entity e, (i, genre, Drama). In
    TransE a relation is a step: from the film's vector it leads to the entity's,
    :math:`q_i + c_r \approx t_e`. So a fact says where the film should be, and

    .. math::
        q_i = f_i + \frac{1}{|T_i|} \sum_{(r,e) \in T_i} (t_e - c_r) , \qquad
        \hat s_{ui} = p_u^\top q_i ,

    with :math:`T_i` the facts of i, and a free part :math:`f_i` for what they do not
    say. Lowered are three terms at once: the softmax over all films with ratings, as
    in :class:`recbook.deep.graph.LightGCN`; the penalty
    :math:`\frac{\lambda}{2m} (\sum_u \|p_u\|^2 + \sum_i \|f_i\|^2)`, m being the number
    of users; and ``kg_weight`` times the mean over triples of TransE's hinge

    .. math::
        \bigl[ \gamma + \|q_i + c_r - t_e\| - \|q_{i'} + c_r - t_{e'}\| \bigr]_+ ,

    where either the film or the entity was replaced at random so that the triple is
    not a known one. Every :math:`t_e` stays in the unit ball: else the hinge could be
    satisfied by growing alone.

    A film without ratings has no free part and is in no softmax as a choice that was
    not made; its vector is what its facts say. Without facts too its score is 0. With
    neither ``movies`` nor ``triples`` the model is plain factorization.

    A model of implicit feedback: who rated what, not how many stars; no ``predict``.
    A user without ratings gets the items' number of ratings.

    Parameters
    ----------
    n_factors : int
        Length of all vectors.
    n_epochs : int
        Passes over the users, each with one over the triples.
    batch_size : int
        Users a step.
    lr, lr_decay : float
        Adam's step size, and what multiplies it after every epoch.
    reg : float
        :math:`\lambda`, at least 0.
    user_power : float
        With 0 each rating counts the same in the softmax, with 1 each user.
    kg_weight, margin : float
        Of the hinge: its weight, and :math:`\gamma`; at least 0.
    dropout : float
        Share of the films whose free part a step hides, so that their facts learn to
        speak without it.
    init_std : float
        Standard deviation of the start of :math:`p, t, c`; free parts start at a
        tenth of it.
    validation_share, patience : float, int
        As for every network: share of train to stop on, and how long to wait.
    seed : int
        Of all that is random.
    verbose : bool
        Whether to show a progress bar.

    Attributes
    ----------
    P_, Q_ : (n_users, n_factors) and (n_items, n_factors) float32 arrays
        :math:`p_u` and :math:`q_i`.
    facts_ : list of (relation, entity)
        What can be said of a film.
    parts_ : (len(facts_), n_factors) float32 array
        :math:`t_e - c_r` of each.
    triples_ : list of (film, relation, entity)
        All that is known, films by their ``item_ids``.
    counts_ : (n_items,) float64 array
        Number of ratings of each item.
    history_ : dict of str to list of float
        ``"loss"`` of every epoch, all three terms, and ``"validation"``.

    Raises
    ------
    ValueError
        From ``fit``, for a hyper-parameter out of its range, an empty train, or
        ``movies`` or ``triples`` that cannot be read.
    DivergenceError
        From ``fit``, where numbers overflow; it names lr and the epoch.

    References
    ----------
    Bordes, Usunier, García-Durán, Weston & Yakhnenko, "Translating Embeddings for
    Modeling Multi-relational Data", NIPS 2013, equations 1 and 2.
    Zhang, Yuan, Lian, Xie & Ma, "Collaborative Knowledge Base Embedding for
    Recommender Systems", KDD 2016: a free part beside a knowledge part.
    Volkovs, Yu & Poutanen, "DropoutNet: Addressing Cold Start in Recommender
    Systems", NIPS 2017: hide the free part in training.

    Examples
    --------
    >>> from recbook.datasets import load_toy
    >>> said = [("Alien", "genre", "Sci-Fi"), ("Dune", "genre", "Sci-Fi"),
    ...         ("Up", "genre", "Animation"), ("Coco", "genre", "Animation")]
    >>> model = KnowledgeMF(n_factors=4, validation_share=0.0)
    >>> paths = model.fit(load_toy(), triples=said).explain(user=2, item=1)
    >>> paths[0][:4]
    ('Alien', 'genre', 'Sci-Fi', 'Dune')
    """

    def __init__(
        self,
        n_factors=64,
        n_epochs=100,
        batch_size=236,
        lr=0.02,
        lr_decay=1.0,
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

    def fit(self, train, movies=None, triples=None):
        """Learn from ``train``, and from what is known of its films.

        Parameters
        ----------
        train : Ratings
            Who rated what.
        movies : DataFrame, optional
            ``MovieLens.movies``: gives :func:`film_triples`, where there are no
            ``triples``, and titles to :meth:`explain`.
        triples : DataFrame or sequence of (film, relation, entity), optional
            Films are ``train.item_ids``; those of other films are left out.
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

        measure = measure if validation is not None else None
        rng = np.random.default_rng(self.seed)
        history = train_epochs(self, network, loss, draw, rng, measure, higher=True)
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
        """Return the network over some facts: from codes of users to scores."""
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
        """Return the loss of a batch, and what draws an epoch's examples."""
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
        """Return the vectors of people and films, and the parts that facts give."""
        films, people = network.get_layer("films"), network.get_layer("people")
        q = films(np.zeros(1)).numpy()
        parts = films.parts().numpy() if facts.names else q[:0]
        return people.get_weights()[0], q, parts

    def _score(self, users):
        return self.P_[users] @ self.Q_.T

    def explain(self, user, item, k=10):
        r"""Return why ``item`` stands high for ``user``: the facts it shares, as paths.

        A fact's weight is exact for this model: the score less what it would be if
        the fact were struck out of :math:`T_i`, so that the mean is over the others,

        .. math::
            \frac{1}{|T_i|} \sum_{T_i} p_u^\top (t_{e'} - c_{r'})
            - \frac{1}{|T_i| - 1} \sum_{T_i \setminus (r, e)}
            p_u^\top (t_{e'} - c_{r'}) ,

        the second term being 0 where the fact is the only one. The film of the path
        is the user's with most stars among those that share the fact, then with the
        highest score; it illustrates the weight and does not enter it. The free part
        :math:`p_u^\top f_i` has no path: it is the share of the score without a reason
        that could be told.

        Parameters
        ----------
        user, item : int
            Codes.
        k : int
            How many paths, at most.

        Returns
        -------
        list of Path
            Tuples (film, relation, entity, target, weight), the heaviest first, films
            by their titles, or by ``item_ids`` where fit had no ``movies``. Only facts
            of positive weight that a film of the user shares; perhaps none.
        """
        check_fitted(self, "weights_")
        users, items = check_pairs([user], [item], *map(len, self._known))
        found = paths(self, int(users[0]), int(items[0]))
        return found[: check_positive_int("k", k)]


class Path(NamedTuple):
    """A reason: the user has ``film``, which shares ``entity`` with ``target``.

    ``weight`` is what the fact adds to the target's score: by how much that would fall
    if the fact were struck out and the target's other facts spoke for it.

    >>> Path("Scream", "series", "Scream", "Scream 2", 0.5).entity
    'Scream'
    """

    film: object
    relation: str
    entity: str
    target: object
    weight: float


def paths(model, user, item):
    """Return all paths of :meth:`KnowledgeMF.explain`, the heaviest first."""
    films, facts = model._known_facts
    mine = facts[films == item]
    if not model._known[0][user] or not mine.size:
        return []
    said = (model.parts_[mine] @ model.P_[user]).astype(float)  # (n_facts of the item,)
    others = (said.sum() - said) / max(mine.size - 1, 1)
    found = []
    for fact, weight in zip(mine, said.mean() - others, strict=True):
        film = _witness(model, user, item, films[facts == fact])
        if weight > 0 and film is not None:
            names = model._titles[film], *model.facts_[fact], model._titles[item]
            found.append(Path(*names, float(weight)))
    return sorted(found, key=lambda path: -path.weight)


def _witness(model, user, item, sharing):
    """Return the user's best film among the sharing ones, another than the item."""
    indptr, indices, stars = model._rated
    row = slice(indptr[user], indptr[user + 1])
    ours = np.isin(indices[row], sharing) & (indices[row] != item)
    if not ours.any():
        return None
    mine, stars = indices[row][ours], stars[row][ours]
    order = np.lexsort((mine, -(model.Q_[mine] @ model.P_[user]), -stars))
    return mine[order[0]]


def titles(ids, movies):
    """Return the films' titles, or their ids where a film is not in ``movies``."""
    if movies is None:
        return ids
    title = dict(zip(movies["movie_id"].tolist(), movies["title"], strict=True))
    return [title.get(film, film) for film in ids]
