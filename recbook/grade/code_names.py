"""Code names for a public table: stable, and known only to those who have been told."""

import hashlib
import hmac

__all__ = ["code_names"]

FIRST = """
Amber Azure Bright Calm Clever Copper Coral Crimson Eager Early Emerald Gentle Golden
Green Indigo Ivory Jolly Keen Lilac Lively Lucky Maroon Merry Misty Nimble Olive Orange
Patient Pearl Polite Proud Quick Quiet Rapid Ruby Rusty Scarlet Silver Steady Sunny
Swift Tidy Velvet Violet Warm White Wise Yellow
"""
SECOND = """
Badger Beaver Bison Bear Cat Cod Crab Crane Deer Dolphin Dove Duck Eagle Elk Falcon
Ferret Finch Fox Frog Gecko Goose Hare Hawk Heron Horse Ibis Jay Koala Lark Lemur Lion
Lynx Magpie Mole Moose Newt Otter Owl Panda Parrot Puffin Rabbit Raven Robin Salmon Seal
Swan Tiger
"""


def code_names(keys, secret):
    """Return a code name for each of some students, key to name.

    The same student has the same one each week; without the secret nobody can tell
    whose it is. Two who would have the same are told apart by a number.

    Parameters
    ----------
    keys : iterable of (str, str)
        Name and id of each student.
    secret : bytes
        What only the teacher has, such as the file of the answers.

    Examples
    --------
    >>> code_names([("Ada", "7"), ("Bob", "8")], b"seed")
    {('Ada', '7'): 'Jolly Moose', ('Bob', '8'): 'Yellow Robin'}
    """
    names, taken = {}, {}
    firsts, seconds = FIRST.split(), SECOND.split()
    for key in sorted(set(keys)):
        told = "\0".join(key).encode("utf-8", "surrogatepass")
        place = int.from_bytes(hmac.digest(secret, told, hashlib.sha256)[:8], "big")
        second, first = divmod(place % (len(firsts) * len(seconds)), len(firsts))
        name = f"{firsts[first]} {seconds[second]}"
        taken[name] = taken.get(name, 0) + 1
        names[key] = name if taken[name] == 1 else f"{name} {taken[name]}"
    return names
