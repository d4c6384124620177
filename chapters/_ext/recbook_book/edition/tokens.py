"""What a translation has to keep of a page's words, exactly: its tokens.

Roles with their targets, formulas, code, links, numbers with their signs, and the
frame: directives, options, labels, rows of tables, items, headings. A translation whose
English has changed is shown only if the tokens are still the same (``same_tokens``): a
reader may get an older wording, never an old number. The checker says what differs.
"""

import re
from collections import Counter
from decimal import Decimal

DOLLARS = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$([^$]+?)(?<!\\)\$", re.DOTALL)
ROLE = re.compile(r"\{([\w:]+)\}`([^`]*)`")
TARGET = re.compile(r"\s*<([^<>]*)>\s*$")
CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
LINK = re.compile(r"\]\(([^)\s]+)\)|\b(?:href|src)=\"([^\"]*)\"|<(https?:[^>\s]+)>")
FENCE = re.compile(r"[ \t]*(`{3,}|:{3,})(?:\{([\w:-]+)\})?[ \t]*(.*)")
OPTION = re.compile(r"^[ \t]*:([\w.-]+):(?:[ \t]+(.*))?$", re.MULTILINE)
MARK = re.compile(r"^(?:\(([\w-]+)\)=|\{([.#][\w-]+)\})[ \t]*$", re.MULTILINE)
ROW = re.compile(r"^[ \t]*(\|.*\|)[ \t]*$", re.MULTILINE)
ITEM = re.compile(r"^[ \t]*(?:[-*]|[1-9]\d?\.|[a-e]\.)[ \t]", re.MULTILINE)
HEADING = re.compile(r"^(#+)[ \t]", re.MULTILINE)
NUMBER = re.compile(
    r"(?:(?<![A-Za-z0-9.)\]}])([−+±-]))?"  # a sign, but not a dash between two numbers
    r"(\d+(?:[.,]\d+)*|[½⅓⅔¼¾])(?:\s?(%|(?:thousand|million|billion|trillion)\b|万亿|[万亿]))?"
)
# Of ten thousand and its square Chinese has words, of a million none.
TIMES = {
    "thousand": 10**3,
    "万": 10**4,
    "million": 10**6,
    "亿": 10**8,
    "billion": 10**9,
    "万亿": 10**12,
    "trillion": 10**12,
}
# Directives whose argument is words, as an exercise's title; that of others is a name.
TITLED = {"admonition", "exercise", "exercise-start", "door"}
VERBATIM = {"math", "eval-rst"}  # what stands in them is no words
WORDED = {"alt"}  # options that are words

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth"
MONTHS = (
    "january february march april may june july august september october november "
    "december"
)
SPELLED = {
    **{word: n for n, word in enumerate(ONES.split())},
    **{word: 10 * n for n, word in enumerate(TENS.split(), 2)},
    **{word: n for n, word in enumerate(ORDINALS.split(), 1)},
    **{word: n for n, word in enumerate(MONTHS.split(), 1)},
    **{word[:3]: n for n, word in enumerate(MONTHS.split(), 1)},
    **{
        "once": 1,
        "single": 1,
        "zeroe": 0,
        "twice": 2,
        "both": 2,
        "double": 2,
        "pair": 2,
    },
    **{"dozen": 12, "half": 2, "quarter": 4},
}
LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}


def tokens(text):
    """Return ({kind: Counter}, words): what a translation keeps, and what it says.

    The kinds are roles, math, code, frame, links and numbers. In the words each role
    with words of its own is these, and all else that is kept has gone.
    """
    found = {kind: Counter() for kind in ("roles", "math", "code", "frame", "links")}
    text = without_frame("\n".join(without_fences(text.splitlines(), found)), found)
    text = ROLE.sub(lambda role: without_role(role, found), text)
    text = CODE.sub(lambda code: counted(found["code"], squeezed(code[1])), text)
    text = DOLLARS.sub(
        lambda m: counted(found["math"], formula(m[1] or m[2])) + wording(m[0]), text
    )
    text = LINK.sub(lambda m: "]" + counted(found["links"], m[1] or m[2] or m[3]), text)
    found["frame"].update(f"row of {m[1].count('|') - 1}" for m in ROW.finditer(text))
    found["numbers"] = numbers(text)
    return found, text


def counted(counter, key):
    """Count a token and leave a gap in its place."""
    counter[key] += 1
    return " "


def squeezed(text):
    return " ".join(text.split())


def formula(text):
    """Return a formula without its spaces, its words, and the mark that ends it."""
    bare = re.sub(r"\\text(?:bf|it)?\{[^{}]*\}", "", text)
    return re.sub(r"\s+", "", bare).rstrip(".,;。，；")


def wording(text):
    """Return the words in a formula, which are translated."""
    return " ".join(re.findall(r"\\text(?:bf|it)?\{([^{}]*)\}", text))


def without_fences(lines, found):
    """Yield the lines that are neither a fence nor within formulas or code."""
    marks, block = [], None
    for line in lines:
        mark, name, argument = (
            fence.groups() if (fence := FENCE.match(line)) else [""] * 3
        )
        if mark and mark == (marks and marks[-1]) and not name and not argument:
            marks.pop()
            yield from blocked(block, found) if block else ()
            block = None
        elif block:
            block.append(line)
        elif not mark:
            yield line
        else:
            if not name or name in VERBATIM:
                block = [name]
            marks.append(mark)
            yield opened(name, argument, found["frame"])


def opened(name, argument, frame):
    """Count a directive, and return the words in its line."""
    frame.update([name] if name else [])
    if name in TITLED:
        return argument
    frame.update([f"{name} {argument.strip()}"] if argument else [])
    return ""


def blocked(block, found):
    """Count a block of formulas or code, and yield the lines in it that are words."""
    name, text = block[0], "\n".join(block[1:])
    if name == "math":
        counted(found["math"], formula(OPTION.sub("", text)))
        yield from (m[0] for m in OPTION.finditer(text))
        yield wording(text)
    else:
        counted(found["code"], squeezed(text))


def without_frame(text, found):
    """Take the lines that only build the page, and count its items and headings."""
    frame = found["frame"]

    def option(line):
        if line[1] in WORDED:
            frame[line[1]] += 1
            return line[2] or ""
        return counted(frame, f"{line[1]}: {(line[2] or '').strip()}")

    text = OPTION.sub(option, text)
    text = MARK.sub(lambda m: counted(frame, m[1] or m[2]), text)
    text = HEADING.sub(lambda m: counted(frame, m[1]), text)
    return ITEM.sub(
        lambda m: "\n\n" + counted(frame, "item"), text
    )  # apart, as paragraphs


def without_role(role, found):
    """Count a role with its target, and leave what it shows in words of its own."""
    kind, body = role.groups()
    target = TARGET.search(body)
    name = squeezed(target[1] if target else body)
    found["roles"][kind, name.lower() if kind == "term" else name] += 1
    return body[: target.start()] if target else " "


def numbers(words):
    """Count the numbers in digits, each with its sign and its %."""
    words = re.sub(r"(?<=\d),(?=\s)", " ", words)
    return Counter(number(*found) for found in NUMBER.findall(words))


def number(sign, digits, unit):
    """Return a number as it is compared: "29 million" and "2,900 万" are one.

    >>> number("", "29", "million") == number("", "2,900", "万") == "29,000,000"
    True
    >>> number("", "1.5", "trillion") == number("", "1.5", "万亿")
    True
    >>> number("-", "5", "%")
    '−5%'
    """
    if unit in TIMES:
        value = Decimal(digits.replace(",", "")) * TIMES[unit]
        digits, unit = f"{value:,f}", ""
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return (sign or "").replace("-", "−") + digits + (unit or "")


def spelled(words):
    """Return the numbers that English words spell, as digits.

    >>> sorted(spelled("twenty-five of two hundred"))
    ['2', '20', '200', '25', '5']
    """
    found, before, large = set(), 0, 0
    for word in re.findall(r"[a-z]+", words.lower()):
        one = word.removesuffix("s")
        value, factor = SPELLED.get(word, SPELLED.get(one)), LARGE.get(one)
        if factor:
            large = (before or 1) * factor
            found.add(large)
        elif value is not None:
            found.update({value, large + value})
            found.update({before + value} if before in range(20, 100, 10) else ())
        before = value or 0
    return {f"{n}" for n in found} | {f"{n:,}" for n in found}


def differences(english, chinese):
    """Yield (kind, lost, of its own) for each kind of token in which the two differ.

    Formulas and code may be said again, or once less, if each is said at all. A number
    in digits may be said again, or be new where the English spells it.
    """
    (kept, words), (got, _) = tokens(english), tokens(chinese)
    for kind in kept:
        if kind in ("math", "code"):
            kept[kind], got[kind] = Counter(set(kept[kind])), Counter(set(got[kind]))
        lost, new = kept[kind] - got[kind], got[kind] - kept[kind]
        if kind == "numbers":
            known = {*kept[kind], *spelled(words)} if new else ()
            new = Counter({n: count for n, count in new.items() if n not in known})
        if lost or new:
            yield kind, sorted(lost, key=str), sorted(new, key=str)


def same_tokens(english, chinese):
    """Return whether a translation still has all that its English has of tokens."""
    return not any(differences(english, chinese))
