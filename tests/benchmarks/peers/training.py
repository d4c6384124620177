"""An epoch of our compiled loop beside ``keras.Model.fit``, to the same weights.

Both sides train one and the same network, from the same start, on the same examples
in the same order, at the same batch size, by Adam; ``parity()`` raises unless they
come to the same weights and the same loss. The networks are the book's, on ML-100K:
``NeuralCF`` with three sizes of batch, since what ``fit`` loses, it loses at every
batch. What is drawn anew for each epoch in our ``fit`` is drawn once here, for both.

Ours is compiled by XLA, as in any run of some length (``LONG`` of
``recbook/deep/training.py``). ``fit`` has ``jit_compile="auto"``, its default, and no
callbacks or validation.
"""

import functools

import numpy as np

from recbook import datasets
from recbook.deep.lazy import keras, tf
from recbook.deep.ncf import NeuralCF
from recbook.deep.training import compiled_epoch
from tests.benchmarks.peers.clock import medians

AIM = 10.0
BATCHES = (64, 256, 1024)
LR = 1e-3


@functools.cache
def examples():
    """Return (train, users, items, labels, name) of one epoch on u1's train."""
    movielens = datasets.load_ml100k()
    train, _ = movielens.fold(1)
    model, rng = NeuralCF(), np.random.default_rng(0)
    users, items = model._draw(train.csr, np.ones(train.n_users, bool))(rng)
    labels = np.zeros(items.shape, np.float32)
    labels[:, 0] = 1.0
    return train, users, items, labels, movielens.name


def network(kind):
    """Return a new network of that kind, always from the same start."""
    return NeuralCF(kind=kind, n_factors=32)._build(examples()[0].csr.shape)


def ours(kind, batch_size):
    """Return (network, a call that trains it for an epoch)."""
    net, (_, users, items, labels, _) = network(kind), examples()

    def loss(u, i, y):
        z = net([u, i], training=True)
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))

    columns = [tf.constant(column) for column in (users, items, labels)]
    optimizer = keras.optimizers.Adam(LR)
    epoch = compiled_epoch(net, optimizer, loss, batch_size, columns, jit=True)
    return net, lambda: float(epoch(*columns))


def theirs(kind, batch_size):
    """Return (network, a call that trains it for an epoch with ``fit``)."""
    net, (_, users, items, labels, _) = network(kind), examples()
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(LR), loss)
    options = {"batch_size": batch_size, "shuffle": False, "verbose": 0}

    def epoch():
        history = net.fit([users, items], labels, **options).history
        return history["loss"][0]

    return net, epoch


def parity():
    """Raise unless an epoch of both comes to the same weights and loss."""
    for kind in ("gmf", "mlp"):
        (one, ours_epoch), (other, their_epoch) = ours(kind, 1024), theirs(kind, 1024)
        np.testing.assert_allclose(ours_epoch(), their_epoch(), rtol=1e-4)
        for mine, yours in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(mine, yours, atol=2e-4)


def rows():
    """Return one row a network and batch size."""
    found = []
    for kind in ("gmf", "mlp"):
        for batch_size in BATCHES:
            calls = [side(kind, batch_size)[1] for side in (ours, theirs)]
            for call in calls:
                call()  # compile
            mine, yours = medians(*calls)
            found.append(
                {
                    "benchmark": f"NeuralCF {kind} epoch, batches of {batch_size}",
                    "size": examples()[4],
                    "ours_s": mine,
                    "peer": "keras fit",
                    "peer_s": yours,
                    "ratio": yours / mine,
                    "target": AIM,
                    "note": "same start, examples, order, batch size and weights",
                }
            )
    return found
