"""Quick questions of part 4: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "4-q1",
    right="c",
    a=("that would be right, but 0 is the code of a device from training. See 4.1."),
    b=(
        "the default 0 is there to avoid an error, and it points to a row that exists."
        " See 4.1."
    ),
    c=(
        "code 0 has a row of its own, with all that was learned about that first "
        "device. See 4.1."
    ),
)

choice(
    "4-q2",
    right="b",
    a=(
        "the ranking is right, but a bid needs the probability itself, and that is far "
        "too high. See 4.2."
    ),
    b=(
        "the odds are a hundred times too high, and this term in the logit divides "
        "them by 100. See 4.2."
    ),
    c=(
        "the odds are a hundred times too high, which is not the same: think of a "
        "probability near 1. See 4.2."
    ),
)

choice(
    "4-q3",
    right="a",
    a=(
        "the code carries nothing because information costs too much: make it "
        "cheaper. See 4.3."
    ),
    b=(
        "β is the price of the code, and the model is already not willing to pay it. "
        "See 4.3."
    ),
    c=(
        "the code is empty, not full: more room does not help a code that nobody uses."
        " See 4.3."
    ),
)

choice(
    "4-q4",
    right="c",
    a=(
        "a model that only overfits does well in training; one that beats everybody "
        "has more likely seen the answer. See 4.4 and 4.5."
    ),
    b=(
        "a larger catalogue makes lists harder, but it does not make a training loss "
        "too good. See 4.4 and 4.5."
    ),
    c=(
        "a loss too good to be true mostly means that a step can see the film that it "
        "must predict. See 4.4 and 4.5."
    ),
)

choice(
    "4-q5",
    right="b",
    a=(
        "the last event is mostly the cart of a minute ago, which gives the answer "
        "away. See 4.6."
    ),
    b=(
        "that is what is known when the banner is chosen: the views and carts of this "
        "visit come later. See 4.6."
    ),
    c="events of this visit do not exist yet when the banner is chosen. See 4.6.",
)

choice(
    "4-q6",
    right="a",
    a=(
        "if the film keeps its rank without the fact, the sentence was a story and "
        "not the reason. See 4.7."
    ),
    b=(
        "a sentence can convince everybody and still have nothing to do with the "
        "score. See 4.7."
    ),
    c="a true path need not be the one that moved the score. See 4.7.",
)
