"""The order of Chinese terms by how they are read, without a dictionary.

The 3,755 most common characters stand in the order of their pinyin in the code GB 2312
(its first level). A table has what it cannot know: rarer characters, and those that are
read otherwise in our terms. Each is put in the place of one that sounds the same.

>>> sorted(["余弦", "A/B 测试", "重排序", "相似度", "层"], key=order)
['A/B 测试', '层', '重排序', '相似度', '余弦']
>>> [initial(name) for name in ("余弦", "重排序", "p 值", "ε-贪心")]
['Y', 'C', 'P', '#']
"""

import re
from bisect import bisect

HAN = re.compile("[㐀-鿿]")
LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ"  # no syllable begins with I, U or V
FIRSTS = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"  # the first of each letter
SOUNDS = {
    **{"重(?=[参定排新分启])": "虫", "弹(?=性)": "谈", "调(?=整)": "条", "校": "叫"},
    **{"伽": "嘎", "熵": "伤", "轭": "饿", "悖": "背", "阈": "玉"},
}


def code(character):
    """Return the place of a character in GB 2312, or None where that knows no sound."""
    found = character.encode("gb2312", errors="ignore")
    return found if b"\xb0\xa1" <= found <= b"\xd7\xf9" else None


STARTS = [code(character) for character in FIRSTS]


def sounding(name):
    """Return a name with characters in it that are read as GB 2312 orders them."""
    for pattern, same in SOUNDS.items():
        name = re.sub(pattern, same, name)
    return name


def initial(name):
    """Return the letter under which a name stands, "#" for Greek ones and digits."""
    first = sounding(name)[0]
    if first.isascii() and first.isalpha():
        return first.upper()
    place = HAN.match(first) and code(first)
    return LETTERS[bisect(STARTS, place) - 1] if place else "#"


def order(name):
    """Return the key by which names are sorted: Latin first under each letter."""
    signs = [
        (1, code(sign) or b"\xff") if HAN.match(sign) else (0, sign.lower().encode())
        for sign in sounding(name)
    ]
    return initial(name), signs, name
