// What a slide holds back until the next key, and the keys, clicks and fingers that turn
// slides. A question comes before its picture, and an empty form before its numbers. All
// is in its place from the start, so nothing jumps, and paper has everything at once.
{
  const text = (node) => node.textContent.trim();
  // Titles of other pages, quotations and asides are not asked of the class.
  const asks = (p) => {
    const copy = p.cloneNode(true);
    for (const title of copy.querySelectorAll(".doc, mjx-container")) title.remove();
    const words = text(copy).replace(/“[^”]*”|《[^》]*》|\([^)]*\?\)|（[^）]*？）/g, "");
    return /[?？]|\b(Before you look|Guess|Predict|Cover) |先猜|猜一猜|先别看|盖住/.test(words);
  };

  // The cells of a table that are computed: columns or rows that show a calculation, or
  // whose heads are formulas, and all that come after the first of them. Where there are
  // none, it is what is set in bold. A table without either has nothing to compute.
  const results = (table) => {
    const head = [...(table.tHead?.rows[0]?.cells ?? [])];
    const rows = [...(table.tBodies[0]?.rows ?? [])].map((row) => [...row.cells]);
    const formula = (cell) => {
      const copy = cell.cloneNode(true);
      for (const set of copy.querySelectorAll(".math")) set.remove();
      return cell.querySelector(".math") && !text(copy);
    };
    const sum = (cell) => /=/.test(text(cell));
    const bold = (cell) => cell.querySelector("strong")?.textContent.trim() === text(cell);
    const across = head.map((_, n) => n).slice(1);
    const down = rows.map((_, n) => n);
    const some = (is) => [
      across.filter((n) => rows.some((row) => row[n] && is(row[n]))),
      down.filter((n) => rows[n].slice(1).some(is)),
    ];
    const heads = [
      across.filter((n) => formula(head[n])),
      down.filter((n) => formula(rows[n][0]) || sum(rows[n][0])),
    ];
    const [byColumn, byRow] = some(sum);
    const least = (columns, rows) => columns.length <= rows.length;
    let first; // [column, row], one of them 0
    if (heads[1].length > heads[0].length) first = [0, Math.min(...heads[1], ...byRow)];
    else if (heads[0].length && (byColumn.length || !heads[0].includes(1)))
      first = [Math.min(...heads[0], ...byColumn), 0];
    else if (heads[0].length) first = [head.length - 1, 0];
    else if (byColumn.length)
      first = least(byColumn, byRow) ? [byColumn[0], 0] : [0, byRow[0]];
    else {
      const [columns, lines] = some(bold);
      if (!columns.length) return [];
      const last = lines[0] === rows.length - 1; // the row of results
      first = !last && least(columns, lines) ? [columns[0], 0] : [0, lines[0]];
    }
    const [column, row] = first;
    return rows.slice(row).flatMap((cells) => cells.slice(Math.max(column, 1)));
  };

  // A table that is filled by hand is an empty form first.
  const form = (node) => {
    const cells = [...node.querySelectorAll("table")].flatMap(results);
    for (const cell of cells) cell.classList.add("result");
    node.classList.toggle("form", cells.length > 0);
  };

  // What follows a question waits for a key, and so does what stands below it.
  const holdBack = (slide) => {
    let waits = false;
    for (const block of slide.querySelectorAll(".block")) {
      const nodes = [...block.children];
      const asked = nodes.some((node) => node.matches("p") && asks(node));
      const leads = nodes.length > 1 && asked;
      nodes.forEach((node, n) => {
        const last = n === nodes.length - 1;
        const step = node.matches(".form") || (leads && last);
        waits ||= step;
        node.classList.toggle("later", waits);
        node.classList.toggle("step", step);
      });
    }
  };
  // Show what the slide's next step is; is there one?
  const reveal = (slide) => {
    const waiting = [...slide.querySelectorAll(".later")];
    for (const [n, node] of waiting.entries()) {
      if (n && node.matches(".step")) break;
      node.classList.remove("later");
    }
    return waiting.length > 0;
  };

  // In a quick question a letter is a choice, and Enter is the right one.
  const choose = (slide, key) => {
    const question = slide.querySelector(".quick");
    const letter = key === "Enter" ? question?.dataset.right : key.toLowerCase();
    const at = letter?.length === 1 ? "abcd".indexOf(letter) : -1;
    const button = question?.querySelectorAll(".quick-letter")[at];
    button?.click();
    return Boolean(button);
  };

  const steer = (deck) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1 };
    Object.assign(steps, { ArrowLeft: -1, ArrowUp: -1, PageUp: -1 });
    Object.assign(steps, { Home: -Infinity, End: Infinity });
    const all = [...deck.children];
    const now = () => Math.round(deck.scrollTop / deck.clientHeight);
    // What lies behind stays open, however one came here.
    const open = (end) => {
      for (const node of all.slice(0, end).flatMap((s) => [...s.querySelectorAll(".later")]))
        node.classList.remove("later");
    };
    const show = (at) => {
      const to = Math.max(0, Math.min(all.length - 1, at));
      open(to);
      all[to].scrollIntoView();
    };
    const go = (step) => {
      if (step !== 1 || !reveal(all[now()])) show(now() + step);
    };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const focused = document.activeElement.matches(".quick-letter:focus-visible");
      if (focused && /^(Enter| )$/.test(event.key)) return; // it is pressed itself
      const step = steps[event.key];
      if (step) go(event.shiftKey ? -step : step);
      if (step || choose(all[now()], event.key)) event.preventDefault();
    });
    // A click goes on, at the left edge back; a finger that is drawn aside, too.
    deck.addEventListener("click", (event) => {
      if (event.detail) document.activeElement.blur(); // so that the space bar goes on
      if (event.target.closest("a, button") || String(getSelection())) return;
      go(event.clientX < innerWidth / 8 ? -1 : 1);
    });
    let from;
    deck.addEventListener("pointerdown", (event) => {
      from = event.pointerType === "mouse" || !event.isPrimary ? null : event;
    });
    deck.addEventListener("pointerup", (event) => {
      if (!from || !event.isPrimary) return;
      const [x, y] = [event.clientX - from.clientX, event.clientY - from.clientY];
      const far = Math.abs(x) > Math.abs(y) ? x : y;
      if (Math.abs(far) > 40) go(far < 0 ? 1 : -1);
    });
    deck.addEventListener("scrollend", () => {
      open(now());
      history.replaceState(null, "", `#${now() + 1}`);
    });
    show((parseInt(location.hash.slice(1)) || 1) - 1);
  };

  window.recbookSteps = { asks, form, holdBack, steer };
}
