"""How every network of the book is trained: whole epochs in one compiled loop.

``keras.Model.fit`` returns to Python after every batch. At the size of ML-100K a
batch is a millisecond of arithmetic, so returning takes most of the time. Here
TensorFlow compiles the loop over an epoch's batches. Python runs once per epoch, to
draw the examples, to measure the held-out ratings and to stop.
"""

import numpy as np
from tqdm import tqdm

from recbook.base import diverged
from recbook.deep.lazy import keras, tf

__all__ = ["compiled_epoch", "sampled_loss", "shuffled_rows", "train_epochs"]

LONG = 2000  # from so many steps on, compiling with XLA pays off


def compiled_epoch(network, optimizer, loss, batch_size, examples, jit=False):
    """Return a function that takes one training step on every batch of an epoch.

    Parameters
    ----------
    network : keras.Model
        Its trainable variables are learned.
    optimizer : keras.Optimizer
        Takes the steps.
    loss : callable
        ``loss(*batch)`` returns the mean loss of a batch, a scalar tensor.
    batch_size : int
        Number of examples per step. The last batch may be smaller.
    examples : sequence of tensors
        Examples of one epoch. Those of every epoch must have the same shapes and types.
    jit : bool
        Whether XLA compiles the loop to machine code. It takes a second or more and
        then makes small steps up to twice as fast.

    Returns
    -------
    callable
        ``epoch(*examples)`` takes tensors of one length in their order. It returns the
        mean of the batch losses, weighted by batch size, each computed before its step.
    """
    variables = network.trainable_variables
    optimizer.build(variables)

    def step(batch):
        with tf.GradientTape() as tape:
            value = loss(*batch)
        optimizer.apply(tape.gradient(value, variables), variables)
        return value

    def epoch(*examples):
        n = examples[0].shape[0]
        rest, total = n % batch_size, 0.0
        if n > rest:
            shape = n // batch_size, batch_size
            batches = [
                tf.reshape(c[: n - rest], (*shape, *c.shape[1:])) for c in examples
            ]
            for b in tf.range(shape[0]):
                total += batch_size * step([column[b] for column in batches])
        if rest:
            total += rest * step([column[n - rest :] for column in examples])
        return total / n

    # A concrete function, because each network has one loop and there are many of them.
    return tf.function(epoch, jit_compile=jit).get_concrete_function(*examples)


def train_epochs(model, network, loss, draw, rng, measure=None, higher=False, jit=True):
    """Train ``network`` with Adam for ``model.n_epochs`` epochs and return the history.

    With ``measure``, training stops after ``model.patience`` epochs without
    improvement, and the network gets back the weights of its best epoch.

    Parameters
    ----------
    model : object
        Has ``n_epochs``, ``batch_size``, ``lr`` and ``verbose``, and ``patience`` if
        ``measure`` is given. If it has ``lr_decay``, that multiplies ``lr`` after every
        epoch.
    network : keras.Model
        The network, which is changed in place.
    loss : callable
        As for ``compiled_epoch``.
    draw : callable
        ``draw(rng)`` returns the examples of an epoch in the order of training, a tuple
        of arrays of one length. ``shuffled_rows`` makes one.
    rng : numpy Generator
        Random numbers for ``draw``.
    measure : callable, optional
        Returns a float after an epoch: how good the network is on held-out ratings.
    higher : bool
        Whether a higher measure is better.
    jit : bool
        Whether XLA may compile a long run. XLA has no sparse matrices.

    Returns
    -------
    dict of str to list of float
        ``"loss"``, the mean of each epoch's batch losses. Each is computed before its
        step and with dropout, so it is neither the training nor the test error. Also
        ``"validation"`` if it was measured.

    Raises
    ------
    DivergenceError
        If the loss or the measure is not finite. The message names lr and the epoch.
    """
    optimizer, epoch = keras.optimizers.Adam(float(model.lr)), None
    history = {"loss": []} | ({} if measure is None else {"validation": []})
    best, weights, decay = None, None, float(getattr(model, "lr_decay", None) or 1.0)
    progress = tqdm(range(1, model.n_epochs + 1), "epochs", disable=not model.verbose)
    for number in progress:
        optimizer.learning_rate.assign(float(model.lr) * decay ** (number - 1))
        examples = [tf.convert_to_tensor(column) for column in draw(rng)]
        if epoch is None:
            size = int(model.batch_size)
            long = len(examples[0]) * model.n_epochs >= LONG * size
            epoch = compiled_epoch(
                network, optimizer, loss, size, examples, jit and long
            )
        values = {"loss": float(epoch(*examples))}
        if measure is not None and np.isfinite(values["loss"]):
            values["validation"] = float(measure())
        if not np.isfinite(list(values.values())).all():
            progress.close()
            raise diverged(model, number)
        for name, value in values.items():
            history[name].append(value)
        progress.set_postfix({name: f"{value:.4f}" for name, value in values.items()})
        if measure is None:
            continue
        value = -values["validation"] if higher else values["validation"]
        if best is None or value < best[0]:
            best, weights = (value, number), network.get_weights()
        elif number - best[1] >= model.patience:
            progress.close()
            break
    if weights is not None:
        network.set_weights(weights)
    return history


def shuffled_rows(*columns):
    """Return a ``draw`` for ``train_epochs`` that gives the same rows in a new order.

    >>> draw = shuffled_rows(np.array([1, 2, 3]), np.array([10, 20, 30]))
    >>> first, second = draw(np.random.default_rng(0))
    >>> bool((second == 10 * first).all()), sorted(first.tolist())
    (True, [1, 2, 3])
    """

    def draw(rng):
        order = rng.permutation(len(columns[0]))
        return tuple(column[order] for column in columns)

    return draw


def sampled_loss(z):
    """Return the mean of -ln σ in column 0, the positives, and -ln(1 - σ) elsewhere.

    >>> round(float(sampled_loss(tf.zeros((1, 3)))), 4)  # ln 2
    0.6931
    """
    y = tf.one_hot(tf.zeros_like(z[:, 0], tf.int32), z.shape[1])
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))
