// Cells that run where they are read. Each gets its buttons; the first press starts
// Python in a worker of this page, from the packs in _static/live/: no server, no account
// and no other host. What the page knows of its cells, live_cells.py has told it; where
// the packs could not be built it told nothing, and the page is as it is without scripts.
(() => {
  const data = document.getElementById("live-cells");
  if (!data || !window.Worker || !window.DecompressionStream) return;
  if (document.documentElement.dataset.view) return; // a sheet, or slides
  const { cells, packs, root } = JSON.parse(data.textContent);
  const PACKS = Object.keys(packs);

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const store = (key, text) => {
    try {
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {} // no storage: then an edit lasts as long as the page
  };
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };

  // What is told to who listens to the page: one line for each run, at its end.
  const speaker = make("div", { className: "live-said visually-hidden" });
  speaker.setAttribute("role", "status");
  const say = (text) => {
    speaker.textContent = "";
    setTimeout(() => (speaker.textContent = text), 50);
  };

  // -- the worker ----------------------------------------------------------------------
  // Its code is this function's text: of a page that is opened as a file no other worker
  // starts than one from memory, and that is a classic one.
  const inWorker = () => {
    const tell = (kind, more = {}) => postMessage({ kind, ...more });
    const given = {};
    const packs = {};
    for (const name of ["core", "library", "book"])
      packs[name] = new Promise((done) => (given[name] = done));

    // A pack: the length of its index, the index, and the files one after the other.
    const unpack = async (name) => {
      const zipped = (await packs[name]).stream();
      const flow = zipped.pipeThrough(new DecompressionStream("gzip"));
      const buffer = await new Response(flow).arrayBuffer();
      const size = new DataView(buffer).getUint32(0, true);
      const index = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
      return index.map(([path, start, length]) => [
        path,
        new Uint8Array(buffer, 4 + size + start, length),
      ]);
    };

    // The file system takes the bytes over as they lie there: nothing is copied.
    const place = (python, files) => {
      const folders = new Set();
      for (const [path, bytes] of files) {
        const cut = path.lastIndexOf("/");
        const folder = path.slice(0, cut) || "/";
        if (!folders.has(folder)) python.FS.mkdirTree(folder);
        folders.add(folder);
        python.FS.createDataFile(folder, path.slice(cut + 1), bytes, true, true, true);
      }
    };

    const start = async () => {
      const rest = [unpack("library"), unpack("book")];
      const core = Object.fromEntries(await unpack("core"));
      const load = (name) => {
        const code = new Blob([core[name]], { type: "text/javascript" });
        return import(URL.createObjectURL(code));
      };
      self.fetch = async (address) => {
        const name = String(address.url ?? address).split("/").pop();
        const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
        const status = core[name] ? 200 : 404;
        return new Response(core[name], { status, headers: { "Content-Type": type } });
      };
      self.importScripts = () => {
        throw new TypeError("as in a module"); // by this Pyodide tells the two apart
      };
      const { loadPyodide } = await load("pyodide.mjs");
      const { default: createPyodideModule } = await load("pyodide.asm.mjs");
      const indexURL = "http://page.invalid/";
      const python = await loadPyodide({ indexURL, createPyodideModule });
      for (const files of rest) place(python, await files);
      python.runPython("import sys; sys.path.insert(0, '/book')");
      const page = python.pyimport("recbook_page");
      page.start((form, text) => tell("shows", { form, text }));
      return page;
    };

    let python;
    onmessage = async ({ data: { pack, blob, cells } }) => {
      if (pack) {
        given[pack](blob);
        return;
      }
      try {
        python ??= start();
        const page = await python;
        let fine = true;
        for (const { n, name, source, quiet } of cells) {
          if (!fine) break;
          tell("begins", { n });
          const before = performance.now();
          fine = page.run(source, name, quiet);
          tell("ends", { n, fine, seconds: (performance.now() - before) / 1000 });
        }
        tell("idle");
      } catch (error) {
        tell("dead", { text: String(error.message ?? error).split("\n")[0] });
      }
    };
  };

  let worker = null;
  const arrivals = {}; // pack → what to do with it: files come as scripts
  window.recbookLive = (name, text) => arrivals[name]?.(text);

  const fromText = (text) =>
    Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  const fromScript = (name) =>
    new Promise((done, failed) => {
      const script = make("script", { src: `${root}${name}.js` });
      arrivals[name] = (text) => done(new Blob([fromText(text)]));
      script.onload = () => {
        script.remove();
        failed(new Error(`${name}.js is damaged`)); // unless it has arrived
      };
      script.onerror = () => failed(new Error(`${name}.js is not there`));
      document.head.append(script);
    });

  const fromServer = async (name, progress) => {
    const answer = await fetch(`${root}${name}.bin?v=${packs[name]}`);
    if (!answer.ok) throw new Error(`${name}.bin: ${answer.status}`);
    const total = Number(answer.headers.get("Content-Length")) || 0;
    const reader = answer.body.getReader();
    const pieces = [];
    for (let piece; !(piece = await reader.read()).done; ) {
      pieces.push(piece.value);
      progress(name, piece.value.length, total);
    }
    return new Blob(pieces);
  };

  // Start a worker, and give it its packs as they come; `told` gets words of progress.
  // The packs are kept: to start again after a Stop, nothing is loaded.
  const kept = {};
  const begin = (told) => {
    const code = new Blob([`(${inWorker})()`], { type: "text/javascript" });
    const address = URL.createObjectURL(code);
    const mine = (worker = new Worker(address));
    URL.revokeObjectURL(address);
    worker.onmessage = ({ data: message }) => mine === worker && heard[message.kind](message);
    worker.onerror = ({ message }) => mine === worker && heard.dead({ text: message });
    const sizes = {};
    let got = 0;
    const progress = (name, bytes, total) => {
      sizes[name] = total;
      got += bytes;
      const all = PACKS.reduce((sum, one) => sum + (sizes[one] || NaN), 0);
      const of = all >= got ? ` of ${Math.round(all / 1e6)}` : "";
      const here = all && got >= all;
      told(
        here
          ? "Python starts, some seconds …"
          : `Python comes: ${Math.round(got / 1e6)}${of} MB`,
      );
    };
    const load = location.protocol === "file:" ? fromScript : fromServer;
    for (const pack of PACKS) {
      kept[pack] ??= load(pack, progress);
      kept[pack].then(
        (blob) => mine.postMessage({ pack, blob }),
        ({ message }) => {
          delete kept[pack]; // the next press tries again
          if (mine === worker) heard.dead({ text: message });
        },
      );
    }
  };

  const end = () => {
    worker?.terminate();
    worker = null;
    owners.clear();
    for (const cell of cells) cell.done = null;
  };

  // -- which cells have to run first -----------------------------------------------------
  // Name → {maker, changer}: who gave it its value, and who changed that last.
  const owners = new Map();
  // What a cell's result stands on: its own text, and those of the cells that it needs.
  const sign = (cell) => [...cell.needs, cell.n].map((n) => cells[n].version).join();

  const stale = (cell) => {
    const again = new Set(cell.needs.filter((n) => cells[n].done !== sign(cells[n])));
    const known = new Set([...cell.needs, cell.n]);
    const check = ({ reads }) => {
      for (const [name, maker] of Object.entries(reads)) {
        const owner = owners.get(name);
        const changed = owner?.changer != null && !known.has(owner.changer);
        if (owner?.maker !== maker || changed) again.add(maker);
      }
    };
    check(cell);
    for (const n of again) {
      check(cells[n]); // what it reads may have another value by now
      // and what others give or change of its names is to be given or changed again
      for (const m of cell.needs) {
        const { binds, touches } = cells[m];
        if (m > n && [...binds, ...touches].some((x) => cells[n].binds.includes(x)))
          again.add(m);
      }
    }
    return [...again].sort((a, b) => a - b).map((n) => cells[n]);
  };

  const own = (cell) => {
    for (const name of cell.touches) {
      const owner = owners.get(name);
      if (owner) owner.changer = cell.n;
    }
    for (const name of cell.binds) owners.set(name, { maker: cell.n, changer: null });
  };

  // -- running ---------------------------------------------------------------------------
  let busy = null; // the cell that the reader asked for
  let running = null; // the cell that runs
  const waiting = [];

  const run = (cell) => {
    if (busy) {
      if (cell === busy || waiting.includes(cell)) return;
      waiting.push(cell);
      cell.state.textContent = `waits for cell ${busy.label}`;
      return;
    }
    busy = cell;
    cell.fresh = true;
    cell.stop.hidden = false;
    cell.undo.hidden = true;
    cell.run.setAttribute("aria-disabled", true);
    cell.box.classList.add("live-old"); // until the first of the new result is there
    cell.state.classList.remove("live-failed");
    cell.state.textContent = "runs …";
    if (!worker) {
      cell.state.textContent = "Python starts …";
      begin((words) => {
        if (busy && !running) busy.state.textContent = words;
      });
    }
    const parts = [...stale(cell), cell];
    for (const part of parts) part.sent = sign(part); // it may be edited while it runs
    worker.postMessage({
      cells: parts.map((part) => ({
        n: part.n,
        name: part.label ? `cell ${part.label}` : `hidden cell ${part.id}`,
        source: part.text,
        quiet: part !== cell,
      })),
    });
  };

  const free = (words, aloud) => {
    const cell = busy;
    busy = running = null;
    cell.stop.hidden = true;
    cell.undo.hidden = cell.out.hidden && !cell.area?.isConnected;
    cell.run.removeAttribute("aria-disabled");
    cell.box.classList.remove("live-old");
    cell.state.textContent = words;
    say(`Cell ${cell.label} ${aloud}`);
    if (waiting.length) run(waiting.shift());
    return cell;
  };

  const forget = () => waiting.splice(0).forEach((cell) => (cell.state.textContent = ""));

  const heard = {
    begins({ n }) {
      running = cells[n];
      if (running !== busy)
        busy.state.textContent = running.label
          ? `cell ${running.label} runs first …`
          : "what this cell needs runs first …";
      else busy.state.textContent = "runs …";
    },
    shows({ form, text }) {
      if (running !== busy && form === "error") {
        const of = running.label ? `Cell ${running.label}` : "A hidden cell";
        show(busy, "note", `${of}, which this one needs, did not run:`);
      }
      show(busy, form, text);
    },
    ends({ n, fine, seconds }) {
      const cell = cells[n];
      cell.done = fine ? cell.sent : null;
      own(cell);
      cell.took = seconds;
      log.push({ n, fine, seconds, quiet: cell !== busy });
      busy.fine = fine;
    },
    idle() {
      const cell = busy;
      clear(cell); // what was printed, where it has shown nothing
      const words = cell.fine ? `ran in ${cell.took.toFixed(1)} s` : "ended with an error";
      cell.state.classList.toggle("live-failed", !cell.fine);
      free(words, `${cell.fine ? "has run" : "ended with an error"}. ${spoken(cell)}`);
      dispatchEvent(new Event("resize")); // a Tab stop for what has to be scrolled
    },
    dead({ text = "no reason is known" }) {
      forget();
      const cell = busy;
      end();
      if (!cell) return;
      show(cell, "note", `Python stopped: ${text}. Run starts it again.`);
      free("Python stopped", `did not end: Python stopped. Run starts it again.`);
    },
  };

  const halt = () => {
    forget();
    end();
    free("stopped; Run starts Python again", "was stopped.").run.focus();
  };

  // -- results -----------------------------------------------------------------------------
  // What was printed stays until the first of the new result is there.
  const clear = (cell) => {
    if (!cell.fresh) return;
    cell.fresh = false;
    give(cell);
    cell.out.replaceChildren();
    cell.out.hidden = false;
    cell.box.classList.remove("live-old");
    if (cell.printed) cell.printed.hidden = true;
  };

  // A printed figure lends its name and its caption to the one that stands for it.
  const lend = (cell, picture) => {
    const lent = cell.out.querySelectorAll("figure").length;
    const figure = cell.printed?.querySelectorAll("figure")[lent];
    if (!figure) return picture;
    const copy = figure.cloneNode(true);
    figure.removeAttribute("id");
    copy.querySelector(".zoom")?.remove();
    copy.querySelector("svg, img")?.replaceWith(picture);
    return copy;
  };

  const give = (cell) => {
    const copies = cell.out.querySelectorAll("figure");
    cell.printed?.querySelectorAll("figure").forEach((figure, k) => {
      if (copies[k]?.id) figure.id = copies[k].id;
    });
  };

  const drawing = (cell, text) => {
    const alt = cell.alt ?? `What cell ${cell.label} draws`;
    const holder = make("template");
    holder.innerHTML = text;
    const svg = holder.content.querySelector("svg.drawn");
    if (svg) {
      svg.setAttribute("aria-label", alt);
      return svg;
    }
    const file = new Blob([text], { type: "image/svg+xml" });
    return make("img", { alt, src: URL.createObjectURL(file) });
  };

  // Text, in the dress of what the page's cells have printed.
  const block = (form, text) => {
    const pre = make("pre", {}, text);
    const className = `output highlight-myst-ansi live-${form}`;
    return make("div", { className }, make("div", { className: "highlight" }, pre));
  };

  const print = ({ out }, form, text) => {
    let last = out.lastElementChild;
    if (last?.dataset.form !== form) {
      out.append((last = block(form, "")));
      last.dataset.form = form;
      last.words = "";
    }
    // A bar of progress writes over its own line.
    last.words = (last.words + text).replace(/^[^\n]*\r(?!\n)(?=[^\n])/gm, "");
    last.querySelector("pre").textContent = last.words.trimEnd();
    // A sentence may be broken where the column ends, columns of words may not.
    last.classList.toggle("live-sentence", !/\S {2,}\S/.test(last.words));
  };

  const show = (cell, form, text) => {
    clear(cell);
    const { out } = cell;
    if (form === "clear") {
      give(cell);
      out.replaceChildren();
    } else if (form === "stdout" || form === "stderr") print(cell, form, text);
    else if (form === "svg") {
      const figure = lend(cell, drawing(cell, text));
      out.append(figure);
      if (figure.matches("figure")) // aids.js enlarges it
        figure.dispatchEvent(new Event("recbook-figure", { bubbles: true }));
    } else if (form === "html") {
      const box = make("div", { className: "output text_html" });
      box.innerHTML = text;
      box.querySelectorAll("style[scoped]").forEach((style) => style.remove());
      box.querySelectorAll("table").forEach(set);
      out.append(box);
    } else if (form === "note") out.append(make("p", { className: "live-note" }, text));
    else out.append(block(form, text.trimEnd()));
  };

  // The end of a result in a few words, for who does not see it.
  const spoken = ({ out }) => {
    const last = out.lastElementChild;
    if (last?.matches("figure, svg, img")) return "It draws a figure.";
    if (last?.querySelector("table")) return "It shows a table.";
    return last?.textContent.trim().split("\n").at(-1).slice(0, 200) ?? "";
  };

  // -- tables, as textbook_tables.py sets them ---------------------------------------------
  const NUMBER = /^[\s()\[\]<>≤≥≈~=]*[+−±]?[.∞\d][\d\s.,:%€$()\[\]+−–±×·/∞=]*( [a-z]+)?$/;
  const NOTHING = new Set(["", "–", "-", "?", "…", "."]);

  const mend = (node) => {
    if (node.children.length) return;
    const text = node.textContent.trim();
    const word = { NaN: "–", None: "–", NaT: "–", "<NA>": "–", True: "yes", False: "no" }[text];
    if (node.tagName === "TD" && word) node.textContent = word;
    else node.textContent = text.replace(/(?<![\w.,)\]–-])-(?=\.?\d|inf\b)/g, "−");
  };

  const set = (table) => {
    table.querySelectorAll("td, th").forEach(mend);
    const heads = [...table.tHead?.rows ?? []];
    const rows = [...table.tBodies[0]?.rows ?? []];
    const [above, below] = heads.slice(-2);
    const names = rows[0]?.querySelectorAll("th").length ?? 0;
    const rest = [...(below?.cells ?? [])].slice(names);
    if (rest.length && rest.every((cell) => !cell.textContent)) {
      // The names of the index go into the row of the columns' names.
      for (let k = 0; k < names; k++) above.cells[k].replaceWith(below.cells[0]);
      below.remove();
    }
    const head = table.tHead?.rows[table.tHead.rows.length - 1];
    const width = Math.max(0, ...rows.map((row) => row.cells.length));
    for (let k = 1; k <= width; k++) {
      // From the right: a row lacks at its left what an index says for several.
      const of = (row) => row?.cells[row.cells.length - k];
      const body = rows.map(of).filter(Boolean);
      const said = body.map((cell) => cell.textContent).filter((text) => !NOTHING.has(text));
      if (2 * said.filter((text) => NUMBER.test(text)).length < Math.max(said.length, 1)) continue;
      for (const cell of [...body, of(head)]) cell?.classList.add("num");
      const digits = body.map((cell) => /^[+−]?[\d,]*(?:\.(\d+))?$/.exec(cell.textContent));
      const most = Math.max(0, ...digits.map((found) => found?.[1]?.length ?? 0));
      body.forEach((cell, at) => {
        const lacks = most - (digits[at]?.[1]?.length ?? 0);
        if (digits[at]?.[0] && lacks)
          cell.dataset.pad = (lacks === most ? "." : "") + "0".repeat(lacks);
      });
    }
    for (const cell of table.querySelectorAll("th"))
      if (cell.textContent) cell.scope = cell.closest("thead") ? "col" : "row";
      else cell.replaceWith(make("td"));
    table.querySelectorAll("[style]").forEach((part) => part.removeAttribute("style"));
    table.removeAttribute("border");
    table.className = "table data";
    const holder = make("div", { className: "pst-scrollable-table-container" });
    table.replaceWith(holder);
    holder.append(table);
  };

  // -- editing -------------------------------------------------------------------------------
  const key = (cell) => `recbook.live:${location.pathname}:${cell.id}`;

  const change = (cell, text) => {
    if (text === cell.text) return;
    cell.text = text;
    cell.version += 1;
    if (cell !== busy) {
      cell.box.classList.add("live-old");
      cell.state.classList.remove("live-failed");
      cell.state.textContent = "changed, not run yet";
    }
    store(key(cell), text === cell.source ? null : text);
  };

  const typed = (cell, event) => {
    const { area } = cell;
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (event.shiftKey || event.ctrlKey || event.metaKey) return run(cell);
    const before = area.value.slice(0, area.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const indent = /^ */.exec(line)[0] + (/:\s*$/.test(line) ? "    " : "");
    // This keeps the way back by Ctrl+Z, which setRangeText does not.
    document.execCommand("insertText", false, `\n${indent}`);
  };

  const fit = ({ area }) => (area.rows = area.value.split("\n").length + 1);

  const edit = (cell) => {
    cell.area = make("textarea", { className: "live-code", value: cell.text });
    Object.assign(cell.area, { spellcheck: false, autocomplete: "off", wrap: "off" });
    cell.area.setAttribute("autocapitalize", "off");
    cell.area.setAttribute("aria-label", `Code of cell ${cell.label}`);
    cell.area.addEventListener("keydown", (event) => typed(cell, event));
    cell.area.addEventListener("input", () => {
      change(cell, cell.area.value);
      fit(cell);
    });
    fit(cell);
    cell.input.hidden = cell.pen.hidden = true;
    cell.undo.hidden = cell === busy;
    cell.input.after(cell.area);
    if (cell.fold) cell.fold.open = true;
  };

  // Back to the code and the result that were printed.
  const reset = (cell) => {
    if (cell === busy) return;
    change(cell, cell.source);
    cell.area?.remove();
    give(cell);
    cell.out.replaceChildren();
    cell.out.hidden = cell.undo.hidden = true;
    cell.input.hidden = cell.pen.hidden = false;
    if (cell.printed) cell.printed.hidden = false;
    cell.box.classList.remove("live-old");
    cell.state.classList.remove("live-failed");
    cell.state.textContent = "";
    cell.pen.focus();
  };

  // -- buttons -------------------------------------------------------------------------------
  const button = (cell, name, act) => {
    const made = make("button", { type: "button", className: `live-${name.toLowerCase()}` }, name);
    made.setAttribute("aria-label", `${name} cell ${cell.label}`);
    made.addEventListener("click", () => act(cell));
    return made;
  };

  const equip = (cell, box) => {
    cell.box = box;
    cell.input = box.querySelector(".cell_input");
    cell.printed = box.querySelector(":scope > .cell_output");
    cell.state = make("span", { className: "live-state" });
    const bar = make("div", { className: "live-bar" });
    const number = make("span", { className: "live-number" }, `cell ${cell.label}`);
    number.ariaHidden = true; // the buttons say it
    // A figure's code is folded below it; its buttons are not.
    cell.fold = cell.input.closest("details");
    if (!box.contains(cell.fold)) cell.fold = null;
    (cell.fold ?? cell.input).after(bar);
    if (cell.lab) {
      const href = `${root}../../chapters/intro.html#four-ways-to-use-it`;
      cell.state.append(`needs ${cell.lab}: `, make("a", { href }, "make lab"));
      bar.append(cell.state, number);
      return;
    }
    cell.run = button(cell, "Run", run);
    cell.stop = button(cell, "Stop", halt);
    cell.pen = button(cell, "Edit", () => {
      edit(cell);
      cell.area.focus();
    });
    cell.undo = button(cell, "Reset", reset);
    cell.stop.hidden = cell.undo.hidden = true;
    bar.append(cell.run, cell.stop, cell.pen, cell.undo, cell.state, number);
    cell.out = make("div", { className: "cell_output live-out docutils container", hidden: true });
    cell.out.setAttribute("role", "group");
    cell.out.setAttribute("aria-label", `Result of cell ${cell.label}`);
    // Where the printed result stands: of a figure, above the fold that has its code.
    if (cell.printed) cell.printed.after(cell.out);
    else box.append(cell.out);
    const edited = stored(key(cell));
    if (edited !== null && edited !== cell.source) {
      change(cell, edited);
      edit(cell);
    }
  };

  const log = []; // for the tests: what ran, how long, and whether it was asked for
  let label = 0;
  cells.forEach((cell, n) => {
    Object.assign(cell, { n, text: cell.source, version: 0, done: null, fresh: false });
    const box = document.querySelector(`.live-cell-${cell.place}`);
    if (!box?.querySelector(".cell_input")) return;
    cell.label = ++label;
    equip(cell, box);
  });
  document.body.append(speaker);
  Object.assign(window.recbookLive, { cells, log, idle: () => !busy });
})();
