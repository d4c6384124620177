// The reader's code leaves the page and comes back: as the page's notebook, with the
// reader's code in it, or as the exercises alone, a sheet that recbook.mark takes. On
// paper an exercise has the reader's code, too.
(() => {
  const live = window.recbookLive;
  const title = document.querySelector(".bd-article #exercises > h2");
  if (!live?.keep || !title) return;
  const { cells, keep, make, edited, put, bring, settle } = live;
  const LARGEST = 50e6; // bytes of a file
  const CHECK = /recbook\.check\(\s*["']([^"']+)/g;
  const isOutside = (cell) => !cell.box?.closest(".solution");
  const own = cells.filter((cell) => cell.run && isOutside(cell));
  const exercises = own.filter((cell) => cell.box.closest(".exercise[id]"));
  const byId = new Map(own.map((cell) => [cell.id, cell]));
  const checksOf = (text) => [...text.matchAll(CHECK)].map(([, id]) => id);
  const isMine = (cell) => edited(cell) && own.includes(cell);

  // -- the page's notebook -----------------------------------------------------------------
  // Without a network it may not be there: then the page's code alone, so that the
  // reader's is saved in any case.
  const bare = () => ({
    cells: cells.filter(isOutside).map(({ id, source }) => ({
      cell_type: "code",
      execution_count: null,
      id,
      metadata: {},
      outputs: [],
      source: source.replace(/^from myst_nb import glue$/m, "glue = lambda *_, **__: None"),
    })),
    metadata: {
      kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
      recbook: { page: keep.name },
    },
    nbformat: 4,
    nbformat_minor: 5,
  });

  let loaded = null;
  const notebook = async () => {
    loaded ??= new Promise((done) => {
      window.recbookKeep = done;
      const script = make("script", { src: keep.script });
      script.onerror = () => {
        loaded = null; // the next press tries again
        done(bare());
      };
      document.head.append(script);
    });
    return structuredClone(await loaded);
  };
  // Who writes will save: a browser that keeps the site (sw.js) has it from now on.
  for (const { box } of own) box.addEventListener("input", notebook, { once: true });

  const textOf = ({ source }) => (Array.isArray(source) ? source.join("") : String(source));
  const codeOf = ({ cells }) => cells.filter((cell) => cell.cell_type === "code");

  const written = (book) => {
    for (const cell of codeOf(book)) {
      const mine = byId.get(cell.id);
      if (!mine || !edited(mine)) continue;
      cell.source = mine.text;
      cell.outputs = []; // they were those of the book's code
      delete cell.metadata.recbook;
    }
    return book;
  };

  // The reader's number, as code that says it wherever the file is run.
  const claim = () => {
    const number = window.recbookNumber?.here();
    return number ? `import recbook\n\nrecbook.checks.set_number(${number})` : "";
  };
  const CLAIM = "your-number";
  const claimed = (book) => {
    if (!claim()) return book;
    const first = book.cells.findIndex(({ id }) => byId.has(id));
    const cell = { cell_type: "code", execution_count: null, id: CLAIM };
    book.cells.splice(first, 0, { ...cell, metadata: {}, outputs: [], source: claim() });
    return book;
  };

  const asNotebook = (book) => `${JSON.stringify(claimed(written(book)), null, 1)}\n`;

  // -- the sheet: "# %%" divides it, as in other editors ---------------------------------------
  const nameOf = (cell) =>
    cell.box
      .closest(".exercise")
      ?.querySelector(".admonition-title")
      .querySelectorAll(".caption-number, .exercise-name");

  const dividerOf = (id) => {
    const parts = byId.has(id) ? [...(nameOf(byId.get(id)) ?? [])] : [];
    const name = parts.map((part) => part.textContent.trim()).join(": ") || recbookSay("From the page");
    return `# %% ${name} (${id})`;
  };

  const asSheet = (book) => {
    const wanted = new Set();
    for (const cell of own) {
      if (!exercises.includes(cell) && !edited(cell)) continue;
      for (const n of [...cell.needs, cell.n]) wanted.add(cells[n].id);
    }
    const heading = document.querySelector(".bd-article h1").cloneNode(true);
    heading.querySelector(".headerlink")?.remove();
    const head = `# ${heading.textContent.trim().replace(/\s+/g, " ")}\n# recbook: ${keep.name}\n`;
    const number = claim() ? [`${claim()}\n`] : [];
    const parts = codeOf(written(book)).filter(({ id }) => wanted.has(id));
    return [head, ...number, ...parts.map((one) => `${dividerOf(one.id)}\n${textOf(one).trimEnd()}\n`)].join("\n");
  };

  // -- and back: each piece of code that a file has, and the cell of the page that it had -----
  const piecesOfSheet = (text) => {
    const pieces = [];
    let piece = { id: null, lines: [] };
    for (const line of text.split("\n")) {
      const marker = /^# (?:%%|In\[[\d ]*\]:)(?:.*\(([\w-]+)\)\s*$)?/.exec(line);
      // A divider of the reader's own stays in the cell of ours.
      if (!marker || (piece.id && !marker[1])) piece.lines.push(line);
      else pieces.push((piece = { id: marker[1] ?? null, lines: [] }));
    }
    if (!pieces.length) pieces.push(piece);
    return pieces.map(({ id, lines }) => ({ id, text: lines.join("\n").trim() }));
  };

  const piecesOfNotebook = (file) =>
    codeOf(file).map((cell) => ({
      id: cell.id ?? cell.metadata?.id, // Colab has it there
      text: textOf(cell).trimEnd(),
      seal: cell.metadata?.recbook,
    }));

  const read = (text) => {
    if (!/^\s*\{/.test(text)) {
      const page = /^# recbook: (\S+)\s*$/m.exec(text)?.[1];
      return { page, pieces: piecesOfSheet(text.replace(/\r\n?/g, "\n")) };
    }
    const file = JSON.parse(text);
    return { page: file.metadata?.recbook?.page, pieces: piecesOfNotebook(file) };
  };

  // Code that the book itself once gave out, as its seal tells, is nobody's answer.
  const isSealed = async ({ text, seal }) => {
    if (typeof seal !== "string" || !crypto.subtle) return false;
    const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    const digits = Array.from(new Uint8Array(sum), (n) => n.toString(16).padStart(2, "0"));
    return digits.join("").startsWith(seal);
  };

  // {cell: text} of what is the reader's in a file, and how many pieces have no place here.
  const sorted = async (pieces, book) => {
    const printed = new Map(codeOf(book).map((cell) => [cell.id, textOf(cell).trimEnd()]));
    const found = new Map();
    let left = 0;
    for (const piece of pieces) {
      const { id, text } = piece;
      if (!text || id === CLAIM || printed.get(id) === text || (await isSealed(piece))) continue;
      const ids = checksOf(text);
      const asked = exercises.find((one) => checksOf(one.source).some((x) => ids.includes(x)));
      const cell = byId.get(id) ?? asked;
      if (!cell || found.has(cell)) left += 1;
      else if (printed.get(cell.id) !== text && cell.source.trimEnd() !== text)
        found.set(cell, text);
    }
    return { found, left };
  };

  const slug = (name) => name.replace(/^[\d.]+-/, "");

  // -- the panel below the heading -----------------------------------------------------------
  const status = make("p", { className: "keep-said" });
  status.setAttribute("role", "status");

  const cellsOf = (n) => (n === 1 ? recbookSay("1 cell") : recbookSay("{n} cells", { n }));

  const save = (name, type, form) => async () => {
    const book = await notebook();
    const file = new Blob([form(book)], { type });
    const link = make("a", { href: URL.createObjectURL(file), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    const where = cellsOf(cells.filter(isMine).length);
    const parts = [recbookSay("Saved {name}, with your code in {where}.", { name, where })];
    const texts = book.cells.some((cell) => cell.cell_type !== "code");
    if (!texts && form === asNotebook) parts.push(recbookSay("It has no text, as the network is away."));
    if (cells.some((cell) => cell.run && edited(cell) && !isMine(cell)))
      parts.push(recbookSay("What you changed in a solution is not in it."));
    status.textContent = parts.join(" ");
  };

  const goTo = (cell) => {
    const name = recbookSay("cell {n}", { n: cell.label });
    const link = make("button", { type: "button", className: "keep-link" }, name);
    link.addEventListener("click", () => cell.area.focus());
    return link;
  };

  const report = (name, { found, left }, open) => {
    const back = found.size - open.length;
    const parts = [recbookSay("{name} is open.", { name })];
    if (back) parts.push(recbookSay("Your code is back in {where}.", { where: cellsOf(back) }));
    if (left)
      parts.push(recbookSay("{which} of it cannot be placed on this page.", { which: cellsOf(left) }));
    if (!found.size && !left) parts.push(recbookSay("It has no code of yours that is not here."));
    status.textContent = parts.join(" ");
    if (!open.length) return;
    const all = make("button", { type: "button" }, recbookSay("Take all"));
    all.addEventListener("click", () => {
      for (const cell of open) {
        put(cell, found.get(cell));
        settle(cell);
      }
      report(name, { found, left }, []);
      opener.focus();
    });
    const links = open.flatMap((cell) => [recbookSay(", "), goTo(cell)]).slice(1);
    status.append(recbookSay(" You have other code in "), ...links);
    status.append(recbookSay(": choose there, or "), all);
  };

  const take = async (file) => {
    const name = file.name;
    status.textContent = "";
    if (file.size > LARGEST)
      throw new Error(recbookSay("{name} is larger than 50 MB: clear its outputs, and save it again.", { name }));
    let parts;
    try {
      parts = read(await file.text());
    } catch {
      throw new Error(recbookSay("{name} is no notebook (.ipynb) and no sheet (.py) of the book.", { name }));
    }
    const { page, pieces } = parts;
    if (page && slug(page) !== slug(keep.name))
      throw new Error(recbookSay("{name} is of the page {page}, and this is {here}: open it there.", { name, page, here: keep.name }));
    const known = new Set(exercises.flatMap((cell) => checksOf(cell.source)));
    if (!page && !pieces.some(({ text }) => checksOf(text).some((id) => known.has(id))))
      throw new Error(recbookSay("{name} has no exercise of this page, {here}.", { name, here: keep.name }));
    const { found, left } = await sorted(pieces, await notebook());
    const open = [];
    for (const [cell, text] of found) {
      if (text === cell.text) found.delete(cell);
      else if (!edited(cell)) put(cell, text);
      else {
        bring(cell, text, recbookSay("{name} has another version of this cell.", { name }));
        open.push(cell);
      }
    }
    report(name, { found, left }, open);
  };

  // Of any name: a phone greys out what it takes for another kind.
  const field = make("input", { type: "file", hidden: true });
  field.addEventListener("change", async () => {
    const [file] = field.files;
    if (!file) return;
    await take(file).catch(({ message }) => (status.textContent = message));
    field.value = ""; // the same file may be opened again
  });

  const button = (name, act) => {
    const made = make("button", { type: "button" }, name);
    made.addEventListener("click", act);
    return made;
  };

  const row = (made, ...words) => make("li", {}, made, make("span", {}, ...words));
  const file = (kind) => make("code", {}, `${keep.name}.${kind}`);
  const opener = button(recbookSay("Open my file"), () => field.click());
  const rows = make(
    "ul",
    {},
    row(
      button(
        recbookSay("Save the page"),
        save(`${keep.name}.ipynb`, "application/x-ipynb+json", asNotebook),
      ),
      file("ipynb"),
      recbookSay(": all of it, with your code, for Jupyter, VS Code or Colab."),
    ),
    row(
      button(
        recbookSay("Save the exercises"),
        save(`${keep.name}.py`, "text/x-python", asSheet),
      ),
      file("py"),
      recbookSay(": your answers alone."),
    ),
    row(opener, recbookSay("takes back either of them, here or in another browser.")),
  );
  rows.setAttribute("role", "list");
  const words = recbookSay(
    "Your code stays in this browser only. To hand it in, or to keep it, save it as a file.",
  );
  const panel = make("div", { className: "keep", id: "keep", hidden: true });
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", recbookSay("Save or hand in"));
  panel.append(make("p", {}, words), rows, status, field);
  const toggle = make("button", { type: "button", className: "keep-open" });
  toggle.append(recbookSay("Save or hand in"));
  toggle.setAttribute("aria-expanded", false);
  toggle.setAttribute("aria-controls", "keep");
  const fold = (open) => {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", open);
  };
  toggle.addEventListener("click", () => fold(panel.hidden));
  panel.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    fold(false);
    toggle.focus();
  });
  title.append(toggle);
  title.after(panel);

  // -- paper -----------------------------------------------------------------------------------
  addEventListener("beforeprint", () => {
    for (const cell of exercises.filter(edited)) {
      cell.box.classList.add("live-mine");
      cell.run.parentElement.before(make("pre", { className: "live-paper" }, cell.text));
    }
  });
  addEventListener("afterprint", () => {
    document.querySelectorAll(".live-paper").forEach((paper) => paper.remove());
    for (const cell of exercises) cell.box.classList.remove("live-mine");
  });
})();
