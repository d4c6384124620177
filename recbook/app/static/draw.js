// The pieces of the page: names, stars, rows. What comes from the data is set as text,
// never as markup.

import { poster } from "./poster.js";

export const rated = new Map(); // film id -> {film, stars}: what this page shows

export const at = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// "Godfather, The (1972)" -> "The Godfather", 1972: how people say it.
export function spoken({ title, year }) {
  const [, words, inTitle] = title.match(/^(.*?)\s*\((\d{4})\)$/) || [null, title];
  const turned = words.match(/^(.+), (The|A|An|Le|La|Les|L'|El|Il|Der|Die|Das)$/);
  const gap = turned && turned[2].endsWith("'") ? "" : " ";
  const name = turned ? turned[2] + gap + turned[1] : words;
  return { name: name || title, year: inTitle || year };
}

export function naming(film) {
  const { name, year } = spoken(film);
  const more = [year, (film.genres || []).join(", ")].filter(Boolean).join(" · ");
  return element(
    "div",
    { className: "naming" },
    element("span", { className: "title", textContent: name }),
    element("span", { className: "meta", textContent: more }),
  );
}

// Five radio buttons that look like stars. Arrows only move, so that nobody gives one
// star on the way to four; the space bar, Enter and 1 to 5 choose, and 0 takes back.
export function starring(film, place, rate) {
  const { name } = spoken(film);
  const group = element("fieldset", { className: "stars" });
  group.append(element("legend", { className: "aside", textContent: `Your stars for ${name}` }));
  const boxes = [1, 2, 3, 4, 5].map((stars) => {
    const box = element("input", {
      type: "radio",
      name: `${place}-${film.id}`,
      value: String(stars),
      ariaLabel: stars === 1 ? "1 star" : `${stars} stars`,
    });
    box.addEventListener("change", () => rate([[film, stars]]));
    group.append(element("label", {}, box));
    return box;
  });
  const back = element("button", {
    type: "button",
    textContent: "×",
    title: "Take back",
    ariaLabel: `Take back the stars for ${name}`,
  });
  back.addEventListener("click", () => rate([[film, null]]));
  group.append(back);
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = boxes.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step && here >= 0) boxes[(here + step + 5) % 5].focus();
    else if (event.key === "Enter" && here >= 0) rate([[film, here + 1]]);
    else if (/^[1-5]$/.test(event.key)) {
      const stars = Number(event.key);
      if (here >= 0) boxes[stars - 1].focus(); // or Tab would stop at it next
      rate([[film, stars]]);
    }
    else if (event.key === "0" && rated.has(film.id)) rate([[film, null]]);
    else return;
    event.preventDefault();
  });
  group.show = () => {
    const stars = rated.get(film.id)?.stars ?? 0;
    boxes.forEach((box, n) => {
      box.checked = n + 1 === stars;
      box.parentElement.classList.toggle("on", n < stars);
    });
    back.disabled = stars === 0;
  };
  group.show();
  return group;
}

// A film of the left column: poster, name, stars.
export function row(film, place, rate) {
  const item = element("li", {}, poster(film), naming(film), starring(film, place, rate));
  item.dataset.film = film.id;
  return item;
}

// The items of films by their ids, wherever below an element they stand.
export function itemsOf(root) {
  const items = [...root.querySelectorAll("[data-film]")];
  return new Map(items.map((item) => [Number(item.dataset.film), item]));
}

// Let an element hold these items. Those that stand there already are not touched: one
// that is put back would lose the key that is down on it, and with it a star.
export function fill(root, items) {
  const there = [...root.children];
  if (there.length === items.length && there.every((item, n) => item === items[n])) return;
  root.replaceChildren(...items);
}

// Change a part of the page. Whoever was in it by keyboard finds their place again, or
// goes to a heading that is near.
export function keepingFocus(root, near, change) {
  const focused = document.activeElement;
  const inside = root.contains(focused);
  change();
  if (!inside) return;
  const here = root.contains(focused) ? focused : near();
  here.focus({ preventScroll: true });
}
