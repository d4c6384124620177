"""Quick questions of part 6: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "6-q1",
    right="b",
    a="the odds shrink to a tenth, and a probability is not an odds. See 6.2.",
    b="odds of 0.30 to 0.70 become 0.03 to 0.70, and 0.03/0.73 is 4.1 %. See 6.2.",
    c=(
        "the ranking is right all the same, but a bid multiplies the number by euros. "
        "See 6.2."
    ),
)

choice(
    "6-q2",
    right="b",
    a=(
        "its clicks are young, and an order that has not come yet looks like none. See "
        "6.3."
    ),
    b=(
        "a click counts by the fraction of its orders that can have come by now. See "
        "6.3."
    ),
    c=(
        "waiting loses a month of what may be the best campaign; young clicks say "
        "something, with their weights. See 6.3."
    ),
)

choice(
    "6-q3",
    right="c",
    a=(
        "impressions make the click rate exact, and it is still that of a product at "
        "the end of the list. See 6.4."
    ),
    b=(
        "that takes all of the difference for the position; nothing in this log says "
        "how much of it is. See 6.4."
    ),
    c=(
        "only where a product was shown at several positions do the two come apart. "
        "See 6.4."
    ),
)

choice(
    "6-q4",
    right="b",
    a=(
        "the bids are those of before, so the same impressions are won; only what is "
        "paid has changed. See 6.5."
    ),
    b=(
        "the winner pays the own bid, which is the whole value: bid less, by a curve "
        "of the probability to win. See 6.5."
    ),
    c="a win costs the bid, and the bid is the value: what is left of it? See 6.5.",
)

choice(
    "6-q5",
    right="c",
    a=(
        "that buys good and poor impressions alike, and does no better than to run dry "
        "at nine. See 6.6."
    ),
    b=(
        "few impressions come at night, so the poor ones are bought too, and the good "
        "ones of the evening missed. See 6.6."
    ),
    c=(
        "it passes over impressions that are only just worth their price, and buys "
        "those that bring most for a euro. See 6.6."
    ),
)

choice(
    "6-q6",
    right="c",
    a=(
        "people who come often differ in more than age and region, and order more "
        "without any ad. See 6.7."
    ),
    b=(
        "who receives many impressions comes often: grouping by them undoes the random "
        "draw. See 6.7."
    ),
    c=(
        "those with another cap are like them, so the difference is what the "
        "impressions added. See 6.7."
    ),
)

choice(
    "6-q7",
    right="a",
    a=(
        "the arms share a budget: split it, or switch the whole market by days. "
        "See 6.8."
    ),
    b="it was randomised, and yet one arm took the money of the other. See 6.8.",
    c=(
        "more impressions give a narrower interval around the same wrong number. "
        "See 6.8."
    ),
)

choice(
    "6-q8",
    right="a",
    a=(
        "the spread of all estimates beside their noise gives the weight: winners are "
        "shrunk to what arrives. See 6.9."
    ),
    b=(
        "low ends are too careful for the sum, and too often wrong for winners. See "
        "6.9."
    ),
    c=(
        "a stricter limit picks still luckier estimates: what is chosen for being high "
        "is too high. See 6.9."
    ),
)

choice(
    "6-q9",
    right="a",
    a=(
        "a wide distribution reaches far up, and gets narrow as impressions come in. "
        "See 6.10."
    ),
    b="it stops showing a banner that is known to be worse. See 6.10.",
    c=(
        "that is ε-greedy, which goes on paying for banners long known to be worse. "
        "See 6.10."
    ),
)

choice(
    "6-q10",
    right="c",
    a="the weight is one over this: what was seldom shown counts more. See 6.11.",
    b="it represents all impressions in which the log shows something else. See 6.11.",
    c=(
        "the weight is 1/0.02, and the estimate is only as sure as those few "
        "impressions. See 6.11."
    ),
)

choice(
    "6-q11",
    right="a",
    a="agreement is no evidence for an assumption that all of them make. See 6.12.",
    b=(
        "balance is seen in the columns that one has; a trial balances the others, "
        "too. See 6.12."
    ),
    c=(
        "they share the assumption that nothing is hidden, and would agree on a wrong "
        "number. See 6.12."
    ),
)

choice(
    "6-q12",
    right="b",
    a=(
        "that is the effect of the letter on everybody, most of whom it did not move. "
        "See 6.13."
    ),
    b=(
        "0.40 divided by 0.35 − 0.15: one in five was moved, and made the difference. "
        "See 6.13."
    ),
    c=(
        "15 of the 35 in a hundred use the app in any case: the letter did not move "
        "them. See 6.13."
    ),
)

choice(
    "6-q13",
    right="a",
    a=(
        "response is what happens with a letter, uplift what happens because of it. "
        "See 6.14."
    ),
    b="the model is right, so as many ordered as it predicts. See 6.14.",
    c="what the others do costs no stamp: it decides nothing about these. See 6.14.",
)

choice(
    "6-q14",
    right="b",
    a=("the more often somebody used to order, the more a silence means. See 6.15."),
    b=(
        "three months are nothing unusual for him, and three of her usual gaps. See "
        "6.15."
    ),
    c="a silence is long or short beside the usual gap of that person. See 6.15.",
)

choice(
    "6-q15",
    right="c",
    a=(
        "on a log it divides each order equally among its channels, and most orders "
        "would have come without any ad. See 6.16."
    ),
    b=(
        "spending follows the season, so a splendid fit may be far off about a channel,"
        " until a lift test pins it down. See 6.17."
    ),
    c=(
        "beside the other half they show what it adds, since only the random "
        "assignment parts the two. See 6.1 and 6.16."
    ),
)

choice(
    "6-q16",
    right="c",
    a=(
        "a ranker that drew ten at random would do that, and a good one does better. "
        "See 6.18."
    ),
    b=(
        "no feature brings back a product that was never among the candidates. "
        "See 6.18."
    ),
    c=(
        "the recall of the retriever is the ceiling: know it before you tune the "
        "ranker. See 6.18."
    ),
)

choice(
    "6-q17",
    right="b",
    a=(
        "each answer does, and all are about the same people, whose losses add up. See "
        "6.19."
    ),
    b=(
        "losses add up, so somebody has to keep an account and stop when it is spent. "
        "See 6.19."
    ),
    c="the noise of a hundred answers averages away, as any noise does. See 6.19.",
)

choice(
    "6-q18",
    right="a",
    a=(
        "the price is raised until the money is enough, and no plan of the same cost is"
        " worth more. See 6.20."
    ),
    b="value is what they bring anyway; a letter is paid for a change. See 6.20.",
    c=(
        "those who order anyway are on top of that list, and their letters change "
        "nothing. See 6.14 and 6.20."
    ),
)
