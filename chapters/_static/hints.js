// Hints for an exercise whose answer was not right: what its check says about mistakes
// that readers often make, one at a time, for a reader who does not want the solution yet.
(() => {
  const live = window.recbookLive;
  if (!live?.cells) return;
  const { make } = live;

  const draw = (cell) => {
    const list = make("ul");
    const words = make("p", { hidden: true }, recbookSay("Common mistakes here, in the words of the check:"));
    const more = make("button", { type: "button" }, recbookSay("Hint"));
    const box = make("div", { className: "hints" }, words, list, more);
    const shown = new Set();
    // Not those that the check has named by itself.
    const left = () =>
      cell.hints.filter((hint) => !shown.has(hint) && !cell.out.textContent.includes(hint));
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", recbookSay("Hints for cell {n}", { n: cell.label }));
    list.setAttribute("role", "list");
    list.setAttribute("aria-live", "polite");
    more.addEventListener("click", () => {
      const [hint] = left();
      shown.add(hint);
      const item = make("li", { tabIndex: -1 }, hint);
      words.hidden = false;
      list.append(item);
      more.textContent = recbookSay("Another hint ({n} more)", { n: left().length });
      more.hidden = !left().length;
      if (more.hidden) item.focus();
    });
    return { box, update: () => (more.hidden = !left().length) };
  };

  document.addEventListener("recbook-checked", ({ detail: { cell, checked } }) => {
    const verdicts = Object.values(checked);
    if (!cell.hints || !verdicts.length) return;
    if (verdicts.every(Boolean)) {
      cell.helped?.box.remove();
      cell.helped = null;
      return;
    }
    cell.helped ??= draw(cell);
    cell.helped.update();
    cell.out.after(cell.helped.box);
  });
})();
