// The exercises of a page as a workbook: a button to tick off each, how many are done
// (beside "Exercises", and in the menu of pages), and on paper, where the address asks
// for ?print=solutions, the solutions after all exercises. Ticks stay in this browser.
{
  // Two editions below one host keep their ticks apart.
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const KEY = `recbook.done:${root.pathname}`; // {page: [ids of exercises]}
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return {}; // no storage, or not ours: then nothing is remembered
    }
  };
  const write = (done) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(done));
    } catch {}
  };

  // Another program of this host may have written here: what is no list has no ticks.
  const ticksOf = (done, page) => (Array.isArray(done[page]) ? done[page] : []);

  const page = document.querySelector(".bd-docs-nav a.current[data-page]")?.dataset.page;
  const exercises = [...document.querySelectorAll(".bd-article .exercise[id]")];
  const title = document.querySelector(".bd-article #exercises > h2");
  const note = document.createElement("small");
  note.className = "progress-note";
  note.setAttribute("role", "status");

  const count = () => {
    const done = read();
    for (const link of document.querySelectorAll("a[data-exercises]")) {
      const ticks = ticksOf(done, link.dataset.page).length;
      if (ticks) link.dataset.done = `${ticks}/${link.dataset.exercises}`;
      else delete link.dataset.done;
    }
    const ticks = exercises.filter((one) => ticksOf(done, page).includes(one.id)).length;
    note.textContent = ticks
      ? recbookSay("{n} of {all} done", { n: ticks, all: exercises.length })
      : "";
  };

  const buttons = new Map(); // exercise → its button
  const right = new Set(); // ids of answers that were right since the page was opened

  const tick = (exercise) => {
    const name = exercise.querySelector(".caption-number")?.textContent.trim();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "done";
    button.textContent = "✓";
    button.title = recbookSay("Done");
    button.setAttribute("aria-label", recbookSay("{name}: done", { name }));
    button.setAttribute("aria-pressed", ticksOf(read(), page).includes(exercise.id));
    button.addEventListener("click", () => {
      set(exercise, button.getAttribute("aria-pressed") !== "true");
    });
    exercise.querySelector(".admonition-title").append(button);
    buttons.set(exercise, button);
  };

  const set = (exercise, now) => {
    const done = read();
    const ids = new Set(ticksOf(done, page));
    if (now) ids.add(exercise.id);
    else ids.delete(exercise.id);
    write({ ...done, [page]: [...ids] });
    buttons.get(exercise).setAttribute("aria-pressed", now);
    count();
  };

  // A cell of the exercise has run: the last answer that was missing may be right now.
  document.addEventListener("recbook-checked", ({ target, detail: { checked } }) => {
    const exercise = target.closest(".exercise[id]");
    if (!buttons.has(exercise)) return;
    for (const [id, fine] of Object.entries(checked)) right[fine ? "add" : "delete"](id);
    const printed = [...exercise.querySelectorAll(".cell_input")];
    const code = printed.map((cell) => cell.textContent).join("\n");
    const ids = [...code.matchAll(/recbook\.check\(\s*["']([^"']+)/g)].map(([, id]) => id);
    if (ids.some((id) => checked[id]) && ids.every((id) => right.has(id)))
      set(exercise, true);
  });

  if (page && !document.documentElement.dataset.view) {
    title?.append(note);
    exercises.forEach(tick);
  }
  count();
  // Another tab may have ticked.
  addEventListener("storage", count);

  if (new URLSearchParams(location.search).get("print") === "solutions") {
    document.documentElement.dataset.print = "solutions";
    const places = new Map();
    addEventListener("beforeprint", () => {
      for (const solution of document.querySelectorAll(".bd-article .solution")) {
        places.set(solution, solution.previousSibling);
        solution.parentElement.append(solution);
      }
    });
    addEventListener("afterprint", () => {
      for (const [solution, before] of places) before.after(solution);
      places.clear();
    });
  }
}
