"""Quick questions of part 2: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "2-q1",
    right="a",
    a="after centring, two films leave only a sign: this 1 is a coin toss. See 2.1.",
    b=(
        "the value is the highest, and its evidence is the smallest: what else could "
        "it have been? See 2.1."
    ),
    c=(
        "Pearson sees neither level nor scale: 1 and 2 stars against 4 and 5 also give"
        " 1. See 2.1."
    ),
)

choice(
    "2-q2",
    right="b",
    a=(
        "the factor depends on n, so it is not the same for all pairs and the "
        "ranking can change. See 2.1."
    ),
    b=(
        "the factors are 80/100 and 2/22: a high value on two raters is mostly noise. "
        "See 2.1."
    ),
    c=(
        "that is the factor β/(n + β), which believes a pair the less, the more people"
        " rated it. See 2.1."
    ),
)

choice(
    "2-q3",
    right="c",
    a=(
        "their 5 is a 5 of people who give many stars: subtract their means first. "
        "See 2.2."
    ),
    b=(
        "his mean is not one vote among others: average the deviations and add that to"
        " it. See 2.2."
    ),
    c=(
        "both are half a star above their own mean, and that half star goes on top of "
        "Cem's. See 2.2."
    ),
)

choice(
    "2-q4",
    right="a",
    a=(
        "weights of both signs nearly cancel in Σw: 0.5 and −0.4 leave 0.1 to divide "
        "by. See 2.2."
    ),
    b=(
        "clipping turns this into a plausible 5 and hides the fault that made it. See "
        "2.2."
    ),
    c=(
        "two deviations of one star cannot average to nine: something is wrong with "
        "the average. See 2.2."
    ),
)

choice(
    "2-q5",
    right="c",
    a=(
        "a weighted mean of ones is 1 for every film, whatever the weights are. See "
        "2.3."
    ),
    b=(
        "that counts only one witness: 0.4 beats 0.3, however many films speak for A. "
        "See 2.3."
    ),
    c=(
        "A gets 1.8 and B gets 0.4: in a list, six witnesses count for more than one. "
        "See 2.3."
    ),
)

choice(
    "2-q6",
    right="b",
    a=(
        "then the bestsellers are shown beside every film, since they have fans in "
        "common with everything. See 2.3."
    ),
    b=(
        "lift compares a pair with chance, and the factor allows for how much "
        "evidence there is. See 2.3."
    ),
    c=(
        "stars from 1 to 5 give nearly all well-supported pairs the same cosine. See "
        "2.3."
    ),
)
