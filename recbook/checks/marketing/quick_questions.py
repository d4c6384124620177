"""Quick questions of part 6: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "6-q1",
    right="c",
    a=(
        "a ranker that drew ten by lot would do that, and a good one does better. See "
        "6.1."
    ),
    b=(
        "no feature brings back a product that was never among the candidates. See 6.1."
    ),
    c=(
        "the recall of the retriever is the ceiling: know it before you tune what "
        "stands behind it. See 6.1."
    ),
)

choice(
    "6-q2",
    right="b",
    a="the odds shrink to a tenth, and a probability is not an odds. See 6.2.",
    b="odds of 0.30 to 0.70 become 0.03 to 0.70, and 0.03/0.73 is 4.1 %. See 6.2.",
    c=(
        "the order is right all the same, but a bid multiplies the number by euros. "
        "See 6.2."
    ),
)

choice(
    "6-q3",
    right="b",
    a=("the more often somebody used to order, the more a silence says. See 6.3."),
    b=(
        "three months are nothing unusual for him, and three of her usual gaps. See "
        "6.3."
    ),
    c="a silence is long or short beside the usual gap of that person. See 6.3.",
)

choice(
    "6-q4",
    right="a",
    a=(
        "a wide distribution reaches far up, and gets narrow as views come in. See 6.4."
    ),
    b="it stops showing a banner that is known to be worse. See 6.4.",
    c=(
        "that is ε-greedy, which goes on paying for banners long known to be worse. "
        "See 6.4."
    ),
)

choice(
    "6-q5",
    right="c",
    a="the weight is one over this: what was seldom shown counts more. See 6.5.",
    b="it stands for all the views in which the log shows something else. See 6.5.",
    c=(
        "the weight is 1/0.02, and the estimate is only as sure as those few views. "
        "See 6.5."
    ),
)

choice(
    "6-q6",
    right="a",
    a=(
        "response is what happens with a letter, uplift what happens because of it. "
        "See 6.6."
    ),
    b="the model is right, so as many ordered as it said. See 6.6.",
    c="what the others do costs no stamp: it decides nothing about these. See 6.6.",
)
