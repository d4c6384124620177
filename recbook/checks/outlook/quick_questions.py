"""Quick questions of part 7: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "7-q1",
    right="b",
    a="those who leave take no discount: the cost comes from those who stay. See 7.1.",
    b=(
        "the discount goes to all who stay, the gain comes from those it keeps. See "
        "7.1."
    ),
    c=(
        "the model is right: they are the likeliest to leave, and many have decided. "
        "See 7.1."
    ),
)

choice(
    "7-q2",
    right="c",
    a="it covers the code: a loader may fetch what you must not use. See 7.2.",
    b="without a licence nobody has allowed anything: ask, or take others. See 7.2.",
    c="read the terms of the data, for the use that you plan. See 7.2.",
)

choice(
    "7-q3",
    right="b",
    a="nothing says that the gain shrinks with the model in such a way. See 7.3.",
    b=(
        "one firm's figure on its own people is evidence that it can work, no more. "
        "See 7.3."
    ),
    c=(
        "it is a reason to expect less, but a randomised test is better than an "
        "opinion. See 7.3."
    ),
)

choice(
    "7-q4",
    right="a",
    a=(
        "what was never shown cannot be a hit, so on the log a list gains by being "
        "like the old ones. See 7.4."
    ),
    b="the longer people see the lists, the better the test knows them. See 7.4.",
    c="it is the same log and the same question, with fewer positions. See 7.4.",
)

choice(
    "7-q5",
    right="c",
    a="that makes wrong words seldom, and never impossible. See 7.5.",
    b="a wide beam keeps more words, also wrong ones. See 7.5.",
    c=(
        "after each code the tree lists the codes that lead on to a film of the "
        "catalogue. See 7.5."
    ),
)

choice(
    "7-q6",
    right="b",
    a="what a test cannot see may still be there, and pay. See 7.1.",
    b="it is too small for this test and large enough to pay for itself. See 7.1.",
    c="nothing speaks against it and nothing for it, and it has a cost. See 7.1.",
)
