// The page as a sheet or as slides, made of its own text when its address asks for it:
//   ?sheet                  the exercises, to print;  ?sheet=answers  with the solutions
//   ?slides                 pictures, formulas, tables and boxes, to project
//   ?sheet=ex-a,ex-b        these exercises only;     ?slides=ex-a,ex-b  these as well
//   ?sheet=id               the section of this id, such as a table to hand on
//   ?slides&from=id&to=id   the sections from this one to that one
{
  const query = new URLSearchParams(location.search);
  const view = ["sheet", "slides"].find((name) => query.has(name));
  const root = document.documentElement;
  const base = document.currentScript.src;
  const article = document.querySelector(".bd-article");
  const page = article?.querySelector(":scope > section");
  const sections = [...(page?.querySelectorAll(":scope > section") ?? [])];
  const words = (query.get(view) ?? "").split(",");

  const make = (tag, name, ...children) => {
    const node = document.createElement(tag);
    node.className = name;
    node.append(...children);
    return node;
  };
  const text = (node) => node.textContent.trim();
  const title = (section) => {
    const copy = section.querySelector("h1, h2, h3").cloneNode(true);
    copy.querySelector(".headerlink")?.remove();
    return [...copy.childNodes];
  };

  // The style sheet is there, formulas are set, figures and letters are loaded.
  const settled = async () => {
    const style = make("link", "");
    style.rel = "stylesheet";
    style.href = base.replace(/sheet\.js.*/, "sheet.css");
    const styled = new Promise((done) => (style.onload = style.onerror = done));
    document.head.append(style);
    if (document.readyState !== "complete")
      await new Promise((done) => addEventListener("load", done));
    await Promise.all([styled, window.MathJax?.startup?.promise, document.fonts.ready]);
    const decoded = [...document.images].map((image) => {
      image.loading = "eager";
      return image.decode().catch(() => {});
    });
    await Promise.all(decoded);
  };

  // Exercises by their labels, in the page's order; all where none is named.
  const exercises = (all) => {
    const there = [...page.querySelectorAll(".exercise")];
    const named = there.filter((exercise) => words.includes(exercise.id));
    return named.length || !all ? named : there;
  };

  const sheet = (paper) => {
    const answers = words.includes("answers");
    const handed = sections.filter((section) => words.includes(section.id));
    for (const section of handed) // without its own link to this sheet
      section.querySelector('a[href*="?sheet="]')?.closest("p").remove();
    paper.classList.toggle("forms", /paper-sheets/.test(location.pathname));
    if (!page.querySelector(".exercise")) // each section is a sheet of its own
      return paper.append(...(handed.length ? handed : sections));
    paper.append(make("h1", "", ...title(page)));
    if (handed.length) return paper.append(...handed);
    for (const exercise of exercises(true)) {
      const solution = exercise.nextElementSibling;
      const level = exercise.querySelector(".exercise-level");
      const pencil = !exercise.querySelector(".cell") || /paper|pencil/.test(text(level));
      exercise.classList.toggle("room", pencil && !answers);
      const parts = [exercise];
      if (answers && solution?.matches(".solution")) parts.push(solution);
      solution?.classList.remove("dropdown"); // or it would be folded when all is read
      paper.append(...parts);
      // A formula comes along where it is first named, since the page is not at hand.
      for (const part of parts)
        for (const link of part.querySelectorAll('a[href^="#equation-"]')) {
          const formula = document.getElementById(link.hash.slice(1));
          if (formula && !paper.contains(formula))
            link.closest("section > *").after(formula);
        }
    }
  };

  // A formula that is wider than the paper gets smaller: there is nothing to scroll.
  const narrow = (paper) => {
    for (const formula of paper.querySelectorAll("mjx-container[display]")) {
      const wide = formula.firstElementChild.getBoundingClientRect().width;
      const number = formula.parentElement.querySelector(".eqno");
      const room = formula.parentElement.clientWidth - (number ? number.offsetWidth + 16 : 0);
      if (wide > room) formula.style.zoom = (0.98 * room) / wide;
    }
  };

  // A picture that is higher than wide has its caption beside it.
  const upright = (figure) => {
    const {width, height} = figure.querySelector("svg.drawn")?.viewBox.baseVal ?? {};
    figure.classList.toggle("tall", height > width);
    return figure;
  };

  // What of a section goes on slides: [nodes, alone on its slide?, smallest size].
  const blocks = (section) => {
    const inner = section.matches("section section section");
    const answer = inner && section.children.length === 2;
    const spoken = /^(by hand|summary)/i.test(text(section.querySelector("h2, h3")));
    const aloud = answer || spoken; // an answer is all that stands below its question
    const wrong = section.closest("#what-goes-wrong");
    const code = /from scratch/i.test(text(section.querySelector("h2, h3")));
    const found = [];
    let lead = []; // a short paragraph comes along with what it leads to
    for (const node of [...section.children]) {
      const add = (what, alone, least = 0.8) => {
        // A picture needs the room, and a box speaks for itself.
        const most = what.matches(".admonition") ? 0 : what.matches("img, svg") ? 160 : 999;
        lead = lead.filter((p) => text(p).length < most);
        found.push([[...lead, what], alone && !aloud, least]);
        lead = [];
      };
      if (node.matches("p")) {
        lead = [];
        const whole = text(node).length < 280 && !/^\p{Ll}/u.test(text(node));
        const leads = aloud ? /[:,]$/.test(text(node)) : whole;
        if (leads) lead = [node];
        else if (aloud) add(node, false);
      } else if (node.matches("ol, ul")) add(node, false);
      else if (node.matches("div.math")) add(node, false, 0.6);
      else if (node.matches("figure, .pst-scrollable-table-container, table")) {
        add(upright(node), true, 0.6);
      } else if (node.matches(".admonition:not(.exercise, .solution, .dropdown)"))
        add(node, true);
      else if (node.matches(".cell")) {
        for (const output of node.querySelectorAll(".cell_output > *"))
          if (output.matches("img, svg")) add(output, true);
          else if (output.matches("figure")) add(upright(output), true, 0.6);
          else if (output.querySelector("table, svg[role='img']")) {
            const cell = node.cloneNode(false); // its tags say how a table is set
            cell.append(output);
            add(cell, true, 0.6);
          } else if (wrong && lead.length && text(output).split("\n").length < 8)
            add(output, true);
        const source = node.querySelector(".cell_input pre");
        const lines = source ? text(source).split("\n").length : 0;
        const drawn = /\b(plt|ax|axes|fig|glue)\b/.test(source?.textContent);
        const folded = node.querySelector(".fold");
        if (code && lines > 1 && lines < 19 && !drawn && !folded) add(node, true);
      } else lead = [];
    }
    return found;
  };

  const slides = (deck) => {
    const name = title(page).map((node) => node.textContent).join("");
    const start = (...head) => {
      const body = make("div", "stage");
      const number = make("span", "", String(deck.children.length + 1));
      const foot = make("footer", "", make("span", "", name), number);
      deck.append(make("section", "slide", ...head, body, foot));
      return body;
    };
    const fits = (body) =>
      body.scrollHeight <= body.clientHeight + 1 &&
      body.scrollWidth <= body.clientWidth + 1;
    // Smaller until it fits; first without the words that lead to it; else left out.
    const shrink = (body, least) => {
      const block = body.firstChild;
      for (; ; block.firstChild.remove()) {
        for (let size = 1; size >= least; size -= 0.05) {
          block.lastChild.style.zoom = size;
          if (fits(body)) return true;
        }
        if (block.children.length < 2) break;
      }
      body.parentElement.remove();
      return false;
    };
    // A list that does not fit goes on in a second one.
    const halves = ([nodes, alone, least]) => {
      const list = nodes.at(-1);
      const items = list.matches("ol, ul") ? [...list.children] : [];
      if (items.length < 2) return [];
      const rest = list.cloneNode(false);
      const half = Math.ceil(items.length / 2);
      if (list.matches("ol")) rest.start = list.start + half;
      rest.append(...items.slice(half));
      return [[nodes, alone, least], [[rest], alone, least]];
    };
    const fill = (kicker, head, found) => {
      let body, open;
      let n = 0;
      for (let at = 0; at < found.length; at++) {
        const [nodes, alone, least] = found[at];
        const block = make("div", "block", ...nodes);
        if (open && !alone && body.children.length < 4) {
          body.append(block);
          if (fits(body)) continue;
        }
        const box = nodes.at(-1).matches(".admonition"); // has a title of its own
        const again = n ? [` (${n + 1})`] : [];
        const copies = box ? [] : head.map((node) => node.cloneNode(true)).concat(again);
        body = start(make("p", "kicker", box ? "" : kicker), make("h2", "", ...copies));
        body.append(block);
        open = shrink(body, least);
        if (!open) found.splice(at + 1, 0, ...halves(found[at]));
        n += open && !box;
        open &&= !alone;
      }
    };
    const walk = (section, kicker) => {
      const inner = [...section.querySelectorAll(":scope > section")];
      const own = blocks(section);
      const list = inner.map((one) => make("li", "", ...title(one)));
      if (!own.length && list.length > 1) own.push([[make("ul", "", ...list)], true, 0.8]);
      fill(kicker, title(section), own);
      for (const one of inner) walk(one, text(make("p", "", ...title(section))));
    };

    const nav = document.querySelector(".bd-docs-nav li.current")?.parentElement;
    const part = nav?.previousElementSibling?.textContent ?? "";
    const goals = page.querySelector(":scope > .admonition.tip");
    const riddle = page.querySelector(":scope > .opening > .riddle")?.children ?? [];
    start(make("p", "kicker", part), make("h1", "", ...title(page))).append(...riddle);
    deck.firstChild.classList.add("title");
    const place = (id, otherwise) => {
      const found = sections.findIndex((section) => section.id === query.get(id));
      return found < 0 ? otherwise : found;
    };
    const [from, to] = [place("from", 0), place("to", sections.length - 1)];
    if (goals && from === 0) fill("", [], [[[goals], true, 0.8]]);
    const named = exercises(false);
    sections.forEach((section, at) => {
      if (section.id === "exercises")
        for (const one of named) fill("", [], [[[one], true, 0.7]]);
      else if (at >= from && at <= to && section.id !== "further-reading")
        walk(section, "");
    });
  };
  const steer = (deck) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1 };
    Object.assign(steps, { ArrowLeft: -1, ArrowUp: -1, PageUp: -1 });
    Object.assign(steps, { Home: -Infinity, End: Infinity });
    const last = deck.children.length - 1;
    const show = (at) => deck.children[Math.max(0, Math.min(last, at))].scrollIntoView();
    const now = () => Math.round(deck.scrollTop / deck.clientHeight);
    addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      show(now() + (event.shiftKey ? -step : step));
    });
    deck.addEventListener("scrollend", () =>
      history.replaceState(null, "", `#${now() + 1}`),
    );
    show((parseInt(location.hash.slice(1)) || 1) - 1);
  };

  // What is not shown goes before MathJax and the theme have set it, which takes seconds.
  const open = async () => {
    const inside = make("article", "bd-article");
    root.dataset.view = view;
    document.body.append(make("div", "view bd-content", inside));
    if (view === "sheet") {
      sheet(inside);
      // The theme's menus look for the headings.
      const rest = page.querySelectorAll("p, div, ul, ol, table, figure");
      for (const node of rest) node.remove();
    } else {
      const used = exercises(false);
      for (const one of page.querySelectorAll(".exercise, .solution"))
        if (!used.includes(one)) one.remove();
    }
    await settled();
    if (view === "slides") {
      slides(inside);
      steer(inside);
    } else {
      root.dataset.theme = "light"; // paper is white, whatever the page is
      narrow(inside);
    }
    root.dataset.ready = view;
  };
  if (view && page) open();
}
