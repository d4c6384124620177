// Two versions of a cell: the one that is here, and one from elsewhere, such as another
// tab or a file. Both are kept, over a reload, too, until the reader has chosen.
(() => {
  const live = window.recbookLive;
  if (!live?.cells) return;
  const { make, key, store, stored, edited, put, say } = live;
  const cells = live.cells.filter((cell) => cell.run);
  const keyOther = (cell) => key(cell).replace(":", ".other:");

  const settle = (cell) => {
    store(keyOther(cell), null);
    cell.other?.box.remove();
    cell.other = null;
  };

  const button = (cell, name, act) => {
    const made = make("button", { type: "button" }, name);
    made.setAttribute("aria-label", recbookSay("{name}: cell {n}", { name, n: cell.label }));
    made.addEventListener("click", () => {
      act();
      settle(cell);
      cell.area?.focus();
    });
    return made;
  };

  const draw = (cell) => {
    const box = make("div", { className: "live-other" });
    const words = make("p");
    const code = make("pre");
    const fold = make("details", {}, make("summary", {}, recbookSay("Show it")), code);
    const take = button(cell, recbookSay("Take it"), () => put(cell, cell.other.text));
    const mine = button(cell, recbookSay("Keep mine"), () =>
      store(key(cell), edited(cell) ? cell.text : null),
    );
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", recbookSay("Another version of cell {n}", { n: cell.label }));
    box.append(words, fold, make("p", {}, take, mine));
    cell.run.parentElement.before(box);
    return { box, words, code };
  };

  // Offer another version of a cell beside the reader's own.
  const offer = (cell, text, why) => {
    if (text === cell.text) return settle(cell);
    if (!cell.other) {
      cell.other = draw(cell);
      say(recbookSay("Cell {n}: {why}", { n: cell.label, why }));
    }
    cell.other.text = text;
    cell.other.words.textContent = why;
    cell.other.code.textContent = text;
  };

  // From a file, which can be opened again, but need not be.
  const bring = (cell, text, why) => {
    store(keyOther(cell), text);
    offer(cell, text, why);
  };

  const byKey = new Map(cells.map((cell) => [key(cell), cell]));
  addEventListener("storage", ({ key: changed, newValue }) => {
    const cell = byKey.get(changed);
    if (!cell) return;
    const theirs = newValue ?? cell.source;
    if (theirs === cell.text) settle(cell);
    else if (edited(cell) || cell.area) {
      store(keyOther(cell), cell.text); // theirs stands in the place of ours by now
      offer(cell, theirs, recbookSay("Another tab has changed this cell."));
    } else {
      put(cell, theirs);
      cell.state.textContent = recbookSay("changed in another tab");
    }
  });

  for (const cell of cells) {
    const other = stored(keyOther(cell));
    if (other !== null)
      offer(cell, other, recbookSay("There is another version of this cell."));
    // What is typed here takes the place of theirs.
    cell.box.addEventListener("input", () => {
      if (cell.other) store(keyOther(cell), cell.other.text);
    });
  }

  Object.assign(live, { bring, settle });
})();
