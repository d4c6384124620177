// A built page as pages for a tablet: what can be pressed is gone, folds are open, answers
// are apart, nothing is wider than its column. pdf.py calls it in a browser that prints.
window.recbookTablet = (() => {
  const INSIDE = "https://inside.invalid/"; // no host: joining.py makes jumps of it
  const GONE = `script, style:not(svg *), button, .headerlink, .live-bar, .live-out, .explore,
    .keep, .variant-box, .variant-said, .progress-note, .to-top, .toggle-button,
    details.fold, .quick-feedback, .quick-mark, .quick-score, .keep-said, .own-file,
    .download, a.fact, textarea, input, label, select, output, .prev-next-footer,
    .tablet-files, [hidden]`;
  const TALL = 330; // of 700 px: a higher box may go on overleaf
  const SHORT = 100; // five lines: a paragraph that stays whole
  const root = document.documentElement;
  let article;
  let answers = [];
  let head;

  const make = (tag, name, ...children) => {
    const node = document.createElement(tag);
    node.className = name;
    node.append(...children);
    return node;
  };
  const link = (address, ...children) => {
    const node = make("a", "", ...children);
    node.setAttribute("href", address);
    return node;
  };
  const words = (node) => node.textContent.trim().replace(/\s+/g, " ");

  const settled = async () => {
    await window.MathJax?.startup?.promise;
    // All letters, those of formulas too: what is measured before they are there is wrong.
    await Promise.all([...document.fonts].map((face) => face.load().catch(() => {})));
    const decoded = [...document.images].map((image) => {
      image.loading = "eager";
      return image.decode().catch(() => {});
    });
    await Promise.all(decoded);
  };

  // Only what is printed stays, in boxes of the names that the styles look for.
  const alone = (...children) => {
    article = make("article", "bd-article", ...children);
    const inside = make("div", "bd-article-container", article);
    document.body.className = "";
    document.body.replaceChildren(
      make("main", "bd-main tablet", make("div", "bd-content", inside)),
    );
    root.dataset.theme = "light";
    root.dataset.print = "tablet";
  };

  // A link leads to a page of the book, or out into the world, or is none. To another
  // part it says where, as a part's file does not have it: "what *a title* (1.4) says".
  const linked = ({ root: top, pages, own }) => {
    const wanted = new Set();
    for (const a of article.querySelectorAll("a")) {
      const found = a.getAttribute("href") ?? a.getAttribute("xlink:href");
      if (found === null || found.startsWith(INSIDE)) continue;
      const to = new URL(found, location.href);
      a.removeAttribute("title");
      if (/^(https?|mailto):$/.test(to.protocol)) continue;
      const page = decodeURI(to.href.split(/[?#]/)[0]).replace(top, "").replace(/\.html$/, "");
      const there = pages[page];
      a.removeAttribute("xlink:href");
      if (to.search || !there) {
        a.removeAttribute("href");
        continue;
      }
      a.setAttribute("href", INSIDE + page + to.hash);
      wanted.add(page + decodeURI(to.hash));
      const number = there.number;
      if (!there.volume || there.volume === own) continue;
      a.classList.add("away");
      if (number && words(a).includes(number)) continue;
      if (a.querySelector(".doc")) a.classList.add("titled");
      if (number) a.append(make("span", "elsewhere", `\u00a0(${number})`));
    }
    return [...wanted];
  };

  // A heading may go on overleaf and its section begin here, on blank paper: what leads to
  // the section leads to the heading.
  const headed = () => {
    for (const heading of article.querySelectorAll("section[id] > :is(h2, h3, h4):not([id])")) {
      const section = heading.parentElement;
      for (const name of section.querySelectorAll(":scope > span[id]:empty")) {
        name.style.display = "block"; // or its place is where the section begins
        name.append(...heading.childNodes);
        heading.append(name);
      }
      heading.id = section.id;
      section.removeAttribute("id");
    }
  };

  // Each place gets a link, as a PDF only remembers places that a link leads to.
  const marked = () => {
    const marks = make("div", "");
    marks.hidden = true;
    for (const node of article.querySelectorAll("[id]:not(svg *, mjx-container *)"))
      marks.append(link(`#${encodeURIComponent(node.id)}`));
    article.append(marks);
  };

  const shrink = (node, wide, room) => {
    if (wide > room + 1 && room > 0) node.style.zoom = (0.985 * room) / wide;
  };

  const lines = (pre) => {
    if (pre.scrollWidth <= pre.clientWidth + 1) return;
    for (const span of pre.querySelectorAll("span:not(:has(*))"))
      if (/\n./.test(span.textContent)) {
        const parts = span.textContent.split("\n").map((text) => {
          const copy = span.cloneNode(false);
          copy.textContent = text;
          return copy;
        });
        span.replaceWith(...parts.flatMap((part, n) => (n ? ["\n", part] : [part])));
      }
    const rows = [[]];
    for (const node of [...pre.childNodes]) {
      if (node.nodeType !== Node.TEXT_NODE) rows.at(-1).push(node);
      else
        node.data.split("\n").forEach((text, n) => {
          if (n) rows.push([]);
          rows.at(-1).push(text);
        });
    }
    while (rows.length > 1 && rows.at(-1).join("").trim() === "") rows.pop();
    pre.replaceChildren(...rows.map((row) => make("span", "line", ...row)));
    pre.style.whiteSpace = "pre-wrap";
    for (const line of pre.children)
      if (line.offsetHeight > 1.5 * parseFloat(getComputedStyle(line).lineHeight))
        line.classList.add("long");
  };

  // There is nothing to scroll: what is too wide gets smaller, and code goes on below.
  const fit = () => {
    for (const pre of article.querySelectorAll("pre")) {
      pre.style.whiteSpace = "pre";
      lines(pre);
      pre.style.whiteSpace = "pre-wrap";
    }
    for (const formula of article.querySelectorAll("mjx-container")) {
      const wide = formula.firstElementChild.getBoundingClientRect().width;
      const box = formula.closest("div, p, td, li, figcaption") ?? article;
      const number = formula.parentElement.querySelector(":scope > .eqno");
      const style = getComputedStyle(box);
      const pad = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
      shrink(formula, wide, box.clientWidth - pad - (number ? number.offsetWidth + 12 : 0));
    }
    for (const table of article.querySelectorAll("table")) {
      const room = table.parentElement.clientWidth;
      if (table.offsetWidth > room + 1)
        for (const p of table.querySelectorAll("th, td, p")) {
          p.style.whiteSpace = "normal";
          p.style.maxWidth = "none";
          if (p.tagName === "P") p.style.width = "auto";
        }
      shrink(table, table.offsetWidth, room);
    }
    const boxes = "pre, .exercise, .admonition, .highlight, table";
    for (const box of article.querySelectorAll(boxes))
      box.classList.toggle("goes-on", box.offsetHeight > TALL);
    for (const p of article.querySelectorAll("p"))
      p.classList.toggle("short", p.offsetHeight < SHORT);
  };

  // [level, words, id] of each heading.
  const headings = () =>
    [...article.querySelectorAll("h1, h2, h3")]
      .filter((heading) => !heading.closest(".exercise, .solution, .admonition"))
      .map((heading) => {
        const place = heading.id || heading.closest("section[id]")?.id || "";
        return [Number(heading.tagName[1]), words(heading), place];
      });

  const finish = (about) => {
    const head = article.querySelector("h1");
    const number = head.querySelector(".section-number");
    const facts = { title: words(head), number: number ? words(number) : "" };
    facts.name = facts.title.replace(facts.number, "").trim();
    facts.id = head.closest("section[id]").id;
    facts.wanted = linked(about);
    headed();
    marked();
    fit();
    facts.headings = headings();
    facts.n_answers = answers.length;
    return facts;
  };

  // The page without what is answered at the end of the file; the answers are kept.
  const text = async (about) => {
    await settled();
    const page = document.querySelector(".bd-article > section");
    alone(page);
    const here = INSIDE + about.here;
    for (const node of article.querySelectorAll(GONE)) node.remove();
    for (const p of article.querySelectorAll("section > p"))
      if (p.textContent.startsWith("Next: ")) p.remove(); // it is what comes next
    for (const fold of article.querySelectorAll(".toggle-hidden, .toggle, .dropdown"))
      fold.classList.remove("toggle-hidden", "toggle", "dropdown");
    head = page.querySelector("h1").cloneNode(true);
    answers = [];
    for (const solution of article.querySelectorAll(".solution")) {
      const all = [...article.querySelectorAll(".exercise[id]")];
      const before = Node.DOCUMENT_POSITION_PRECEDING;
      const of = all.findLast((one) => solution.compareDocumentPosition(one) & before);
      const name = solution.querySelector(".admonition-title .of");
      name?.replaceChildren(" to ", link(`${here}#${of.id}`, words(name).replace(/^to /, "")));
      of.append(make("p", "to-answer", link(`${here}#${solution.id}`, "Solution")));
      solution.remove();
      answers.push(solution);
    }
    for (const question of article.querySelectorAll("fieldset.quick")) {
      const fold = question.querySelector("details");
      question.classList.remove("quick-live"); // whose letters are on its buttons
      const name = words(question.querySelector("legend")).replace(/ of \d+$/, "");
      const head = make("p", "admonition-title", link(`${here}#${question.id}`, name));
      const answer = make("div", "answer", head, ...fold.querySelectorAll(":scope > p"));
      answer.id = `answer-${question.id}`;
      fold.replaceWith(make("p", "to-answer", link(`${here}#${answer.id}`, "Answer")));
      answers.push(answer);
    }
    for (const fold of article.querySelectorAll("details")) fold.open = true;
    return finish(about);
  };

  const answered = (about) => {
    const section = make("section", "answers", make("p", "kicker", "Solutions"), head, ...answers);
    section.id = `answers-${about.here.replaceAll("/", "-")}`;
    alone(section);
    return finish(about);
  };

  // Of a list of words or of references, the entries that this file leads to.
  const listed = async (about) => {
    await settled();
    const page = document.querySelector(".bd-article > section");
    alone(page);
    for (const node of article.querySelectorAll(GONE)) node.remove();
    const wanted = new Set(about.wanted);
    const has = (node) =>
      [node, ...node.querySelectorAll("[id]")].some((one) => wanted.has(one.id));
    const entries = []; // the names of a definition, and it
    for (const part of article.querySelectorAll("dl:is(.glossary, .citation) > *, div.citation"))
      if (part.matches("dt + dt, dd")) entries.at(-1).push(part);
      else entries.push([part]);
    for (const entry of entries) if (!entry.some(has)) entry.forEach((part) => part.remove());
    for (const a of article.querySelectorAll('a[href^="#"]'))
      if (!document.getElementById(decodeURIComponent(a.hash.slice(1)))) a.removeAttribute("href");
    return finish(about);
  };

  const front = async ({ part, kicker, name, of, by, image, rows }) => {
    await settled();
    if (part) root.dataset.part = part;
    const cover = make("section", "title-page", make("p", "of", of));
    cover.append(make("h1", "", make("span", "number", kicker), name));
    if (image) cover.append(Object.assign(make("img", ""), { src: image, alt: "" }));
    cover.append(make("p", "by", by));
    const list = make("section", "contents", make("h1", "", "Contents"));
    for (const [kind, number, words, page, at] of rows)
      list.append(
        make("p", kind, make("span", "n", number),
          make("span", "to", link(INSIDE + page, words)), make("span", "at", at)),
      );
    alone(cover, list);
    await settled();
  };

  const feet = async (rows) => {
    await settled();
    root.classList.add("feet");
    alone(...rows.map(([left, right]) =>
      make("div", "foot", make("span", "", left), make("span", "", right))));
  };

  return { text, answered, listed, front, feet };
})();
