// The page of the film service: plain modules, no other host.

import { ask, forget, health, put, recall, takeBack } from "./service.js";
import { at, element, fill, itemsOf, keepingFocus, rated, row, spoken } from "./draw.js";
import { poster } from "./poster.js";
import { drawList } from "./shelves.js";

const RESULTS = 8; // films that a search shows
const ENOUGH = 5; // stars after which nobody needs films to begin with
const MANY = 24; // films to begin with: those shown, beside a list of ten and five stars

// How people say a genre of the data, after "a fan of".
const SAID = {
  Action: "action", Adventure: "adventures", Animation: "animation",
  "Children's": "children's films", Comedy: "comedies", Crime: "crime films",
  Documentary: "documentaries", Drama: "dramas", Fantasy: "fantasy",
  "Film-Noir": "film noir", Horror: "horror", Musical: "musicals",
  Mystery: "mysteries", Romance: "romance", "Sci-Fi": "science fiction",
  Thriller: "thrillers", War: "war films", Western: "westerns",
};

const writes = new Map(); // film id -> the last write under way
let turn = 0; // of the list: an answer to an older question is dropped

function complain(error) {
  const lost = error instanceof TypeError; // what fetch throws without a connection
  at("trouble").textContent = lost
    ? "The service cannot be reached. Your last star may not be kept: try again."
    : error.message;
  at("trouble").hidden = false;
}

async function remember() {
  const ratings = await recall();
  rated.clear();
  for (const { stars, ...film } of ratings) rated.set(film.id, { film, stars });
}

// Give stars, or take them back (null) ---------------------------------------------------

function rate(changes) {
  for (const [film, stars] of changes) {
    if (stars === null) rated.delete(film.id);
    else if (rated.has(film.id)) rated.get(film.id).stars = stars;
    else rated.set(film.id, { film, stars });
  }
  drawRated();
  const sent = Promise.all(changes.map(([film]) => write(film.id)));
  return sent.then(refresh).catch(async (error) => {
    await remember().then(drawRated).then(refresh).catch(() => {}); // what is kept is shown
    complain(error);
  });
}

// One write a film at a time, in order, and each sends what is wanted by then.
function write(id) {
  const before = (writes.get(id) ?? Promise.resolve()).catch(() => {});
  const sent = before.then(() => {
    const stars = rated.get(id)?.stars;
    return stars === undefined ? takeBack(id) : put(id, stars);
  });
  writes.set(id, sent);
  return sent;
}

// Everything of this visitor: there, then here. Who stars again is somebody new.
async function forgetAll() {
  await Promise.allSettled(writes.values());
  await forget();
  await remember();
  drawRated();
  await Promise.all([search(), refresh()]);
}

function drawRated() {
  const mine = [...rated.values()].map(({ film }) => film).reverse();
  const items = itemsOf(at("rated"));
  keepingFocus(at("rated"), () => at("yours-title"), () => {
    fill(at("rated"), mine.map((film) => items.get(film.id) ?? row(film, "rated", rate)));
  });
  at("yours").hidden = mine.length === 0;
  at("none").hidden = mine.length > 0;
  at("count").textContent = mine.length === 1 ? "1 film" : mine.length ? `${mine.length} films` : "";
  at("badge").textContent = mine.length || "";
  drawFound();
  for (const group of document.querySelectorAll(".stars")) group.show();
}

// Films to find ----------------------------------------------------------------------------

let pool = []; // what may be shown: what a search found, or films to begin with
let searched = 0;
const typed = () => at("search").value.trim();

async function search() {
  const mine = ++searched;
  const text = typed();
  const limit = text ? Math.min(100, RESULTS + rated.size) : MANY;
  const { films } = await ask(`films?${new URLSearchParams({ q: text, limit })}`);
  if (mine !== searched) return;
  pool = films;
  drawFound();
}

// Each film stands once: a film with stars is among yours, one that is recommended in the
// list. Who gives stars by keyboard keeps the film until they leave it, for the next key.
// A new film takes the place of the one that left, so that no row moves under a pointer.
function drawFound() {
  const list = at("results");
  const items = itemsOf(list);
  const focused = document.activeElement;
  const held = list.contains(focused) && focused.matches(":focus-visible");
  const stays = held ? Number(focused.closest("[data-film]").dataset.film) : null;
  const listed = typed() ? new Map() : itemsOf(at("recommended"));
  const enough = !typed() && rated.size >= ENOUGH;
  const fits = new Map();
  for (const film of pool) {
    const free = !enough && !rated.has(film.id) && !listed.has(film.id);
    if (free || film.id === stays) fits.set(film.id, film);
  }
  const kept = [...items.keys()].filter((id) => fits.has(id));
  const others = [...fits.keys()].filter((id) => !items.has(id));
  let shown = typed() && !kept.length ? [] : [...items.keys()];
  shown = shown.map((id) => (fits.has(id) ? id : others.shift())).concat(others);
  shown = shown.filter((id) => id !== undefined).slice(0, RESULTS);
  keepingFocus(list, whereTheFilmWent, () => {
    fill(list, shown.map((id) => items.get(id) ?? row(fits.get(id), "results", rate)));
  });
  at("begin").hidden = Boolean(typed()) || rated.size > 0 || !at("tastes").children.length;
  at("found").textContent = found(shown.length);
}

function whereTheFilmWent() {
  const star = at("rated").querySelector("li:first-child input:checked");
  return star?.checkVisibility() ? star : at("finder-title");
}

function found(shown) {
  if (!typed()) return shown ? "Films that many have seen:" : "";
  const starred = pool.filter(({ id }) => rated.has(id)).length;
  const among = starred ? `${starred === 1 ? "1 is" : `${starred} are`} among your stars.` : "";
  if (!pool.length) return "No title has words that begin so.";
  if (!shown) return among;
  const first = shown === RESULTS ? `The first ${RESULTS} films.` : shown === 1 ? "1 film." : `${shown} films.`;
  return `${first} ${among}`.trim();
}

async function drawTastes() {
  const { tastes } = await ask("tastes");
  at("tastes").replaceChildren(
    ...tastes.map(({ genre, films }) => {
      const said = SAID[genre] ?? genre.toLowerCase();
      const covers = element("span", { className: "fan" }, ...films.slice(0, 3).map(poster));
      const button = element("button", { type: "button" }, covers, "A fan of ");
      button.append(element("b", { textContent: said }));
      button.addEventListener("click", () => {
        if (at("tabs").checkVisibility()) location.hash = "#list";
        at("list-title").focus({ preventScroll: true });
        rate(films.map((film) => [film, 5]));
      });
      return element("li", {}, button);
    }),
  );
}

// The list ---------------------------------------------------------------------------------

// What the form asks for. A year of which only "19" is typed yet asks for nothing, and
// two years in the wrong order mean what they would the other way round.
function wanted() {
  const asked = new URLSearchParams(new FormData(at("filters")));
  for (const [key, value] of [...asked]) {
    if (value === "" || !at("filters").elements[key].validity.valid) asked.delete(key);
  }
  const [from, to] = [asked.get("from_year"), asked.get("to_year")];
  const turned = from !== null && to !== null && Number(from) > Number(to);
  if (turned) {
    asked.set("from_year", to);
    asked.set("to_year", from);
  }
  const wrong = ["from", "to"].some((id) => at(id).ariaInvalid === "true");
  at("years").textContent = wrong
    ? "A year has four digits, from 1900 to 2100."
    : turned ? `These are the films from ${to} to ${from}.` : "";
  at("years").className = wrong ? "wrong" : "note";
  return asked;
}

async function refresh() {
  const mine = ++turn;
  const { recommendations: films } = await ask(`recommendations?${wanted()}`);
  if (mine !== turn) return;
  const first = !at("recommended").childElementCount;
  const fresh = drawList(films, rate);
  if (!first) fresh.forEach((item) => item.classList.add("fresh"));
  at("news").textContent = news(films, first ? 0 : fresh.length);
  at("list-title").textContent = rated.size ? "What goes with your stars" : "What most people liked";
  at("peek").replaceChildren(...films.slice(0, 1).flatMap(peeked));
  at("peek").hidden = !rated.size || !films.length;
  at("wall").replaceChildren(...films.map(poster));
  at("trouble").hidden = true;
  drawFound();
}

function peeked(film) {
  return [poster(film), element("span", { textContent: `1. ${spoken(film).name}` })];
}

function news(films, fresh) {
  if (!films.length) return "No film is left that may be shown: widen the choice.";
  if (!rated.size) return "No stars yet: these are the films that most people liked.";
  const { name } = spoken(films[0]);
  if (!fresh) return `${films.length} films, ${name} first.`;
  return `${films.length} films, ${fresh} of them new, ${name} first.`;
}

// What changes what ------------------------------------------------------------------------

// The parts that a phone shows one at a time. Its back button leads to the one before.
function openTab() {
  const asked = location.hash.slice(1);
  const tab = ["find", "mine", "list"].includes(asked) ? asked : rated.size ? "list" : "find";
  document.body.dataset.tab = tab;
  for (const link of at("tabs").children) {
    if (link.hash === `#${tab}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (at("tabs").checkVisibility()) scrollTo(0, 0);
}

function listen() {
  for (const [id, answer] of [["search", search], ["filters", refresh]]) {
    let waiting; // until the typing pauses
    at(id).addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => answer().catch(complain), 120);
    });
  }
  for (const year of [at("from"), at("to")]) {
    const judge = () => (year.ariaInvalid = year.validity.valid ? null : "true");
    year.addEventListener("change", () => (judge(), wanted()));
    year.addEventListener("input", () => year.validity.valid && judge());
  }
  at("results").addEventListener("focusout", () => setTimeout(drawFound));
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("afresh").addEventListener("click", async () => {
    await rate([...rated.values()].map(({ film }) => [film, null]));
    at("search").focus();
  });
  addEventListener("hashchange", openTab);
  listenToDeletion();
}

// The question stays until it is done, so that no star can be given meanwhile.
function listenToDeletion() {
  let deleting = false;
  at("forget").addEventListener("click", () => at("sure").showModal());
  at("keep").addEventListener("click", () => deleting || at("sure").close());
  at("gone").addEventListener("click", () => {
    if (deleting) return;
    deleting = true;
    forgetAll().catch(complain).finally(() => {
      deleting = false;
      at("sure").close();
      // Of what is in sight: a phone shows one part of the page.
      const titles = [...document.querySelectorAll("h2[tabindex]")];
      titles.findLast((title) => title.checkVisibility()).focus();
    });
  });
  at("sure").addEventListener("cancel", (event) => {
    if (deleting) event.preventDefault();
  });
}

async function about() {
  const { data, genres = [], book } = await health();
  at("genre").append(...genres.map((name) => element("option", { textContent: name })));
  const invented = /synthetic/.test(data ?? "");
  if (invented) {
    at("lead").textContent =
      "All these films are invented, so nobody can know them. Begin with a taste, or star " +
      "what sounds good to you. The list follows every star.";
  }
  if (data) {
    const films = invented ? ", whose films are invented" : "";
    at("data").textContent = `The models learned from ${data}${films}.`;
  }
  if (!book) return; // then the chapters are named, and nothing is linked
  for (const link of document.querySelectorAll("[data-chapter]")) {
    link.href = `${book}chapters/${link.dataset.chapter}.html`;
  }
}

listen();
try {
  await Promise.all([remember(), about()]);
  openTab();
  drawRated();
  await Promise.all([drawTastes(), refresh().then(search)]);
} catch (error) {
  complain(error);
}
