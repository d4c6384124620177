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
    a="they answer two questions: still there, and how many orders to come. See 8.2.",
    b="so rank by expected value, and never by P(alive). See 8.2.",
    c="nobody knows that: it is how the model was made. See 8.2.",
)

choice(
    "8-q5",
    right="a",
    a="count renewals by age of the subscription, and fit a survival curve. See 8.2.",
    b="they come by contract: their gaps hardly vary, and the report stops. See 8.2.",
    c="each gets the same box again, so there is nothing to discover. See 8.1.",
)

choice(
    "8-q6",
    right="c",
    a="they come most surely without it, so it may add least to them. See 8.2.",
    b="room to grow is no effect: most of them will not come either way. See 8.2.",
    c="value is what people bring without the voucher. See 8.2.",
)
