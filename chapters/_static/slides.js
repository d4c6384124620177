// The slides of a page: what of each section goes on them, and how it is laid out.
// sheet.js loads this when it is asked for slides.
window.recbookSlides = (deck, { make, text, title, exercises, page, sections, query }) => {
  const { asks, form, holdBack, steer } = window.recbookSteps;
  const PICTURE = "figure, img, svg";
  const SMALL = 0.875; // rem, of a picture's words: less cannot be read at the back
  // In Latin letters; a Chinese one is as wide as two.
  const length = (node) => text(node).length + (text(node).match(/\p{Script=Han}/gu)?.length ?? 0);

  // The end of a long paragraph: its question, or what leads to a formula or a list.
  const tail = (p) => {
    const range = new Range();
    range.selectNodeContents(p);
    for (const node of p.childNodes)
      for (const end of node.data?.matchAll(/[.?!]\s+(?=\p{Lu})|[。？！](?=.)/gu) ?? []) {
        range.setStart(node, end.index + end[0].length);
        const rest = make("p", "", range.cloneContents());
        const next = p.nextElementSibling;
        const leads = next?.matches("div.math, ol, ul") && !/[.!。！]$/.test(text(rest));
        if (length(rest) < 280 && (leads || asks(rest))) return rest;
      }
    return null;
  };

  // The outputs of a cell that go on slides: [node, smallest size].
  const outputs = (cell, words) => {
    const found = [];
    for (const output of cell.querySelectorAll(".cell_output > *"))
      if (output.matches("img, svg")) found.push([output, 0.8]);
      else if (output.matches("figure")) found.push([output, 0.6]);
      else if (output.querySelector("table, svg[role='img']")) {
        const alone = cell.cloneNode(false); // its tags say how a table is set
        alone.append(output);
        found.push([alone, 0.6]);
      } else if (words && text(output).split("\n").length < 8) found.push([output, 0.8]);
    return found;
  };

  // What of a section goes on slides: {nodes, the last of which is what is shown and the
  // others lead to it; alone on its slide?; smallest size}.
  const blocks = (section) => {
    const name = text(section.querySelector("h2, h3"));
    const inner = section.matches("section section section");
    const answer = inner && section.children.length === 2;
    const hand = /^(by hand|手算)/i.test(name);
    const aloud = answer || hand || /^(summary|小结)/i.test(name); // all that is said is shown
    const wrong = section.closest("#what-goes-wrong");
    const code = /from scratch|从零/i.test(name);
    const found = [];
    let lead = []; // a short paragraph comes along with what it leads to
    const add = (what, alone, least = 0.8) => {
      // A box and a question speak for themselves.
      if (what.matches(".admonition, .quick")) lead = [];
      if (hand && what.querySelector("table")) form(what);
      const shared = aloud && !what.matches(PICTURE);
      found.push({ nodes: [...lead, what], alone: alone && !shared, least });
      lead = [];
    };
    for (const node of [...section.children]) {
      if (node.matches("p")) {
        const kept = aloud ? [] : lead.filter(asks); // until it is answered
        // Not what goes on from above, or speaks of code that is not on the slide.
        const whole = !/^\p{Ll}|\bfolded (cell|code)\b|折叠的/u.test(text(node));
        const short = whole && length(node) < 280;
        const words = short || aloud ? node : tail(node);
        const goesOn = /[:,?：，？]$/.test(text(node)) && !node.matches(":has(+ p), :last-child");
        const leads = words && (goesOn || !aloud);
        lead = leads ? [...kept.slice(-1), words] : [];
        if (aloud && !leads) add(node, false);
      } else if (node.matches("ol, ul")) add(node, false);
      else if (node.matches("div.math")) add(node, false, 0.6);
      else if (node.matches("figure")) add(node, true, 0.6);
      else if (node.matches(".pst-scrollable-table-container, table")) add(node, true, 0.6);
      else if (node.matches(".quick")) add(node, true, 0.6);
      else if (node.matches(".admonition:not(.exercise, .solution, .dropdown)"))
        add(node, true);
      else if (node.matches(".cell")) {
        for (const [output, least] of outputs(node, wrong && lead.length))
          add(output, true, least);
        const source = node.querySelector(".cell_input pre");
        const lines = source ? text(source).split("\n").length : 0;
        const drawn = /\b(plt|ax|axes|fig|glue)\b/.test(source?.textContent);
        const folded = node.querySelector(".fold");
        if (code && lines > 1 && lines < 19 && !drawn && !folded) add(node, false);
      } else lead = [];
    }
    return found;
  };

  const name = title(page).map((node) => node.textContent).join("");
  const start = (...head) => {
    const body = make("div", "stage");
    const foot = make("footer", "", make("span", "", name), make("span", "number"));
    deck.append(make("section", "slide", ...head, body, foot));
    return body;
  };
  const holds = (body) =>
    body.scrollHeight <= body.clientHeight + 1 && body.scrollWidth <= body.clientWidth + 1;
  const fits = (body) => {
    const verdict = body.querySelector(".quick-feedback");
    if (!verdict) return holds(body);
    // There is room for what is said of each letter.
    const good = [...body.querySelectorAll(".quick-why")].every((why) => {
      verdict.replaceChildren(recbookSay("Right, {letter}: ", { letter: "a" }), why.cloneNode(true));
      return holds(body);
    });
    verdict.replaceChildren();
    return good;
  };
  // How large the smallest words of its pictures are, in rem; an index may be smaller.
  const letters = (body) => {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const sizes = [...body.querySelectorAll("figure svg[role=img] text")].map((node) => {
      const { a, b } = node.getScreenCTM();
      const signs = node.children.length ? [...node.children] : [node];
      const high = signs.map((sign) => parseFloat(getComputedStyle(sign).fontSize));
      return (Math.max(...high) * Math.hypot(a, b)) / rem;
    });
    return Math.min(Infinity, ...sizes);
  };
  // Smaller until it fits, if it does.
  const shrink = (body, least) => {
    const last = body.lastChild.lastChild;
    for (let size = 1; size >= least; size -= 0.05) {
      last.style.zoom = size;
      if (fits(body)) return true;
    }
    last.style.zoom = 1;
    return false;
  };
  // A picture that is not wide gets larger beside its words than below them: there, if
  // it can be read then, or would not be larger without them.
  const besideWords = (body, block, below) => {
    const words = [...block.children].slice(0, -1);
    block.classList.add("beside");
    const beside = shrink(body, 1) ? letters(body) : 0;
    block.classList.remove("beside");
    for (const p of words) p.hidden = true;
    const alone = letters(body);
    for (const p of words) p.hidden = false;
    const good = beside > below && (beside >= SMALL || beside >= alone);
    block.classList.toggle("beside", good);
  };
  // A list or a table that does not fit goes on in a second one.
  const halves = (thing, least) => {
    const rest = thing.cloneNode(true);
    const [items, others] = [thing, rest].map((node) => {
      const list = node.matches("ol, ul") ? node : node.querySelector("tbody");
      return [...(list?.children ?? [])];
    });
    if (items.length < 2 || thing.querySelector("[rowspan]")) return [];
    const half = Math.ceil(items.length / 2);
    if (rest.matches("ol")) rest.start = thing.start + half;
    for (const item of [...items.slice(half), ...others.slice(0, half)]) item.remove();
    return [thing, rest].map((part) => ({ nodes: [part], least }));
  };
  // A slide with a formula alone, or a sentence, goes to the next, or to the one before.
  const isStub = (body) => {
    const nodes = [...body.querySelectorAll(".block > *")];
    return nodes.length === 1 && nodes[0].matches("p, div.math");
  };
  const join = (bodies) => {
    for (const body of bodies.filter(isStub)) {
      const at = bodies.indexOf(body);
      const block = body.firstChild;
      const onto = [bodies[at + 1], bodies[at - 1]].find((other, before) => {
        if (!other || other.querySelector(".admonition, .quick")) return false;
        other[before ? "append" : "prepend"](block);
        const size = other.lastChild.lastChild.style.zoom || 1;
        if (shrink(other, Math.min(size, 0.65)) && letters(other) >= SMALL) return true;
        other.lastChild.lastChild.style.zoom = size;
        body.append(block);
        return false;
      });
      if (!onto) continue;
      body.parentElement.remove();
      bodies.splice(at, 1);
    }
  };

  const fill = (kicker, head, found) => {
    const bodies = [];
    let open; // the slide that can take more
    const fresh = (block, box) => {
      const copies = box ? [] : head.map((node) => node.cloneNode(true));
      const body = start(make("p", "kicker", box ? "" : kicker), make("h2", "", ...copies));
      body.append(block);
      return body;
    };
    while (found.length) {
      const { nodes, alone, least } = found.shift();
      const thing = nodes.at(-1);
      const block = make("div", "block", ...nodes);
      const box = thing.matches(".admonition, .quick"); // has a title of its own
      const picture = thing.matches(PICTURE);
      // What nothing leads to belongs to what stands above it.
      const follows = !alone || (nodes.length === 1 && !picture && !box);
      if (open && follows && open.children.length < 4) {
        open.append(block);
        if (fits(open)) {
          if (alone) open = null;
          continue;
        }
      }
      const body = fresh(block, box);
      const size = shrink(body, least) ? letters(body) : 0;
      if (thing.matches("figure") && size < SMALL) besideWords(body, block, size);
      const legible = () => letters(body) >= SMALL || block.matches(".beside");
      const laid = shrink(body, least) && (nodes.length === 1 || legible());
      if (laid && !box) bodies.push(body);
      open = laid && !alone ? body : null;
      if (laid) continue;
      body.parentElement.remove();
      // Before a picture gets too small, its words go on a slide of their own.
      const words = nodes.slice(0, -1).map((p) => ({ nodes: [p], least: 0.8 }));
      const rest = [{ nodes: [thing], alone, least }];
      found.unshift(...words, ...(words.length ? rest : halves(thing, least)));
    }
    join(bodies);
    bodies.forEach((body, n) => {
      if (n) body.parentElement.querySelector("h2").append(` (${n + 1})`);
    });
  };
  const walk = (section, kicker) => {
    const inner = [...section.querySelectorAll(":scope > section")];
    const own = blocks(section);
    const list = inner.map((one) => make("li", "", ...title(one)));
    if (!own.length && list.length > 1)
      own.push({ nodes: [make("ul", "", ...list)], alone: true, least: 0.8 });
    fill(kicker, title(section), own);
    for (const one of inner) walk(one, text(make("p", "", ...title(section))));
  };

  // In a room the title of another page is no link: "see Whose is it?." has a stop too many.
  for (const link of page.querySelectorAll("a:has(> .doc)"))
    if (/[?!]$/.test(text(link)) && link.nextSibling?.data?.startsWith("."))
      link.nextSibling.data = link.nextSibling.data.slice(1);

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
  const box = (node, least) => fill("", [], [{ nodes: [node], alone: true, least }]);
  if (goals && from === 0) box(goals, 0.8);
  const named = exercises(false);
  sections.forEach((section, at) => {
    if (section.id === "exercises") for (const one of named) box(one, 0.7);
    else if (at >= from && at <= to && section.id !== "further-reading") walk(section, "");
  });
  [...deck.children].forEach((slide, at) => {
    slide.querySelector(".number").textContent = at + 1;
    holdBack(slide);
  });
  steer(deck);
};
