// Cells that run where they are read. Each gets its buttons; the first press starts
// Python in a worker of this page, from the packs in _static/live/: no server, no account
// and no other host. What the page knows of its cells, live_cells.py has told it; where
// the packs could not be built it told nothing, and the page is as it is without scripts.
(() => {
  const data = document.getElementById("live-cells");
  if (!data || !window.Worker || !window.DecompressionStream) return;
  if (document.documentElement.dataset.view) return; // a sheet, or slides
  const { make, clear, give, show, spoken } = recbookLive;
  const { cells, packs, root, keep } = JSON.parse(data.textContent);
  const order = recbookLive.order(cells);
  const { edited, standing } = order;

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

  // -- running ---------------------------------------------------------------------------
  let busy = null; // the cell that the reader asked for
  let running = null; // the cell that runs
  let begun = 0; // when that began
  const waiting = [];

  const progress = (words) => {
    if (busy && !running) busy.state.textContent = words;
  };

  const tick = () => {
    if (!running) return;
    const seconds = Math.floor((performance.now() - begun) / 1000);
    const n = running.label;
    const first = n
      ? recbookSay("cell {n} runs first …", { n })
      : recbookSay("what this cell needs runs first …");
    const words = running === busy ? recbookSay("runs …") : first;
    busy.state.textContent = words + (seconds > 1 ? recbookSay(" {n} s", { n: seconds }) : "");
  };
  setInterval(tick, 1000);

  const run = (cell) => {
    if (busy) {
      if (cell === busy || waiting.includes(cell)) return;
      waiting.push(cell);
      cell.state.textContent = recbookSay("waits for cell {n}", { n: busy.label });
      return;
    }
    busy = cell;
    cell.fresh = true;
    cell.stop.hidden = false;
    again.remove();
    offer(cell);
    cell.run.setAttribute("aria-disabled", true);
    cell.box.classList.add("live-old"); // until the first of the new result is there
    cell.state.classList.remove("live-failed");
    const begins = python.isReady() ? recbookSay("runs …") : recbookSay("Python starts …");
    cell.state.textContent = python.isCalled() ? recbookSay("waits for your file") : begins;
    const lost = {};
    const parts = [...order.stale(cell, lost), cell];
    cell.notes = order.notes(lost);
    for (const part of parts) part.sent = standing(part); // it may be edited while it runs
    python.run(
      parts.map((part) => ({
        n: part.n,
        name: part.label ? `cell ${part.label}` : `hidden cell ${part.id}`, // in tracebacks
        source: part.text,
        quiet: part !== cell,
        edited: edited(part),
        // A solution is for the printed numbers.
        number: part.box?.closest(".solution") ? 0 : (window.recbookNumber?.now() ?? 0),
      })),
    );
  };

  // `words` stand beside the button, `aloud` is heard.
  const free = (words, aloud) => {
    const cell = busy;
    busy = running = null;
    cell.stop.hidden = true;
    offer(cell);
    cell.run.removeAttribute("aria-disabled");
    cell.state.textContent = words;
    cells.forEach((one) => age(one));
    say(aloud);
    if (waiting.length) run(waiting.shift());
    return cell;
  };

  const forget = () => waiting.splice(0).forEach((cell) => (cell.state.textContent = ""));

  const end = () => {
    python.end();
    order.forget();
    again.remove();
    for (const cell of cells) cell.done = null;
  };

  const heard = {
    begins({ n }) {
      running = cells[n];
      begun = performance.now();
      tick();
    },
    shows({ form, text }) {
      if (running !== busy && form === "error") {
        const n = running.label;
        const of = n
          ? recbookSay("Cell {n}, which this one needs, did not run:", { n })
          : recbookSay("A hidden cell, which this one needs, did not run:");
        show(busy, "note", of);
      }
      show(busy, form, text);
    },
    ends({ n, fine, seconds, lacks, checked, ...names }) {
      const cell = cells[n];
      cell.done = fine ? cell.sent : null;
      order.own(cell, names);
      cell.took = seconds;
      log.push({ n, fine, seconds, quiet: cell !== busy });
      busy.fine = fine;
      // workbook.js ticks an exercise, hints.js helps with it.
      const detail = { cell, checked };
      cell.box?.dispatchEvent(new CustomEvent("recbook-checked", { bubbles: true, detail }));
      const from = lacks && order.giver(cell, lacks);
      const told = { n: from?.label, name: lacks };
      if (from) show(busy, "note", recbookSay("Cell {n} defines {name}: run it first.", told));
    },
    idle() {
      const cell = busy;
      clear(cell); // what was printed, where it has shown nothing
      const n = cell.label;
      const took = recbookSay("ran in {n} s", { n: cell.took.toFixed(1) });
      const words = cell.fine ? took : recbookSay("ended with an error");
      const aloud = cell.fine
        ? recbookSay("Cell {n} has run. {what}", { n, what: spoken(cell) })
        : recbookSay("Cell {n} ended with an error. {what}", { n, what: spoken(cell) });
      cell.state.classList.toggle("live-failed", !cell.fine);
      cell.state.before(again);
      free(words, aloud);
      dispatchEvent(new Event("resize")); // a Tab stop for what has to be scrolled
    },
    dead(text) {
      forget();
      const cell = busy;
      end();
      if (!cell) return; // it was started ahead: a press tries again, and says so
      const why = text || recbookSay("no reason is known");
      const n = cell.label;
      show(cell, "note", recbookSay("Python stopped: {why}. Run starts it again.", { why }));
      const aloud = recbookSay("Cell {n} did not end: Python stopped. Run starts it again.", { n });
      free(recbookSay("Python stopped"), aloud);
    },
  };
  const python = recbookLive.python(packs, root, heard, progress);

  const stop = () => {
    forget();
    end();
    const aloud = recbookSay("Cell {n} was stopped.", { n: busy?.label });
    return busy && free(recbookSay("stopped; Run starts Python again"), aloud);
  };
  const halt = () => stop().run.focus();

  // For who seems to be about to press; not again after a Stop or a Restart.
  const ahead = () => {
    if (!python.isOn() && !log.length) python.run();
  };

  // One button for the page, in the bar of the cell that ran last.
  const again = make("button", { type: "button", className: "live-restart" });
  again.append(recbookSay("Restart"));
  again.setAttribute("aria-label", recbookSay("Restart Python"));
  again.addEventListener("click", () => {
    const cell = cells.find((one) => one.state?.parentElement === again.parentElement);
    end();
    cell.state.classList.remove("live-failed");
    cell.state.textContent = recbookSay("no cell has run yet; Run starts Python");
    say(recbookSay("Python is empty again."));
    cell.run.focus();
  });

  // -- editing -------------------------------------------------------------------------------
  const key = (cell) => `recbook.live:${location.pathname}:${cell.id}`;
  const keyWas = (cell) => `recbook.live.was:${location.pathname}:${cell.id}`;
  const KEYS = recbookSay("Tab indents. Escape, then Tab, leads out. Shift+Enter runs.");
  let versions = 0;

  // Grey what is no result of the code as it stands; `since` says it in words, too.
  const age = (cell, since = false) => {
    if (!cell.run || cell === busy) return;
    const now = standing(cell);
    const at = now.findIndex((version, k) => version !== cell.shows[k]);
    const before = cell.old;
    cell.old = cell.box.classList.toggle("live-old", at >= 0);
    if (!since || cell.old === before) return;
    const by = cells[cell.needs[at]];
    const words = by
      ? recbookSay("cell {n} has changed since", { n: by.label })
      : recbookSay("changed, not run yet");
    cell.state.classList.remove("live-failed");
    cell.state.textContent = cell.old ? words : "";
  };

  const change = (cell, text) => {
    if (text === cell.text) return;
    cell.text = text;
    cell.version = edited(cell) ? ++versions : 0;
    store(key(cell), edited(cell) ? text : null);
    for (const one of cells) if (one === cell || one.needs.includes(cell.n)) age(one, true);
  };

  const remember = (cell, text) => {
    cell.was = text;
    store(keyWas(cell), text);
    offer(cell);
  };

  // The button beside Edit: back to what was printed, or to what the reader had here.
  const offer = (cell) => {
    const back = cell.was !== null;
    const n = cell.label;
    const undo = edited(cell)
      ? [recbookSay("Undo"), recbookSay("Undo of cell {n}", { n })]
      : [recbookSay("Undo reset"), recbookSay("Undo reset of cell {n}", { n })];
    const printed = [recbookSay("Reset"), recbookSay("Reset cell {n}", { n })];
    const [name, whole] = back ? undo : printed;
    cell.undo.textContent = name;
    cell.undo.setAttribute("aria-label", whole);
    cell.undo.hidden = cell === busy || !(back || cell.area || !cell.out.hidden);
  };

  const fit = ({ area }) => (area.rows = area.value.split("\n").length + 1);

  const edit = (cell) => {
    const keys = `live-keys-${cell.label}`;
    cell.area = make("textarea", { className: "live-code", value: cell.text });
    Object.assign(cell.area, { spellcheck: false, autocomplete: "off", wrap: "off" });
    cell.area.setAttribute("autocapitalize", "off");
    cell.area.setAttribute("aria-label", recbookSay("Code of cell {n}", { n: cell.label }));
    cell.area.setAttribute("aria-describedby", keys);
    recbookLive.keys(cell.area, () => run(cell));
    cell.area.addEventListener("input", () => {
      change(cell, cell.area.value);
      remember(cell, null);
      fit(cell);
      if (!python.isOn()) python.run(); // who types will press Run
    });
    fit(cell);
    cell.input.hidden = cell.pen.hidden = true;
    cell.hint = make("small", { className: "live-keys", id: keys }, KEYS);
    cell.input.after(cell.area);
    cell.state.parentElement.prepend(cell.hint);
    offer(cell);
    if (cell.fold) cell.fold.open = true;
  };
  // Back to the code and the result that were printed. What was typed is kept.
  const reset = (cell) => {
    if (cell === busy) return;
    if (edited(cell)) remember(cell, cell.text);
    change(cell, cell.source);
    cell.area?.remove();
    cell.hint?.remove();
    cell.area = null;
    give(cell);
    cell.out.replaceChildren();
    cell.out.hidden = true;
    cell.input.hidden = cell.pen.hidden = false;
    if (cell.printed) cell.printed.hidden = false;
    cell.shows.fill(0);
    cell.state.classList.remove("live-failed");
    cell.state.textContent = "";
    cell.old = false;
    age(cell, true);
    offer(cell);
    (cell.undo.hidden ? cell.pen : cell.undo).focus();
  };

  // A text that was not typed here. Another one that the reader had is kept.
  const put = (cell, text) => {
    const was = edited(cell) && text !== cell.text ? cell.text : null;
    change(cell, text);
    remember(cell, was);
    if (!cell.area) edit(cell);
    cell.area.value = cell.text;
    fit(cell);
  };

  const restore = (cell) => {
    if (cell === busy) return;
    put(cell, cell.was);
    cell.undo.focus();
  };

  // -- buttons -------------------------------------------------------------------------------
  const button = (cell, kind, name, act) => {
    const made = make("button", { type: "button", className: `live-${kind}` }, name);
    made.setAttribute("aria-label", recbookSay("{name} cell {n}", { name, n: cell.label }));
    made.addEventListener("click", () => act(cell));
    return made;
  };

  const equip = (cell, box) => {
    cell.box = box;
    cell.input = box.querySelector(".cell_input");
    cell.printed = box.querySelector(":scope > .cell_output");
    cell.state = make("span", { className: "live-state" });
    const bar = make("div", { className: "live-bar" });
    const number = make("span", { className: "live-number" });
    number.append(recbookSay("cell {n}", { n: cell.label }));
    number.ariaHidden = true; // the buttons say it
    // A figure's code is folded below it; its buttons are not.
    cell.fold = cell.input.closest("details");
    if (!box.contains(cell.fold)) cell.fold = null;
    (cell.fold ?? cell.input).after(bar);
    if (cell.lab) {
      const home = document.documentElement.dataset.content_root;
      const href = `${home}chapters/intro.html#four-ways-to-use-it`;
      cell.state.append(recbookSay("needs {what}: ", { what: cell.lab }), make("a", { href }, "make lab"));
      bar.append(cell.state, number);
      return;
    }
    cell.run = button(cell, "run", recbookSay("Run"), run);
    cell.stop = button(cell, "stop", recbookSay("Stop"), halt);
    cell.pen = button(cell, "edit", recbookSay("Edit"), () => {
      edit(cell);
      cell.area.focus();
      cell.area.setSelectionRange(0, 0); // the end of a line is out of a phone's sight
    });
    const undo = () => (cell.was === null ? reset : restore)(cell);
    cell.undo = button(cell, "reset", recbookSay("Reset"), undo);
    cell.stop.hidden = true;
    for (const one of [cell.run, cell.pen]) recbookLive.ahead(one, ahead);
    bar.append(cell.run, cell.stop, cell.pen, cell.undo, cell.state, number);
    cell.out = make("div", { className: "cell_output live-out docutils container", hidden: true });
    cell.out.setAttribute("role", "group");
    cell.out.setAttribute("aria-label", recbookSay("Result of cell {n}", { n: cell.label }));
    // Where the printed result stands: of a figure, above the fold that has its code.
    if (cell.printed) cell.printed.after(cell.out);
    else box.append(cell.out);
    cell.was = stored(keyWas(cell));
    offer(cell);
    const kept = stored(key(cell));
    if (kept !== null && kept !== cell.source) {
      change(cell, kept);
      edit(cell);
    }
  };

  const log = []; // for the tests: what ran, how long, and whether it was asked for
  cells.forEach((cell, n) => {
    const { source: text, binds, touches, needs } = cell;
    Object.assign(cell, { n, text, version: 0, done: null, fresh: false, old: false });
    Object.assign(cell, { area: null, notes: [], shows: [...needs, n].fill(0) });
    Object.assign(cell, { gives: new Set(binds), changes: new Set(touches) });
  });
  let label = 0;
  for (const cell of cells) {
    const box = document.querySelector(`.live-cell-${cell.place}`);
    if (!box?.querySelector(".cell_input")) continue;
    cell.label = ++label;
    equip(cell, box);
  }
  for (const cell of cells) age(cell, true); // what the reader had edited lies before it
  document.body.append(speaker);
  // What else on the page asks Python for something: own_file.js.
  const { call, epoch } = python;
  const shared = { call, epoch, stop, busy: () => busy?.label };
  Object.assign(recbookLive, { cells, log, shared, idle: () => !busy });
  Object.assign(recbookLive, { keep, key, store, stored, edited, put, say });
})();
