"""Quick questions of part 1: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "1-q1",
    right="b",
    a=(
        "the 4,000 € are spent whether this letter leaves or not, so they cannot "
        "change what it should do. See 1.1."
    ),
    b=(
        "cost over margin is 0.50 / 20, and a cost that is the same for every choice "
        "of customers drops out. See 1.1."
    ),
    c=(
        "compare the profit with one letter more to the profit without it: what "
        "happens to the 4,000 €? See 1.1."
    ),
)

choice(
    "1-q2",
    right="c",
    a=(
        "most of A's orders would have come without the letter: ask what the letter "
        "changes. See 1.1."
    ),
    b=(
        "a response is not an effect: subtract for each group what happens without a "
        "letter. See 1.1."
    ),
    c=(
        "the letter changes 1 order in 100 in A and 3 in 100 in B, and only a change "
        "can pay for it. See 1.1."
    ),
)

choice(
    "1-q3",
    right="a",
    a=(
        "the error comes from who rates, and that has not changed: ten times the data "
        "repeat it. See 1.2."
    ),
    b=(
        "that is how chance shrinks in a random sample. Here the sample is not random."
        " See 1.2."
    ),
    c=(
        "averaging removes errors that have no direction. This one always points "
        "upwards. See 1.2."
    ),
)

choice(
    "1-q4",
    right="b",
    a=(
        "the lines were drawn at random, and not the people: who is likelier to be "
        "met? See 1.3."
    ),
    b=(
        "a person with a hundred ratings is met a hundred times as easily as one with "
        "a single rating. See 1.3."
    ),
    c=(
        "most customers are quiet, but each of them fills few lines, and you drew "
        "lines. See 1.3."
    ),
)

choice(
    "1-q5",
    right="a",
    a=(
        "no ranking could be better, so nDCG is 1; precision counts two hits in ten "
        "positions. See 1.4."
    ),
    b=(
        "nDCG is divided by the best that could be had, and Dee has no more than two "
        "films to find. See 1.4."
    ),
    c=(
        "precision is how much of the list was well used: count all of its ten "
        "positions. See 1.4."
    ),
)

choice(
    "1-q6",
    right="c",
    a=(
        "in a random split the model has learned from ratings that are later than "
        "those of the test. See 1.4."
    ),
    b=(
        "the two numbers do not differ by luck: they answer two questions, and one is "
        "about gaps. See 1.4."
    ),
    c=(
        "next month the model will know nothing of what comes later, just as on the "
        "split by time. See 1.4."
    ),
)
