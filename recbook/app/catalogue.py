"""The catalogue that is served: a film's facts, and the search among titles."""

import bisect
import re
import unicodedata
from dataclasses import dataclass

__all__ = ["LIKED", "Film", "Titles", "words", "year_in"]

LIKED = 4  # stars, at least


@dataclass(frozen=True)
class Film:
    """A film as the page shows it.

    Attributes
    ----------
    id : int
        The film's number in the data.
    title : str
        The title in the data, including the year.
    year : int or None
        The year in the title, or else that of the release. A film that was released
        again keeps the year that the page shows. None if neither is known.
    genres : tuple of str
        In the order of the data.
    ratings, likes : int
        How many people rated it, and how many of them gave at least four stars.
    """

    id: int
    title: str
    year: int | None
    genres: tuple
    ratings: int = 0
    likes: int = 0


def year_in(title):
    """Return the year at the end of a title, or None.

    >>> year_in("Return of the Jedi (1983)"), year_in("2001")
    (1983, None)
    """
    match = re.search(r"\((\d{4})\)$", title)
    return int(match[1]) if match else None


def words(text):
    """Return a text's words without accents and in lower case.

    >>> words("Misérables, Les (1995)")
    ['miserables', 'les', '1995']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"\w+", bare.replace("'", ""))


class Titles:
    """Find films by the beginnings of words of their titles.

    All words of a query must begin a word of the title. First come titles that begin
    as the query does, then the films that more people rated. Of films with the same
    title, only the one with the most ratings is shown.

    Parameters
    ----------
    films : sequence of Film

    Examples
    --------
    >>> films = [Film(1, "Alien (1979)", 1979, ()), Film(2, "Aliens (1986)", 1986, ())]
    >>> Titles(films).find("1986 alie", limit=5)
    [1]
    """

    def __init__(self, films):
        order = sorted(range(len(films)), key=lambda r: (-films[r].ratings, r))
        shown = {}
        for row in order:
            shown.setdefault(films[row].title, row)
        self._rows = list(shown.values())  # by their number of ratings
        spelled = [words(title) for title in shown]
        self._plain = [" ".join(parts) for parts in spelled]
        entries = {(word, n) for n, parts in enumerate(spelled) for word in parts}
        self._entries = sorted(entries)

    def find(self, text, limit):
        """Return the rows of the first `limit` films for `text`; of all, where empty.

        A text of nothing but marks finds nothing.
        """
        query = words(text)
        if not query:
            return [] if text.strip() else self._rows[:limit]
        matches = sorted(set.intersection(*map(self._beginning, query)))
        beginning = " ".join(query)
        first = [n for n in matches if self._plain[n].startswith(beginning)]
        if len(first) < limit:
            listed = set(first)
            first += [n for n in matches if n not in listed]
        return [self._rows[n] for n in first[:limit]]

    def _beginning(self, word):
        """Return the numbers of the titles with a word that begins so."""
        first = bisect.bisect_left(self._entries, (word,))
        last = bisect.bisect_left(self._entries, (word + "\U0010ffff",))
        return {n for _, n in self._entries[first:last]}
