"""Quick questions of part 8: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "8-q1",
    right="b",
    a="that would be the shop's best customer, with a taste for everything. See 8.1.",
    b="and the receipt says how many they are, with their amounts. See 8.1.",
    c="that makes hundreds of people who never came again, and one may. See 8.2.",
)

choice(
    "8-q2",
    right="a",
    a="the best of five on one test owes a part of its lead to luck. See 8.1.",
    b="no: its parts are often as good. At the earlier cuts it was ahead. See 8.1.",
    c="discoveries and repurchases are judged apart, so they are not. See 8.1.",
)

choice(
    "8-q3",
    right="c",
    a="a quarter knows nothing of the other three: no report stretches it. See 8.2.",
    b="it cannot know a season that it has seen once or not at all. See 8.2.",
    c="as many weeks are held out as are predicted, so half of the log. See 8.2.",
)

choice(
    "8-q4",
    right="b",
    a="narrower than it may be: three visits of one customer are no three. See 8.4.",
    b="add up by customer, or count visits as the denominator. See 8.4.",
    c="that throws away what was measured: add up by customer. See 8.4.",
)

choice(
    "8-q5",
    right="c",
    a="it has no way to widen it: wrong chances give a wrong number. See 8.5.",
    b="they cancel only if they are those of the draw. See 8.5.",
    c="and names the context and the banner that do so most. See 8.5.",
)

choice(
    "8-q6",
    right="c",
    a="they come most surely without it, so it may add least to them. See 8.2.",
    b="room to grow is no effect: most of them will not come either way. See 8.2.",
    c="value is what people bring without the voucher. See 8.2 and 8.3.",
)
