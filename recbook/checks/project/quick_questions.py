"""Quick questions of part 5: the right letter, and a line about each."""

from recbook.checks import choice

choice(
    "5-q1",
    right="b",
    a=(
        "rows are counted from 0, so 943 rows end at number 942: who is left without "
        "one? See 5.2."
    ),
    b=(
        "nobody has number 0, and the person with the largest id needs a row all the "
        "same. See 5.1 and 5.2."
    ),
    c=(
        "on a processor they do, but a graphics card reads zeros there, and training "
        "goes on. See 5.2."
    ),
)

choice(
    "5-q2",
    right="c",
    a=(
        "the weights are all that predicts, but not all that decides the next step. "
        "See 5.3."
    ),
    b=(
        "no error comes: Adam begins again with means of 0, and its first steps have "
        "full length. See 5.3."
    ),
    c=(
        "Adam's running means and the state of the shuffle are lost, without a "
        "warning. See 5.3."
    ),
)

choice(
    "5-q3",
    right="a",
    a=(
        "some people are hard for both models, and the paired difference takes that "
        "out. See 5.4."
    ),
    b=(
        "intervals of single models overlap far more often than their difference "
        "contains 0. See 5.4."
    ),
    c=(
        "a higher mean can be luck of the draw of people: ask how sure the difference "
        "is. See 5.4."
    ),
)

choice(
    "5-q4",
    right="c",
    a=(
        "where the rule is strict even twenty leave too few, and nobody knows how many"
        " are enough. See 5.5."
    ),
    b=(
        "the next best films for this person were there, but the cut had thrown them "
        "away. See 5.5."
    ),
    c=(
        "a rule decides what may be a candidate at all, and then the ten best of those "
        "are taken. See 5.5."
    ),
)

choice(
    "5-q5",
    right="b",
    a=(
        "a crash within these 100 ms loses stars that were promised to be safe. See "
        "5.6."
    ),
    b=(
        "an acknowledgement is a promise, and only what is on the disk survives a "
        "crash. See 5.6."
    ),
    c=(
        "the list can be made again from the stars, but stars that a crash takes are "
        "gone. See 5.6."
    ),
)

choice(
    "5-q6",
    right="a",
    a=(
        "all ten could be on one machine, and none of the ten can be below rank ten "
        "there. See 5.7."
    ),
    b="what if four of the ten best are on one machine? See 5.7.",
    c=(
        "that is exact too, but a film below rank ten on its machine has ten better "
        "ones beside it. See 5.7."
    ),
)
