"""The invented audience: ages, occupations, codes, and a taste that leans on them."""

from dataclasses import dataclass

import numpy as np

from recbook.synthetic.draw import Dice, normal
from recbook.synthetic.titles import GENRES

# occupation: (weight, typical age, share of women)
OCCUPATION_TRAITS = {
    "administrator": (79, 38, 0.45),
    "artist": (28, 30, 0.45),
    "doctor": (7, 45, 0.1),
    "educator": (95, 42, 0.28),
    "engineer": (67, 36, 0.05),
    "entertainment": (18, 27, 0.12),
    "executive": (32, 38, 0.1),
    "healthcare": (16, 43, 0.65),
    "homemaker": (7, 33, 0.85),
    "lawyer": (12, 35, 0.2),
    "librarian": (51, 40, 0.57),
    "marketing": (26, 37, 0.38),
    "none": (9, 26, 0.45),
    "other": (105, 34, 0.34),
    "programmer": (66, 32, 0.1),
    "retired": (14, 63, 0.1),
    "salesman": (12, 35, 0.25),
    "scientist": (31, 38, 0.1),
    "student": (196, 21, 0.3),
    "technician": (27, 32, 0.05),
    "writer": (45, 36, 0.42),
}
LETTERS, DIGITS = tuple("KLMNTV"), tuple("123456789")
OCCUPATIONS = tuple(OCCUPATION_TRAITS)
LEAN_BY_GENDER, LEAN_BY_AGE = 0.45, 0.13  # of taste; little, as on the real set


@dataclass(frozen=True)
class Audience:
    """People: tastes ``factors`` (n, N_FACTORS), ``lines`` the fields of ``u.user``."""

    factors: np.ndarray
    lines: list


def invite(rng, n, genre_factors):
    """Invent ``n`` people, in whose taste age and gender show a little: an Audience."""
    dice, lines = Dice(rng), []
    weight = np.cumsum([traits[0] for traits in OCCUPATION_TRAITS.values()])
    age, female = np.empty(n), np.empty(n)
    for user in range(n):
        job = OCCUPATIONS[dice.weighted(weight)]
        _, typical, women = OCCUPATION_TRAITS[job]
        female[user] = rng.random() < women
        age[user] = _age(rng, job, typical)
        code = f"{dice.below(99000) + 501:05d}"
        if rng.random() < 0.02:  # a few write from Canada
            code = "".join(dice.one(kind) for kind in [LETTERS, DIGITS] * 3)[:5]
        lines.append(
            [str(user + 1), str(int(age[user])), "MF"[int(female[user])], job, code]
        )
    women = _direction(
        genre_factors, "Romance Musical Children's", "Action Sci-Fi Western"
    )
    years = _direction(genre_factors, "Film-Noir Drama War", "Horror Action Comedy")
    factors = normal(rng, n, genre_factors.shape[1])
    factors += LEAN_BY_GENDER * (female - 0.3)[:, None] * women
    factors += LEAN_BY_AGE * np.clip((age - 33) / 12, -1.5, 2.5)[:, None] * years
    return Audience(factors, lines)


def _age(rng, job, typical):
    spread = 3.0 if job == "student" else 8.5
    draw = typical + spread * normal(rng, 1)[0]
    if job == "student" and rng.random() < 0.2:
        draw += 12 * rng.random()
    return np.floor(min(max(draw, 7 if job in ("student", "none") else 18), 73))


def _direction(genre_factors, towards, away):
    """The axis of taste from one group of genres to another, of length near 1.7."""
    place = {name: k for k, name in enumerate(GENRES)}
    axis = sum(genre_factors[place[g]] for g in towards.split())
    axis = axis - sum(genre_factors[place[g]] for g in away.split())
    return np.round(1.7 * axis / np.sqrt((axis**2).sum()), 9)
