"""How every network of the book is trained: whole epochs in one compiled loop.

``keras.Model.fit`` comes back to Python after every batch. At the size of ML-100K a
batch is a millisecond of arithmetic, so most of the time goes into coming back. Here
TensorFlow compiles the loop over an epoch's batches, and Python is met once an epoch:
to draw the examples, to measure the validation part, to stop.
"""

import numpy as np
from tqdm import tqdm

from recbook.base import diverged
from recbook.deep.lazy import keras, tf

__all__ = ["compiled_epoch", "sampled_loss", "shuffled_rows", "train_epochs"]

LONG = 2000  # steps from which XLA's compiling has earned its time


def compiled_epoch(network, optimizer, loss, batch_size, examples, jit=False):
    """Return a function of an epoch's examples that takes a step on every batch.

    Parameters
    ----------
    network : keras.Model
        Its trainable variables are what is learned.
    optimizer : keras.Optimizer
        Takes the steps.
    loss : callable
        ``loss(*batch)``, a scalar tensor: the mean over the batch of what to lower.
    batch_size : int
        Examples a step; the last batch has what is left.
    examples : sequence of tensors
        Of one epoch; every epoch's will have their shapes and types.
    jit : bool
        Whether XLA compiles the loop to machine code, which costs a second or more
        and then makes small steps up to twice as fast.

    Returns
    -------
    callable
        ``epoch(*examples)``: tensors of one length, taken in their order. Returns the
        mean of the batches' losses, weighted by size, each as it was before its step.
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

    # Concrete: a network is one compiled loop, and there are many networks.
    return tf.function(epoch, jit_compile=jit).get_concrete_function(*examples)


def train_epochs(model, network, loss, draw, rng, measure=None, higher=False, jit=True):
    """Train ``network`` for ``model.n_epochs`` epochs of Adam; return the history.

    Where there is something to measure, training stops when ``model.patience`` epochs
    in a row have brought nothing better, and the network gets back the weights of the
    best epoch.

    Parameters
    ----------
    model : object
        Has ``n_epochs``, ``batch_size``, ``lr``, ``verbose``; ``patience`` where
        ``measure`` is given; ``lr_decay``, where it has one, multiplies ``lr`` after
        every epoch.
    network : keras.Model
        Is changed in place.
    loss : callable
        As for :func:`compiled_epoch`.
    draw : callable
        ``draw(rng)`` returns an epoch's examples, a tuple of arrays of one length, in
        the order in which they are to be met; :func:`shuffled_rows` serves.
    rng : numpy Generator
        Handed to ``draw``.
    measure : callable, optional
        A float: how good the network is on the validation part, asked after an epoch.
    higher : bool
        Whether a higher measure is better.
    jit : bool
        Whether XLA may compile a long run; it has no sparse matrices.

    Returns
    -------
    dict of str to list of float
        ``"loss"``: the mean of an epoch's batch losses, each before its step and with
        dropout on, so neither the train nor the test error. ``"validation"``, where it
        was measured.

    Raises
    ------
    DivergenceError
        The loss or the measure is not finite; it names lr and the epoch.
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
        found = {"loss": float(epoch(*examples))}
        if measure is not None and np.isfinite(found["loss"]):
            found["validation"] = float(measure())
        if not np.isfinite(list(found.values())).all():
            progress.close()
            raise diverged(model, number)
        for name, value in found.items():
            history[name].append(value)
        progress.set_postfix({name: f"{value:.4f}" for name, value in found.items()})
        if measure is None:
            continue
        value = -found["validation"] if higher else found["validation"]
        if best is None or value < best[0]:
            best, weights = (value, number), network.get_weights()
        elif number - best[1] >= model.patience:
            progress.close()
            break
    if weights is not None:
        network.set_weights(weights)
    return history


def shuffled_rows(*columns):
    """Return a ``draw`` for :func:`train_epochs`: the same rows in a new order.

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
    """Return the mean of -ln σ of what was taken, column 0, and -ln(1 - σ) of others.

    >>> round(float(sampled_loss(tf.zeros((1, 3)))), 4)  # ln 2
    0.6931
    """
    y = tf.one_hot(tf.zeros_like(z[:, 0], tf.int32), z.shape[1])
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, z))
