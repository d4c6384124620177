"""The numbers that say whom a letter and an e-mail move, as the card has them."""

from dataclasses import dataclass

from recbook._core.draws import stream
from recbook._core.validate import check_number

__all__ = ["Dials", "turned"]


@dataclass(frozen=True)
class Dials:
    """What was put into the world.

    Parameters
    ----------
    height, centre, width : float
        The letter's effect is a bell over the log odds of an order: its largest value,
        where that is, and how far the bell reaches.
    phone, other : float
        Factors of the letter's effect for those who order by phone, and for others.
    annoyed : float
        Most that a letter takes from a good customer.
    spenders : bool
        Whether the letter moves those with little thrift, and not those with much.
    readers : bool
        Whether those who open many e-mails are annoyed, and not those who open few.
    ages, mail_ages : tuple of 4 floats
        Factors of both effects for each age band.
    mail_height, mail_centre, mail_width : float
        The same of the e-mail's effect.
    mail_phone, mail_other : float
        Factors of the e-mail's effect for those who order by phone, and for others.
    lost, lost_more : float
        Share of readers whom an e-mail loses if they open all, and how many more if
        they open none.
    """

    height: float = 0.13
    centre: float = -4.7
    width: float = 0.55
    phone: float = 0.75
    other: float = 1.15
    annoyed: float = 0.02
    spenders: bool = False
    readers: bool = False
    ages: tuple = (1.0, 1.0, 1.0, 1.0)
    mail_ages: tuple = (1.0, 1.0, 1.0, 1.0)
    mail_height: float = 0.04
    mail_centre: float = -4.4
    mail_width: float = 0.7
    mail_phone: float = 1.0
    mail_other: float = 0.5
    lost: float = 0.002
    lost_more: float = 0.003


COINS = ("spenders", "readers")
CENTRES = ("centre", "mail_centre")
PAIRS = (("phone", "other"), ("mail_phone", "mail_other"))
AGES = ("ages", "mail_ages")


def turned(seed, jitter):
    """Return dials turned at random by a seed; as the card has them if jitter is 0.

    Most are multiplied by a number between 1 - jitter and 1 + jitter. The two centres
    move by up to five times the jitter, and age bands differ by up to four times it.
    Chance decides who is annoyed, whether thrift helps or hinders, and which of the two
    ways to order goes with the larger effect. So a list made of the formulas on the
    card, with its numbers, is no short cut.

    >>> turned(0, 0.0) == Dials(), turned(1, 0.2) == turned(2, 0.2)
    (True, False)
    """
    jitter = check_number("jitter", jitter, 0, 0.25)
    base = Dials()
    if jitter == 0:
        return base
    rng = stream(seed, "dials")

    def about(value, times=1):
        return value + times * jitter * (2 * rng.random() - 1)

    changed = {}
    for name, value in vars(base).items():
        if name in COINS:
            changed[name] = bool(rng.random() < 0.5)
        elif name in CENTRES:
            changed[name] = about(value, 5)
        elif name in AGES:
            changed[name] = tuple(about(one, 4) for one in value)
        else:
            changed[name] = value * about(1)
    for one, other in PAIRS:
        if rng.random() < 0.5:
            changed[one], changed[other] = changed[other], changed[one]
    return Dials(**changed)
