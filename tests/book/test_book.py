"""The book: tidy notebooks, a rhythm that is kept, exercises that mark themselves."""

import ast
import json
import re
import statistics

import nbformat
import pytest
from bookpages import (
    CHAPTERS,
    ROOT,
    chapters,
    imports_of,
    notebooks,
    option,
    pages,
    toc_entries,
)
from pybtex.database import parse_file
from recbook_book.reading import api_pages

from recbook import checks

ORACLE = {"nbval-check-output", "keep_output"}
FIGURE = re.compile(r"\bsubplots\(|\bplt\.figure\(|\bplots\.[a-z]\w*\(")
LEVEL = re.compile(r"★{1,3} · \d+ minutes? · [^.]+\.")
ABSOLUTE = re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|work|mnt)/|\b[A-Z]:\\\\")
BIB = CHAPTERS / "appendix" / "references.bib"
GLOSSARY = CHAPTERS / "appendix" / "glossary.md"
STATIC = CHAPTERS / "_static"


def each(found):
    return [pytest.param(page, id=page.name) for page in found]


def all_text():
    return "\n".join(page.text for page in pages())


def without_fences(text):
    return re.sub(r"^(`{3,})[^\n]*\n.*?^\1\s*$", "", text, flags=re.M | re.S)


# The table of contents -----------------------------------------------------------


def test_every_page_of_the_contents_exists_once():
    entries = [file for file, _ in toc_entries()]
    assert sorted(set(entries)) == sorted(entries)
    have = {
        str((ROOT / page.path).with_suffix("").relative_to(ROOT)) for page in pages()
    }
    assert set(entries) == have
    assert len(pages()) == len(entries), "a page is there as .md and as .ipynb"


def test_no_page_is_left_out_of_the_contents():
    listed = {page.path for page in pages()}
    for suffix in ("*.md", "*.ipynb"):
        there = {
            p for p in CHAPTERS.rglob(suffix) if ".ipynb_checkpoints" not in p.parts
        }
        assert there - set(api_pages.FOLDER.iterdir()) <= listed


# Notebooks -----------------------------------------------------------------------


@pytest.mark.parametrize("page", each(notebooks()))
def test_notebook_is_valid(page):
    raw = json.loads(page.path.read_text(encoding="utf-8"))
    nbformat.validate(raw)
    assert (raw["nbformat"], raw["nbformat_minor"]) >= (4, 5)
    kernel = raw["metadata"]["kernelspec"]
    assert kernel == {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }


@pytest.mark.parametrize("page", each(notebooks()))
def test_cell_ids_are_words(page):
    ids = [cell.id for cell in page.cells]
    assert len(set(ids)) == len(ids)
    for id in ids:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", id), id
        assert not re.fullmatch(r"[0-9a-f]{6,}", id), f"{id} is no word"


@pytest.mark.parametrize("page", each(notebooks()))
def test_only_oracle_cells_keep_outputs(page):
    for cell in page.code:
        outputs = cell.raw["outputs"]
        if ORACLE & set(cell.tags):
            assert set(cell.tags) >= ORACLE, cell.id
            assert outputs, (
                f"{cell.id} has no stored output: nbval would pass it unseen"
            )
            assert isinstance(cell.raw["execution_count"], int), cell.id
            assert all(
                o["output_type"] in {"stream", "execute_result"} for o in outputs
            )
        else:
            assert not outputs, f"{cell.id}: strip its output"


@pytest.mark.parametrize("page", each(notebooks()))
def test_a_chapter_has_an_oracle(page):
    if page.is_chapter:
        assert any(set(cell.tags) >= ORACLE for cell in page.code)


@pytest.mark.parametrize("page", each(pages()))
def test_no_absolute_paths(page):
    assert not ABSOLUTE.search(page.path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", each(notebooks()))
def test_imports_stand_in_the_first_code_cell(page):
    assert imports_of(page.code[0].source)
    late = [cell.id for cell in page.code[1:] if imports_of(cell.source)]
    assert not late


@pytest.mark.parametrize("page", each(notebooks()))
def test_code_cells_are_short(page):
    for cell in page.code:
        lines = cell.source.splitlines()
        assert 0 < len(lines) <= 25, cell.id
        wide = [line for line in lines if len(line) > 76]
        assert not wide, f"{cell.id}: {wide}"
    main = [cell for cell in page.code if cell.place == "main"]
    ids = [cell.id for cell in main]
    lengths = [sum(1 for x in c.source.splitlines() if x.strip()) for c in main]
    assert statistics.median(lengths) <= 5, [*zip(ids, lengths, strict=True)]


@pytest.mark.parametrize("page", each(notebooks()))
def test_prose_stands_between_code(page):
    run = 0
    for cell in page.cells:
        shown = cell.kind == "code" and "remove-cell" not in cell.tags
        if cell.kind == "markdown":
            run = 0
        elif shown and cell.place == "main":
            run += 1
            assert run <= 2, f"{cell.id} is the third code cell in a row"


@pytest.mark.parametrize("page", each(notebooks()))
def test_warnings_are_mended_and_not_filtered(page):
    for cell in page.code:
        assert "filterwarnings" not in cell.source, cell.id
        assert "simplefilter" not in cell.source, cell.id
        assert "remove-stderr" not in cell.tags, cell.id


@pytest.mark.parametrize("page", each(notebooks()))
def test_only_starters_may_raise(page):
    for cell in page.code:
        if "raises-exception" in cell.tags:
            assert cell.place == "exercise", cell.id


@pytest.mark.parametrize("page", each(notebooks()))
def test_figures_have_an_alternative_text(page):
    for cell in page.code:
        makes_one = FIGURE.search(cell.source) and not cell.source.startswith("def ")
        if makes_one and cell.place == "main" and "remove-cell" not in cell.tags:
            image = cell.raw["metadata"].get("mystnb", {}).get("image", {})
            assert len(image.get("alt", "")) >= 30, f"{cell.id} needs an alt text"


@pytest.mark.parametrize("page", each(notebooks()))
def test_panels_are_titled_in_one_way(page):
    centred = [c.metadata.id for c in page.code if "suptitle" in c.source]
    assert not centred, f"take plots.headline: {centred}"


@pytest.mark.parametrize("page", each(notebooks()))
def test_a_figure_has_no_words_of_matplotlib_below_it(page):
    for cell in page.code:
        if "subplots(" in cell.source and "remove-cell" not in cell.tags:
            last = ast.parse(cell.source).body[-1]
            assert not isinstance(last, ast.Expr), f"{cell.id} needs a last `_ = …`"


@pytest.mark.parametrize("page", each(pages()))
def test_images_have_an_alternative_text(page):
    assert "![](" not in page.text
    lines = page.text.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"[`:]{3,}\{(figure|image)\}", line):
            assert option(lines[number + 1 :], "alt"), line


def test_every_architecture_is_shown_and_none_is_missing():
    drawn = {path.name for path in STATIC.glob("architecture-*.svg")}
    assert drawn == set(re.findall(r"architecture-[a-z0-9-]+\.svg", all_text()))


# The rhythm of a chapter ---------------------------------------------------------


@pytest.mark.parametrize("page", each(pages()))
def test_one_title_a_page(page):
    assert len(re.findall(r"^# ", without_fences(page.text), flags=re.M)) == 1


@pytest.mark.parametrize("page", each(chapters()))
def test_a_chapter_opens_and_closes_as_all_do(page):
    opening, text = page.text[:2500], page.text
    assert re.search(r"[`:]{3,}\{admonition\} In this chapter you will", opening)
    for heading in ("Exercises", "Summary", "Further reading"):
        assert re.search(rf"^## {heading}", text, flags=re.M), heading


BOX = re.compile(r"^(:{3,})\{admonition\} In marketing terms\n(.*?)^\1$", re.M | re.S)
RUN_INS = ["Decision", "What it costs when wrong", "What to ask", "What to log"]


@pytest.mark.parametrize("page", each(chapters()))
def test_a_chapter_prices_the_decision_that_it_serves(page):
    """In a box of four run-in heads and at most 120 words."""
    (_, box), *_ = BOX.findall(page.text)
    assert re.findall(r"^\*\*(.+?)[.:]\*\*", box, flags=re.M) == RUN_INS
    assert "€" in box
    text = re.sub(r"^:class: .*", "", box, flags=re.M)
    text = re.sub(r"\$[^$]*\$|\{[\w:]+\}`[^`]*`", " one ", text)
    assert len(re.findall(r"\S*\w\S*", text)) <= 120


@pytest.mark.parametrize("page", each(chapters()))
def test_a_chapter_has_enough_exercises(page):
    checked = [e for e in page.exercises if e.check_ids(e.starters)]
    if page.path.suffix == ".md":
        assert len(page.exercises) >= 4
    else:
        assert len(page.exercises) >= 6
        assert len(checked) >= 4, "let more of them mark themselves"


@pytest.mark.parametrize("page", each(pages()))
def test_every_exercise_has_level_minutes_and_folded_solution(page):
    for exercise in page.exercises:
        assert exercise.label, "an exercise or solution without a label"
        assert LEVEL.search(exercise.text), f"{exercise.label}: ★ · n minutes · how."
        assert exercise.n_solutions == 1, f"{exercise.label} has no solution"
        assert ":class: dropdown" in exercise.solution, exercise.label
        explained = re.sub(r":\w+:.*|\s", "", exercise.solution)
        assert len(explained) >= 20, f"{exercise.label}: explain the solution"


@pytest.mark.parametrize("page", each(notebooks()))
def test_starter_and_solution_have_the_same_check(page):
    for exercise in page.exercises:
        asked = exercise.check_ids(exercise.starters)
        assert asked == exercise.check_ids(exercise.answers), exercise.label
        assert len(asked) <= 1, exercise.label
        if exercise.starters:
            assert asked, f"{exercise.label}: its starter does not mark itself"
            last = exercise.starters[-1].source.rstrip().splitlines()[-1]
            assert "recbook.check(" in last or last == ")", exercise.label
            for cell in exercise.starters:
                assert "raises-exception" in cell.tags, cell.id


@pytest.mark.parametrize("page", each(notebooks()))
def test_no_exercise_looks_at_what_only_a_world_knows(page):
    for exercise in page.exercises:
        for cell in [*exercise.starters, *exercise.answers]:
            assert not re.search(r"\.truth\b", cell.source), exercise.label


def test_no_exercise_of_marketing_uses_the_truth_of_its_world():
    """A reader learns to decide without what no shop has; the pages' text may look."""
    of_part = [page for page in notebooks() if page.part == "6"]
    assert of_part
    for page in of_part:
        for exercise in page.exercises:
            cells = [*exercise.starters, *exercise.answers]
            texts = [exercise.text, exercise.solution, *(cell.source for cell in cells)]
            assert not any(".truth" in text for text in texts), exercise.label


def test_every_check_belongs_to_one_exercise():
    used = [
        id
        for page in notebooks()
        for exercise in page.exercises
        for id in exercise.check_ids(exercise.starters)
    ]
    used += [id for p in pages() for e in p.exercises for id in e.checked_elsewhere]
    used += [id for page in pages() for id, _ in page.quick]
    assert sorted(set(used)) == sorted(used)
    assert sorted(used) == checks.ids()


def test_labels_are_unique():
    found = re.findall(r"^:label:\s*(\S+)", all_text(), flags=re.M)
    assert sorted(set(found)) == sorted(found)


# References ----------------------------------------------------------------------


def test_no_equation_is_called_equation_eq():
    assert not re.findall(r".{0,40}[Ee]quations? \{eq\}.{0,40}", all_text())


def test_every_equation_label_is_referred_to():
    text = all_text()
    block = r"^[`:]{3,}\{math\}[^\n]*\n(?::\w+:[^\n]*\n)*?:label:\s*(\S+)"
    labels = set(re.findall(block, text, flags=re.M))
    labels |= set(re.findall(r"^\$\$\s*\(([\w-]+)\)", text, flags=re.M))
    used = set(re.findall(r"\{eq\}`(?:[^`<]*<)?([\w:-]+)>?`", text))
    assert labels <= used, f"never referred to: {labels - used}"
    assert used & labels == used, f"no such equation: {used - labels}"


def bib_entries():
    text = BIB.read_text(encoding="utf-8")
    starts = list(re.finditer(r"^@\w+\{([^,\s]+),", text, flags=re.M))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return {m.group(1): text[m.start() : e] for m, e in zip(starts, ends, strict=True)}


def test_the_bibliography_can_be_read():
    for key, entry in parse_file(BIB).entries.items():  # a repeated key raises
        home = {"article": {"journal"}, "inproceedings": {"booktitle"}}
        missing = {"title", "year"} | home.get(entry.type, set())
        missing -= set(entry.fields)
        assert not missing, f"{key} lacks {missing}"


def test_every_reference_is_cited_and_can_be_found():
    entries = bib_entries()
    groups = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", all_text())
    cited = {key.strip() for group in groups for key in group.split(",")}
    assert cited - set(entries) == set()
    assert set(entries) - cited == set(), "never cited"
    for key, entry in entries.items():
        found = re.search(r"^\s*(doi|url|eprint)\s*=", entry, flags=re.M | re.I)
        # A whole book is found by its number; a chapter of one is not.
        found = found or (entry.startswith("@book") and re.search(r"\bisbn\s*=", entry))
        assert found, f"{key} needs a DOI, URL or eprint; a book, an ISBN"
        assert "$" not in entry, f"{key}: the page of references sets no formulas"


def glossary_entries():
    """[(terms, definition)] of the glossary block."""
    text = GLOSSARY.read_text(encoding="utf-8")
    body = re.search(r"^(`{3,}|:{3,})\{glossary\}\n(.*?)^\1\s*$", text, re.M | re.S)
    entries = []
    for line in body.group(2).splitlines():
        if not line.strip() or line.startswith(":"):
            continue
        if line[0].isspace():
            entries[-1][1].append(line.strip())
        elif entries and not entries[-1][1]:
            entries[-1][0].append(line.strip())
        else:
            entries.append(([line.strip()], []))
    return [(terms, " ".join(definition)) for terms, definition in entries]


def test_the_glossary_is_rich_and_bilingual():
    entries = glossary_entries()
    assert len(entries) >= 80
    for terms, definition in entries:
        assert re.search(r"[\u4e00-\u9fff]", definition + terms[0]), terms
        assert len(definition) >= 30, terms


def test_every_term_used_is_in_the_glossary():
    terms = {term.lower() for names, _ in glossary_entries() for term in names}
    for page in pages():
        for used in re.findall(r"\{term\}`([^`]+)`", page.text):
            target = re.search(r"<([^>]+)>$", used)
            key = " ".join((target.group(1) if target else used).split()).lower()
            assert key in terms, f"{page.name}: {used}"
