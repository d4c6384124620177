"""The book as files for a tablet: what is offered, and part 2 as it is printed."""

import re
from collections import Counter

import offline
import pikepdf
import pypdfium2
import pytest
from paper import printing, volumes
from paper.joining import INSIDE
from paper.printer import PAPER, Printer, contents
from test_site import HTML

PLACES = ("door", "similarity", "user-cf", "quick-questions")
PART = volumes.Volume(
    "2", "Neighbours", tuple(f"chapters/2-neighbours/{p}" for p in PLACES)
)
POINTS = 72 / 25.4  # of a millimetre
EXERCISE = re.compile(
    r'<div class="exercise[^>]*id="([^"]+)".*?caption-number">(Exercise [\d.]+)', re.S
)
WIDEN = """() => {
    const page = document.querySelector('.bd-article > section');
    const code = page.querySelector('.cell > .cell_input pre');
    code.append('total = ' + '1 + '.repeat(60));
    const cells = Array.from({length: 30}, () => '<td>10,000</td>').join('');
    const table = `<div><table class="table"><tr>${cells}</tr></table></div>`;
    page.querySelector('p').insertAdjacentHTML('afterend', table);
}"""
TOO_WIDE = """() => {
    const article = document.querySelector('.bd-article');
    const edge = article.getBoundingClientRect().right + 1;
    const out = [...article.querySelectorAll('pre, table, mjx-container, .line')]
        .filter((one) => one.getBoundingClientRect().right > edge
            || one.matches('pre') && one.scrollWidth > one.clientWidth + 1);
    return [article.querySelectorAll('.line.long').length, out.map((o) => o.outerHTML)];
}"""
NAMED = re.compile(r"(Eq|Fig)\. \(?([\d.]+\d)\)?")


FIRST = (
    '<td>Run.<span class="tablet-row"></span></td>'
    '<div class="tablet-files" id="tablet-files"></div>'
)
# Of each page of paper only the last 40 of 706 px are left for a section to begin.
PUSH = """() => {
    for (const heading of document.querySelectorAll('article section section > h2')) {
        const tall = document.createElement('div');
        tall.style = 'break-before: page; height: 666px';
        heading.parentElement.before(tall);
    }
}"""
DEFINED = """() => {
    const names = [...document.querySelectorAll('dl.glossary > dt')];
    const definition = (name) => {
        while (name && name.tagName !== 'DD') name = name.nextElementSibling;
        return name?.textContent.trim();
    };
    return Object.fromEntries(names.map((name) => [name.id, definition(name)]));
}"""


# What is offered ----------------------------------------------------------------------


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site of one page in each volume, whose first page has the place."""
    monkeypatch.setattr(volumes, "MADE", tmp_path / "pdf")
    monkeypatch.setattr(volumes, "LISTS", ())
    monkeypatch.setattr(
        volumes, "volumes", lambda: [volumes.Volume("2", "Two", ("a",))]
    )
    html = tmp_path / "html"
    (html / "chapters").mkdir(parents=True)
    (html / "a.html").write_text('<article class="bd-article">A</article>')
    (html / "chapters" / "intro.html").write_text(FIRST)
    (tmp_path / "pdf").mkdir()
    return html


def offered(html):
    volumes.offer(html)
    text = (html / "chapters" / "intro.html").read_text(encoding="utf-8")
    files = [path.name for path in html.glob("pdf/*")]
    assert files == re.findall(r'href="\.\./pdf/([^"]+)"', text)
    assert text.count('href="#tablet-files"') == bool(files)
    assert files or text == FIRST
    return files


def made(volume, html):
    (volumes.MADE / volume.file).write_bytes(b"%PDF")
    volumes.note(volume, volumes.edition(volume, html), 1234)


def test_nothing_is_offered_that_is_not_made(site):
    assert offered(site) == []


def test_a_file_is_offered_with_its_size_while_the_pages_are_the_same(site):
    (volume,) = volumes.volumes()
    made(volume, site)
    assert offered(site) == offered(site) == [volume.file]
    text = (site / "chapters" / "intro.html").read_text(encoding="utf-8")
    assert ">Part 2: Two</a> · 1,234 pages, 0.1 MB" in text
    kept = {name for names in offline.listed(site).values() for name in names}
    assert kept == {"a.html", "chapters/intro.html"}, "no browser keeps it unasked"
    page = site / "a.html"
    page.write_text(page.read_text() + "\n<footer>of another day</footer>")
    assert offered(site) == [volume.file], "what is not printed may change"
    page.write_text('<article class="bd-article">B</article>')
    assert offered(site) == []


def test_a_file_that_was_removed_is_not_offered(site):
    (volume,) = volumes.volumes()
    made(volume, site)
    (volumes.MADE / volume.file).unlink()
    assert offered(site) == []


def test_each_page_is_in_one_volume_and_the_appendix_has_what_is_looked_up():
    pages = [page for volume in volumes.volumes() for page in volume.pages]
    assert len(pages) == len(set(pages)) == len(volumes.whole().pages)
    appendix = volumes.volumes()[-1]
    assert set(appendix.pages) == set(volumes.LOOKED_UP) >= set(volumes.LISTS)
    assert len({volume.file for volume in (volumes.whole(), *volumes.volumes())}) == 10


# One that is printed ------------------------------------------------------------------


class Book:
    """A printed file: its text by pages, its links and where they lead."""

    def __init__(self, file):
        self.file = file
        self.pdf, self.read = pikepdf.open(file), pypdfium2.PdfDocument(file)
        self.pages = list(self.read)
        self.texts = [page.get_textpage() for page in self.pages]
        self.number = {page.objgen: n for n, page in enumerate(self.pdf.pages)}

    def close(self):
        for each in (*self.texts, *self.pages, self.read, self.pdf):
            each.close()

    def text(self, n, *box):
        found = (
            self.texts[n].get_text_bounded(*box)
            if box
            else (self.texts[n].get_text_range())
        )
        return re.sub(r"\s+", " ", found).strip()

    def links(self):
        """Yield the page, the words and the annotation of each link."""
        for n, page in enumerate(self.pdf.pages):
            for note in page.get("/Annots", []):
                left, bottom, right, top = map(float, note.Rect)
                yield n, self.text(n, left - 1, bottom, right + 1, top), note

    def jumps(self):
        """Yield the page, the words, and the page and the height of each jump."""
        for n, words, note in self.links():
            if "/Dest" in note:
                yield n, words, self.number[note.Dest[0].objgen], float(note.Dest[3])

    def titles(self, items):
        return {item.title: self.titles(item.children) for item in items}


def printed(browser, folder):
    """Print the part into a folder."""
    kept, volumes.MADE = volumes.MADE, folder
    context = printing.on_paper(browser, *PAPER)
    try:
        printer = Printer(context, PART, HTML)
        pieces = printer.pieces()
        printer.bound(pieces)
    finally:
        volumes.MADE = kept
        context.close()
    return folder / PART.file, pieces


@pytest.fixture(scope="module")
def all_of_it(browser, tmp_path_factory):
    file, pieces = printed(browser, tmp_path_factory.mktemp("pdf"))
    book = Book(file)
    yield book, pieces
    book.close()


@pytest.fixture(scope="module")
def book(all_of_it):
    return all_of_it[0]


@pytest.fixture
def printer(browser):
    context = printing.on_paper(browser, *PAPER)
    yield Printer(context, PART, HTML)
    context.close()


@pytest.mark.site
def test_it_has_bookmarks_for_its_chapters_and_their_sections(book):
    with book.pdf.open_outline() as outline:
        titles = book.titles(outline.root)
    groups = ["Part 2: Neighbours", "Part 2: Neighbours: solutions"]
    assert list(titles) == ["Contents", *groups, "Words and references"]
    with book.pdf.open_outline() as outline:
        there = book.number[outline.root[0].destination[0].objgen]
    assert book.text(there).startswith("Contents")
    chapters = titles["Part 2: Neighbours"]
    assert [title[:4] for title in chapters] == ["Part", "2.1 ", "2.2 ", "Quic"]
    assert {"By hand", "Exercises"} <= set(chapters["2.2 People like you"])


@pytest.mark.site
def test_it_says_whose_it_is_in_which_language_and_is_tagged(book):
    root, facts = book.pdf.Root, book.pdf.docinfo
    assert str(facts["/Title"]) == (
        "Part 2: Neighbours · Recommender systems for marketing"
    )
    assert str(facts["/Author"]) == "The recbook authors"
    assert (root.Lang, bool(root.MarkInfo.Marked)) == ("en", True)
    owners = list(root.StructTreeRoot.ParentTree.Nums)
    assert [int(n) for n in owners[::2]] == list(range(len(owners) // 2))
    for page in book.pdf.pages:
        of = owners[2 * int(page.StructParents) + 1]
        there = {one.Pg.objgen for one in of if one is not None and "/Pg" in one}
        assert page.objgen in there <= set(book.number)
    names = root.StructTreeRoot.IDTree.Names
    names = [str(name) for name in names[::2]]
    assert names == sorted(set(names))
    heads = [
        str(name)
        for each in book.pdf.objects
        if isinstance(each, pikepdf.Dictionary)
        and isinstance(each.get("/A"), pikepdf.Array)
        for about in each.A
        for name in about.get("/Headers", [])
    ]
    assert heads
    assert set(heads) <= set(names)


def test_the_version_stands_alone_where_git_knows_no_day(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.1.0"')
    monkeypatch.setattr(volumes, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert volumes.dated() == "version 0.1.0"
    monkeypatch.setenv("PATH", "")
    assert volumes.dated() == "version 0.1.0"


@pytest.mark.site
def test_its_cover_names_the_edition(book):
    assert book.text(0).endswith(f"The recbook authors · {volumes.dated()}")


@pytest.mark.site
def test_nothing_in_it_tells_where_it_was_made(book):
    needles = [b"file:", b"localhost", b"127.0.0.1", INSIDE.encode(), b"inside.invalid"]
    needles += [str(HTML.parents[1]).encode(), b".html"]
    for each in book.pdf.objects:
        if isinstance(each, pikepdf.Stream):
            if each.get("/Subtype") != "/Image":
                assert not [n for n in needles if n in each.read_bytes()]
        elif isinstance(each, pikepdf.Dictionary | pikepdf.Array | pikepdf.String):
            said = each.unparse()
            outside = re.sub(rb"\(https?://[^)]*\)", b"", said)
            assert not [n for n in needles if n in outside], said


@pytest.mark.site
def test_a_link_leads_out_or_to_what_it_names(book):
    seen = Counter()
    for _, words, note in book.links():
        if "/A" in note:
            assert str(note.A.URI).startswith(("http://", "https://", "mailto:")), words
            seen["out"] += 1
    for n, words, there, top in book.jumps():
        below = book.text(there, 0, 40, 460, top + 1)
        assert below, (n, words, there, "leads to blank paper")
        if found := NAMED.fullmatch(words):
            kind, number = found.groups()
            name = f"({number})" if kind == "Eq" else f"Fig. {number}"
            assert name in below, (n, words, there)
            seen[kind] += 1
        elif words == "Solution":
            first = book.text(there, 0, top - 30, 460, top + 1)
            assert "Solution to Exercise" in first, (n, there)
            seen["solution"] += 1
    assert min(seen[kind] for kind in ("out", "Eq", "Fig", "solution")) > 5, seen


@pytest.mark.site
def test_the_title_of_a_chapter_of_another_part_is_set_apart(printer):
    page = PART.pages[1]
    tab = printer.opened(page)
    tab.evaluate("(a) => recbookTablet.text(a)", {**printer.about, "here": page})
    said = tab.evaluate(
        """() => [...document.querySelectorAll('a.away:has(.doc)')].map((a) =>
        [a.textContent, getComputedStyle(a.querySelector('.doc')).fontStyle])"""
    )
    numbered = [style for words, style in said if re.search(r"\w\s\(\d\.\d+\)$", words)]
    assert len(numbered) > 1, said
    assert set(numbered) == {"italic"}


@pytest.mark.site
def test_each_exercise_has_its_solution_behind_the_last_chapter_and_back(book):
    back = {words: (n, there) for n, words, there, _ in book.jumps()}
    to = {}
    for n, words, there, top in book.jumps():
        if words == "Solution":
            title = book.text(there, 0, top - 30, 460, top)
            to[re.search(r"Exercise ([\d.]+)", title)[1]] = (n, there)
    (last,) = [
        n
        for n, text in enumerate(map(book.text, range(len(book.texts))))
        if "Question 6 of" in text
    ]
    wanted = []
    for page in PART.pages:
        text = (HTML / f"{page}.html").read_text(encoding="utf-8")
        wanted += [name.split()[1] for _, name in EXERCISE.findall(text)]
    assert list(to) == wanted
    for number, (n, there) in to.items():
        assert n < last < there
        (words,) = [w for w in back if w.startswith(f"Exercise {number} ")]
        assert back[words] == (there, n), number


@pytest.mark.site
def test_a_page_is_white_and_nothing_is_cut(book):
    for n, page in enumerate(book.pages):
        picture = page.render(scale=0.5).to_pil().convert("RGB")
        wide, high = picture.size
        margins = [
            picture.crop((0, 0, 10, high)),
            picture.crop((wide - 14, 0, wide, high)),
            picture.crop((0, 0, wide, 10)),
        ]
        for margin in margins:
            assert margin.getextrema() == ((255, 255),) * 3, n
        text = book.texts[n]
        boxes = [text.get_charbox(i) for i in range(text.count_chars())]
        ends = [right for left, _, right, _ in boxes if right > left]  # no spaces
        assert max(ends, default=0) < (160 - 11.5) * POINTS, n


@pytest.mark.site
def test_no_heading_stands_alone_at_the_foot(book):
    with book.pdf.open_outline() as outline:
        (part,) = [i for i in outline.root if i.title == "Part 2: Neighbours"]
        sections = [s for item in part.children for s in item.children]
        places = [(section.title, *section.destination) for section in sections]
    assert len(places) > 30
    for title, page, _, _, top, _ in places:
        n = book.number[page.objgen]
        title_and_more = book.text(n, 0, 14 * POINTS, 460, float(top) + 1)
        assert len(title_and_more) > len(title) + 30, (n, title_and_more)


@pytest.mark.site
def test_a_link_to_a_heading_that_goes_on_overleaf_leads_there(printer, tmp_path):
    page = "chapters/6-marketing/quick-questions"
    printer.folder = tmp_path
    tab = printer.opened(page)
    tab.evaluate(PUSH)
    piece = printer.piece(tab, page, "text")
    made = Book(printer.folder / piece.file)
    dests = made.pdf.Root.Dests.items()
    pages = {str(name)[1:]: made.number[place[0].objgen] for name, place in dests}
    names = [(words, id) for level, words, id in piece.headings if level == 2]
    assert len(names) > 3
    for words, id in [*names, ("The ledger", "part-6-ledger")]:
        assert words in made.text(pages[id]), words
    made.close()


@pytest.mark.site
def test_what_is_too_wide_goes_on_below_or_gets_smaller(browser):
    page = PART.pages[1]
    context = printing.on_paper(browser, *PAPER)
    printer = Printer(context, PART, HTML)
    tab = printer.opened(page)
    tab.evaluate(WIDEN)
    tab.evaluate("(a) => recbookTablet.text(a)", {**printer.about, "here": page})
    long, out = tab.evaluate(TOO_WIDE)
    context.close()
    assert (long, out) == (1, [])


@pytest.mark.site
@pytest.mark.parametrize("which", [0, -1])
def test_a_term_of_a_part_has_its_own_definition(which, printer):
    page = "chapters/appendix/glossary"
    tab = printer.opened(page)
    all_of_them = tab.evaluate(DEFINED)
    shared = {}
    for name, definition in all_of_them.items():
        shared.setdefault(definition, []).append(name)
    wanted = [names[which] for names in shared.values() if len(names) > 1]
    about = {**printer.about, "here": page, "wanted": wanted}
    tab.evaluate("(about) => recbookTablet.listed(about)", about)
    kept = tab.evaluate(DEFINED)
    assert len(wanted) > 30
    assert len(all_of_them) > len(kept) > len(wanted)
    assert kept == {name: all_of_them[name] for name in kept}
    assert set(wanted) <= set(kept)


@pytest.mark.site
def test_few_pages_are_nearly_empty(book):
    empty = 0
    for page in book.pages:
        picture = page.render(scale=0.3).to_pil().convert("L")
        high = picture.height
        rows = picture.crop((0, 0, picture.width, int(0.93 * high)))
        inked = rows.point(lambda p: 255 * (p < 250)).getbbox()
        empty += inked is None or inked[3] < 0.25 * high
        assert inked, "a blank page"
    assert empty <= 0.05 * len(book.pages)


@pytest.mark.site
def test_its_letters_come_along(book):
    fonts = [
        each
        for each in book.pdf.objects
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
    ]
    kinds = Counter(str(font.Subtype) for font in fonts)
    assert set(kinds) <= {"/Type0", "/CIDFontType2", "/CIDFontType0", "/Type3"}
    for font in fonts:
        if "/FontDescriptor" in font and font.Subtype != "/Type3":
            files = {"/FontFile", "/FontFile2", "/FontFile3"}
            assert files & set(font.FontDescriptor.keys()), font


@pytest.mark.site
def test_the_contents_name_the_pages(all_of_it):
    book, pieces = all_of_it
    (n,) = [k for k in range(3) if book.text(k).startswith("Contents")]
    for kind, _, name, _, page in contents(pieces, n + 1):
        if kind == "page":
            assert name[:20] in book.text(page - 1).replace("- ", "")
            assert f"{name} {page}" in book.text(n).replace("- ", "")


@pytest.mark.site
def test_the_same_pages_give_the_same_bytes(browser, book, tmp_path):
    again, _ = printed(browser, tmp_path)
    assert again.read_bytes() == book.file.read_bytes()
