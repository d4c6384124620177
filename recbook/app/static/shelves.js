// The list: the films that one liked film brought stand on one shelf, and each has its
// place by how well it goes with all stars.

import { ask } from "./service.js";
import { at, element, fill, itemsOf, keepingFocus, naming, rated, spoken, starring } from "./draw.js";
import { poster } from "./poster.js";

const STARS = ["★", "★★", "★★★", "★★★★", "★★★★★"];

// Draw the list anew; return what is new in it.
export function drawList(films, rate) {
  const root = at("recommended");
  const items = itemsOf(root);
  const old = new Map([...root.children].map((shelf) => [shelf.dataset.reason, shelf]));
  const fresh = [];
  const shelves = new Map(); // reason -> its items, in the order of the best of each
  films.forEach((film, n) => {
    const item = items.get(film.id) ?? card(film, rate);
    if (!items.has(film.id)) fresh.push(item);
    show(item, film, n + 1);
    const reason = String(film.reason.film ?? "popular");
    if (!shelves.has(reason)) shelves.set(reason, { film, items: [] });
    shelves.get(reason).items.push(item);
  });
  keepingFocus(root, () => at("list-title"), () => {
    const drawn = [...shelves].map(([reason, { film, items }]) => {
      const made = old.get(reason) ?? shelf(reason);
      made.firstChild.replaceChildren(...heading(film.reason));
      fill(made.lastChild, items);
      made.classList.toggle("single", items.length === 1);
      return made;
    });
    fill(root, drawn);
  });
  for (const open of root.querySelectorAll("details[open]")) open.tell();
  return fresh;
}

function shelf(reason) {
  const made = element("section", { className: "shelf" }, element("h3"), element("ol"));
  made.dataset.reason = reason;
  return made;
}

function heading(reason) {
  if (reason.title === undefined) return [rated.size ? "Liked by many" : "Star any of these"];
  const film = rated.get(reason.film)?.film ?? { title: reason.title };
  const words = element("span", { className: "reason" }, "Because you liked ");
  words.append(element("b", { textContent: spoken(reason).name }));
  return [poster(film), words];
}

function card(film, rate) {
  const item = element("li", { className: "film" }, element("div", { className: "cover" }));
  item.dataset.film = film.id;
  item.firstChild.append(poster(film), element("span", { className: "place" }));
  const about = element("div", { className: "about" }, naming(film));
  about.append(element("p", { className: "people" }), starring(film, "list", rate), why(film));
  item.append(about);
  return item;
}

// What may change about a film that stays in the list.
function show(item, film, place) {
  const { popular } = film.reason;
  const people = item.querySelector(".people");
  people.textContent = `Liked by ${popular} ${popular === 1 ? "person" : "people"}`;
  people.classList.toggle("reason", popular !== undefined);
  people.hidden = popular === undefined;
  item.querySelector(".place").textContent = place;
  item.querySelector(".why").hidden = !rated.size; // then the order is that of the likes
  item.querySelector(".why").film = film;
}

// Why it stands there ----------------------------------------------------------------

// The sum is asked for when somebody wants it: a list stays as small as it was.
function why(film) {
  const box = element("details", { className: "why", film });
  const { name } = spoken(film);
  const label = element("summary", { textContent: "Why this film?" });
  label.append(element("span", { className: "aside", textContent: ` ${name}` }));
  const text = element("div");
  box.append(label, text);
  box.tell = () =>
    ask(`recommendations/${film.id}`)
      .then((sum) => text.replaceChildren(...explained(sum, box.film)))
      .catch(() => (text.textContent = "The reasons cannot be had now: try again."));
  box.addEventListener("toggle", () => box.open && box.tell());
  return box;
}

function explained({ score, stars, own, added, others }, { reason }) {
  const lines = [["what most people think of it", own]];
  for (const part of added) {
    const given = STARS[(rated.get(part.id)?.stars ?? 0) - 1] ?? "";
    lines.push([`${given} ${spoken(part).name}`.trim(), part.added]);
  }
  if (rated.size > added.length) lines.push(["all your other stars", others]);
  const most = Math.max(...lines.map(([, value]) => Math.abs(value)), 1e-9);
  const body = element("tbody", {}, ...lines.map((line) => term(...line, most)));
  const total = element("tfoot", {}, term("together", score));
  const told = [
    element("p", { textContent: "The list is ordered by a sum of reasons:" }),
    element("table", {}, body, total),
  ];
  const notes = [];
  if (reason.title !== undefined) {
    const share = Math.round(100 * reason.closeness);
    const name = spoken(reason).name;
    notes.push(`Of the films you liked, ${name} is the nearest to it: ${share} of 100.`);
  }
  if (stars !== undefined) {
    notes.push(
      `A second model, which predicts stars, expects ${stars.toFixed(1)} from you. ` +
        "It answers another question and may put the films in another order.",
    );
  }
  return told.concat(notes.map((textContent) => element("p", { textContent })));
}

function term(words, value, most) {
  const sign = value < 0 ? "−" : "+";
  const bar = element("span", { className: value < 0 ? "bar less" : "bar" });
  if (most) bar.style.width = `${(100 * Math.abs(value)) / most}%`;
  return element(
    "tr",
    {},
    element("th", { scope: "row", textContent: words }),
    element("td", {}, ...(most ? [bar] : [])),
    element("td", { textContent: `${most ? sign : value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}` }),
  );
}
