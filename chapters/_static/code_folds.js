// On a phone, code of four lines or more is folded, and what it shows is not: the text can
// be read in one breath. Exercises, solutions and what is folded already stay as they are.
// A switch at the first fold opens all of them, and is remembered. What a link leads to or
// the browser finds in a fold, the browser unfolds by itself.
(() => {
  if (document.documentElement.dataset.view) return; // a sheet, or slides
  const LEAST = 4; // lines
  const phone = matchMedia("screen and (max-width: 37.5rem)");
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const KEY = `recbook.code:${root.pathname}`;
  const stored = () => {
    try {
      return localStorage.getItem(KEY) === "open";
    } catch {
      return false; // no storage: then it is open as long as the page
    }
  };
  const store = (open) => {
    try {
      if (open) localStorage.setItem(KEY, "open");
      else localStorage.removeItem(KEY);
    } catch {}
  };

  const linesOf = (input) =>
    input.querySelector("pre")?.textContent.trimEnd().split("\n").length ?? 0;

  // What a reader has typed is not moved: an editor would lose the focus and its history.
  const inputs = [...document.querySelectorAll(".bd-article .cell > .cell_input")].filter(
    (input) => !input.closest(".exercise, .solution, .dropdown") && linesOf(input) >= LEAST,
  );
  const folds = [];
  const shut = new Set(); // those that were closed when the window became wide

  const wrap = (input) => {
    const cell = input.parentElement;
    if (cell.querySelector("textarea.live-code")) return;
    const fold = document.createElement("details");
    fold.className = "fold code-fold";
    const title = document.createElement("summary");
    title.textContent = recbookSay("Code, {n} lines", { n: linesOf(input) });
    fold.append(title);
    input.before(fold);
    fold.append(input);
    folds.push(fold);
    // Who presses Edit there is to see what there is to edit (live.js).
    const live = window.recbookLive?.cells?.find(({ box }) => box === cell);
    if (live) live.fold = fold;
  };

  const all = (open) => folds.forEach((fold) => (fold.open = open));

  // The switch, on a line of its own before the first fold.
  const offer = () => {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = stored();
    const label = document.createElement("label");
    label.className = "code-all";
    label.append(box, recbookSay("Show all code"));
    box.addEventListener("change", () => {
      store(box.checked);
      all(box.checked);
    });
    folds[0].closest(".cell").before(label);
  };

  // A window that is turned loses nothing: on the wide side all code is open, and what was
  // closed is closed again on the narrow one.
  const turn = () => {
    if (!phone.matches) {
      for (const fold of folds) if (!fold.open) shut.add(fold);
      all(true);
    } else if (folds.length) {
      shut.forEach((fold) => (fold.open = false));
      shut.clear();
    } else {
      inputs.forEach(wrap);
      if (!folds.length) return;
      offer();
      all(stored());
    }
  };

  phone.addEventListener("change", turn);
  // Paper has the code.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds.filter((fold) => !fold.open);
    all(true);
  });
  addEventListener("afterprint", () => closed.forEach((fold) => (fold.open = false)));
  turn();
})();
