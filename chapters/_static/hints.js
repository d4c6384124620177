// Hints for an exercise whose answer was not right: what its check says about mistakes
// that readers often make, one at a time, for a reader who does not want the solution yet.
(() => {
  const live = window.recbookLive;
  if (!live?.cells) return;
  const { make } = live;

  const draw = (cell) => {
    const list = make("ul");
    const words = make("p", { hidden: true }, "Common mistakes here, in the words of the check:");
    const more = make("button", { type: "button" }, "Hint");
    const box = make("div", { className: "hints" }, words, list, more);
    const left = [...cell.hints];
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `Hints for cell ${cell.label}`);
    list.setAttribute("role", "list");
    list.setAttribute("aria-live", "polite");
    more.addEventListener("click", () => {
      const said = cell.out.textContent; // the check has named this mistake by itself
      const next = left.findIndex((hint) => !said.includes(hint));
      const [hint] = left.splice(Math.max(next, 0), 1);
      words.hidden = false;
      const item = make("li", { tabIndex: -1 }, hint);
      list.append(item);
      more.textContent = `Another hint (${left.length} more)`;
      if (left.length) return;
      item.focus();
      more.remove();
    });
    return box;
  };

  document.addEventListener("recbook-checked", ({ detail: { cell, checked } }) => {
    const verdicts = Object.values(checked);
    if (!cell.hints || !verdicts.length) return;
    if (verdicts.every(Boolean)) {
      cell.helped?.remove();
      cell.helped = null;
    } else if (!cell.helped) {
      cell.helped = draw(cell);
      cell.out.after(cell.helped);
    }
  });
})();
