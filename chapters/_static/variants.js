// Numbers of one's own: where the reader has a number, the exercises that have variants
// show those of this number, which recbook.check then takes as well. The number is typed
// beside "Exercises" and stays in this browser, or comes with the address:
//   ?number=17          for this page, as it is, or as a sheet (?sheet&number=17)
(() => {
  const all = [...document.querySelectorAll(".variant[data-numbers]")];
  const { view } = document.documentElement.dataset;
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  const KEY = `recbook.number:${root.pathname}`;
  const LARGEST = 999999;
  const numberOf = (text) => (/^[1-9]\d{0,5}$/.test(text ?? "") ? Number(text) : 0);

  const stored = () => {
    try {
      return numberOf(localStorage.getItem(KEY));
    } catch {
      return 0; // no storage: then a number lasts as long as the page
    }
  };
  const store = (number) => {
    try {
      if (number) localStorage.setItem(KEY, number);
      else localStorage.removeItem(KEY);
    } catch {}
  };

  // As recbook.checks.variants has it: 0 is the printed one.
  const pick = (texts, number) => texts[number ? 1 + ((number - 1) % (texts.length - 1)) : 0];

  // Exercises with variants, each with its solution, which keeps the printed numbers.
  const show = (where, number) => {
    for (const one of where.querySelectorAll(".variant[data-numbers]")) {
      one.textContent = pick(one.dataset.numbers.split("|"), number);
      one.classList.toggle("variant-own", number > 0);
    }
    // A notebook does not know it yet.
    for (const code of where.querySelectorAll(".check-line code")) {
      code.textContent = code.textContent.replace(/…[^)]*/, number ? `…, number=${number}` : "…");
    }
    for (const note of where.querySelectorAll(".variant-note")) note.remove();
    const title = view && (where.querySelector(".view h1") ?? where.querySelector("h1"));
    if (title) title.dataset.number = number ? recbookSay("Number {n}", { n: number }) : "";
    if (!number) return;
    for (const exercise of where.querySelectorAll(".exercise:has(.variant)")) {
      const solution = exercise.nextElementSibling;
      if (!solution?.matches(".solution")) continue;
      const note = document.createElement("p");
      note.className = "variant-note";
      note.textContent = recbookSay("For the printed numbers, not for yours.");
      solution.querySelector(".admonition-title").after(note);
    }
  };

  const asked = numberOf(new URLSearchParams(location.search).get("number"));
  let number = asked || stored();
  // What runs on a page may be of another one; what is saved of it is its own.
  const here = () => (all.length ? number : 0);
  window.recbookNumber = { now: () => number, here, show };
  if (!all.length) return;

  if (view) {
    number = asked; // paper for a class has no reader
    show(document, number);
    return;
  }

  const title = document.querySelector(".bd-article #exercises > h2");
  const field = document.createElement("input");
  Object.assign(field, { type: "number", min: 1, max: LARGEST, step: 1, inputMode: "numeric" });
  field.autocomplete = "off";
  field.value = number || "";
  const status = document.createElement("span");
  status.className = "variant-said";
  status.setAttribute("role", "status");
  const label = document.createElement("label");
  label.append(recbookSay("Your number, if your teacher gave you one "), field);
  const box = document.createElement("p");
  box.className = "variant-box";
  box.append(label, " ", status);

  const say = () => {
    const n = new Set(all.map((one) => one.dataset.of)).size;
    const own =
      n === 1
        ? recbookSay("One exercise has your numbers.")
        : recbookSay("{n} exercises have your numbers.", { n });
    if (field.validity.valid) status.textContent = number ? own : "";
    else status.textContent = recbookSay("It is a whole number, from 1 to 999,999.");
  };
  field.addEventListener("input", () => {
    number = field.validity.valid ? numberOf(`${field.valueAsNumber}`) : 0; // 017 is 17
    if (field.validity.valid) store(number);
    show(document, number);
    say();
  });
  title?.after(box);
  show(document, number);
  say();
  // Another tab may have another number by now.
  addEventListener("storage", ({ key }) => {
    if (key !== KEY || document.activeElement === field) return;
    number = stored();
    field.value = number || "";
    show(document, number);
    say();
  });
})();
