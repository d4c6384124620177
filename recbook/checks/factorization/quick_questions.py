"""Quick questions of part 3: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "3-q1",
    right="c",
    a=(
        "a model that has settled has the same freedom, so more epochs do not bring "
        "the axes back. See 3.1."
    ),
    b=(
        "a penalty on lengths stays the same when all vectors turn, so it cannot hold "
        "the axes still. See 3.1."
    ),
    c=(
        "only products of both sides mean something, so store members, or distances to"
        " named products. See 3.1."
    ),
)

choice(
    "3-q2",
    right="b",
    a=(
        "the choice itself is information: SVD++ learns from which films somebody "
        "rates. See 3.2."
    ),
    b=(
        "no star has leaked but a choice has, and a live shop does not know what will "
        "be chosen. See 3.2."
    ),
    c=(
        "for newcomers it pretends most, but the choices of everybody else in the test"
        " leak too. See 3.2."
    ),
)

choice(
    "3-q3",
    right="a",
    a=(
        "nothing but ones leaves nothing to tell apart; put the silence into the sum, "
        "with a small weight. See 3.3."
    ),
    b=(
        "more factors fit the same ones still better: what would a wrong score cost "
        "here? See 3.3."
    ),
    c=(
        "the error is almost 0 already, so further passes have nothing left to learn "
        "from. See 3.3."
    ),
)

choice(
    "3-q4",
    right="b",
    a=(
        "nobody knows whether offers 5 to 10 were seen: no click below the last one "
        "is no evidence. See 3.4."
    ),
    b="eyes go from the top, so these three were looked at and passed over. See 3.4.",
    c=(
        "what was never shown was not passed over, so such a pair is no comparison. "
        "See 3.4."
    ),
)

choice(
    "3-q5",
    right="c",
    a=(
        "that is done by leaving out old films when the list is made, and it is needed"
        " all the same. See 3.5."
    ),
    b=(
        "a λ above zero takes care of the inverse: ask what explains a film best, if "
        "it may do so itself. See 3.5."
    ),
    c=(
        "without them each film explains itself best, and the weights learn little "
        "else. See 3.5."
    ),
)

choice(
    "3-q6",
    right="a",
    a=(
        "four stars begin at 3.5: A lies two deviations above that, and B less than "
        "one. See 3.6."
    ),
    b=(
        "the promise is about four stars or more, not about the mean: how often does "
        "each fall short? See 3.6."
    ),
    c=(
        "the means are close, but the spreads are not, and the promise depends on "
        "both. See 3.6."
    ),
)
