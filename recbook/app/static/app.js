// The page of the film service: plain, one file, no other host.
// What comes from the data is set as text, never as markup.

const RESULTS = 8; // films that a search shows
const ENOUGH = 5; // stars after which nobody needs films to begin with

const at = (id) => document.getElementById(id);
const rated = new Map(); // film id -> {film, stars}: what this page shows
const writes = new Map(); // film id -> the last write under way
let visitor = null;
let turn = 0; // of the list: an answer to an older question is dropped

// Talk to the service -------------------------------------------------------------

// The visitor stands in a header: an address is written down by every proxy. Addresses
// are relative, so that the page works below any path.
async function ask(path, options = {}, patience = 3) {
  const who = visitor === null ? {} : { authorization: `Bearer ${visitor}` };
  const headers = { ...who, ...options.headers };
  const answer = await fetch(`api/${path}`, { ...options, headers });
  if (answer.status === 503 && patience > 0) {
    const seconds = Number(answer.headers.get("retry-after")) || 1;
    await new Promise((done) => setTimeout(done, 1000 * seconds));
    return ask(path, options, patience - 1);
  }
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const error = new Error(body.error || `The service answered ${answer.status}.`);
  error.status = answer.status;
  throw error;
}

function complain(error) {
  const lost = error instanceof TypeError; // what fetch throws without a connection
  at("trouble").textContent = lost
    ? "The service cannot be reached. Your last star may not be kept: try again."
    : error.message;
  at("trouble").hidden = false;
}

const remembered = {
  get() {
    try {
      return localStorage.getItem("visitor");
    } catch {
      return null; // a browser that keeps nothing: the stars last as long as the page
    }
  },
  set(token) {
    try {
      localStorage.setItem("visitor", token);
    } catch {
      // as above
    }
  },
  drop() {
    try {
      localStorage.removeItem("visitor");
    } catch {
      // as above
    }
  },
};

async function recall() {
  visitor = remembered.get();
  if (visitor !== null) {
    try {
      const { ratings } = await ask("ratings");
      rated.clear();
      for (const { id, title, stars } of ratings.reverse()) {
        rated.set(id, { film: { id, title }, stars });
      }
      return;
    } catch (error) {
      if (error.status !== 401) throw error; // no token: begin anew
    }
  }
  visitor = (await ask("visitor", { method: "POST" })).visitor;
  remembered.set(visitor);
}

// Draw ------------------------------------------------------------------------------

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// "Godfather, The (1972)" -> "The Godfather", 1972: how people say it.
function spoken({ title, year }) {
  const [, words, inTitle] = title.match(/^(.*?)\s*\((\d{4})\)$/) || [null, title];
  const turned = words.match(/^(.+), (The|A|An|Le|La|Les|L'|El|Il|Der|Die|Das)$/);
  const gap = turned && turned[2].endsWith("'") ? "" : " ";
  const name = turned ? turned[2] + gap + turned[1] : words;
  return { name: name || title, year: inTitle || year };
}

function naming(film) {
  const { name, year } = spoken(film);
  const more = [year, (film.genres || []).join(", ")].filter(Boolean).join(" · ");
  return element(
    "div",
    {},
    element("span", { className: "title", textContent: name }),
    element("span", { className: "meta", textContent: more }),
  );
}

// Five radio buttons that look like stars. Arrows only move, so that nobody gives one
// star on the way to four; the space bar, Enter and 1 to 5 choose, and 0 takes back.
function starring(film, place) {
  const { name } = spoken(film);
  const group = element("fieldset", { className: "stars" });
  group.append(element("legend", { textContent: `Your stars for ${name}` }));
  const boxes = [1, 2, 3, 4, 5].map((stars) => {
    const box = element("input", {
      type: "radio",
      name: `${place}-${film.id}`,
      value: String(stars),
      ariaLabel: stars === 1 ? "1 star" : `${stars} stars`,
    });
    box.addEventListener("change", () => rate(film, stars));
    group.append(element("label", {}, box));
    return box;
  });
  const back = element("button", {
    type: "button",
    textContent: "×",
    title: "Take back",
    ariaLabel: `Take back the stars for ${name}`,
  });
  back.addEventListener("click", () => rate(film, null));
  group.append(back);
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = boxes.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (step && here >= 0) boxes[(here + step + 5) % 5].focus();
    else if (event.key === "Enter" && here >= 0) rate(film, here + 1);
    else if (/^[1-5]$/.test(event.key)) rate(film, Number(event.key));
    else if (event.key === "0" && rated.has(film.id)) rate(film, null);
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

// Keep what stays, so that nobody loses their place; return what is new.
function arrange(list, films, draw) {
  const old = new Map([...list.children].map((item) => [item.dataset.film, item]));
  const focused = document.activeElement;
  const fresh = [];
  const items = films.map((film) => {
    const kept = old.get(String(film.id));
    const item = draw(film, kept);
    item.dataset.film = film.id;
    if (!kept) fresh.push(item);
    return item;
  });
  const inside = list.contains(focused);
  list.replaceChildren(...items);
  if (inside && list.contains(focused)) focused.focus({ preventScroll: true });
  else if (inside) at("list-title").focus({ preventScroll: true });
  return fresh;
}

function drawRow(place) {
  return (film, kept) => {
    const item = kept || element("li", {}, naming(film), starring(film, place));
    item.querySelector(".stars").show();
    return item;
  };
}

function drawRated() {
  const mine = [...rated.values()].map(({ film }) => film).reverse();
  arrange(at("rated"), mine, drawRow("rated"));
  for (const group of at("results").querySelectorAll(".stars")) group.show();
  at("yours").hidden = mine.length === 0;
  at("count").textContent = mine.length === 1 ? "1 film" : `${mine.length} films`;
}

function reasonFor({ reason }) {
  if (reason.title === undefined) {
    const people = reason.popular === 1 ? "1 person" : `${reason.popular} people`;
    return element("p", { className: "reason", textContent: `Liked by ${people}` });
  }
  const share = Math.round(100 * reason.closeness);
  const bar = element("span");
  bar.style.width = `${share}%`;
  return element(
    "p",
    { className: "reason" },
    "Because you liked ",
    element("b", { textContent: spoken(reason).name }),
    element("span", { className: "aside", textContent: `, closeness ${share} of 100` }),
    element("span", { className: "closeness", title: `closeness ${share} of 100` }, bar),
  );
}

function drawRecommended(film, kept) {
  const item = kept || element("li", {}, naming(film));
  const stars = element("b", { textContent: film.stars.toFixed(1) });
  const expected = element("span", { className: "expected" }, "you might give ", stars);
  const group = item.querySelector(".stars") || starring(film, "list");
  item.querySelector(".side")?.remove();
  item.querySelector(".reason")?.remove();
  item.append(element("div", { className: "side" }, expected, group), reasonFor(film));
  return item;
}

// What changes what -----------------------------------------------------------------

async function refresh() {
  const mine = ++turn;
  const { elements } = at("filters");
  const asked = new URLSearchParams(new FormData(at("filters")));
  for (const [key, value] of [...asked]) {
    // A year of which only "19" is typed yet asks for nothing.
    if (value === "" || !elements[key].validity.valid) asked.delete(key);
  }
  const { recommendations: films } = await ask(`recommendations?${asked}`);
  if (mine !== turn) return;
  const first = at("recommended").childElementCount === 0;
  const fresh = arrange(at("recommended"), films, drawRecommended);
  if (!first) fresh.forEach((item) => item.classList.add("fresh"));
  at("news").textContent = news(films, first ? 0 : fresh.length);
  at("peek").textContent = films.length ? `1. ${spoken(films[0]).name} ↓` : "";
  at("trouble").hidden = true;
  peek();
}

// On a phone the list may lie below: one line of it stays in sight.
let inSight = false;
function peek() {
  at("peek").hidden = inSight || !rated.size || !at("peek").textContent;
}

function news(films, fresh) {
  if (!films.length) return "No film is left that may be shown: widen the choice.";
  if (!rated.size) return "No stars yet: these are the films that most people liked.";
  const { name } = spoken(films[0]);
  if (!fresh) return `${films.length} films, ${name} first.`;
  return `${films.length} films, ${fresh} of them new, ${name} first.`;
}

function rate(film, stars) {
  if (stars === null) rated.delete(film.id);
  else if (rated.has(film.id)) rated.get(film.id).stars = stars;
  else rated.set(film.id, { film, stars });
  drawRated();
  // One write a film at a time, in order, and each sends what is wanted by then.
  const before = writes.get(film.id) ?? Promise.resolve();
  const write = before.then(() => send(film.id)).then(refresh).catch(async (error) => {
    await recall().then(drawRated).then(refresh).catch(() => {}); // what is kept is shown
    complain(error);
  });
  writes.set(film.id, write);
  return write;
}

function send(id) {
  const path = `ratings/${id}`;
  const stars = rated.get(id)?.stars;
  if (stars === undefined) return ask(path, { method: "DELETE" });
  const headers = { "content-type": "application/json" };
  return ask(path, { method: "PUT", headers, body: JSON.stringify({ stars }) });
}

// Everything of this visitor: there, then here. Who stars again is somebody new.
async function forget() {
  await Promise.allSettled(writes.values());
  await ask("visitor", { method: "DELETE" });
  remembered.drop();
  rated.clear();
  await recall();
  drawRated();
  await Promise.all([search(), refresh()]);
}

let searched = 0;
async function search() {
  const mine = ++searched;
  const text = at("search").value.trim();
  if (!text && rated.size >= ENOUGH) {
    at("results").replaceChildren();
    at("found").textContent = "";
    return;
  }
  const asked = new URLSearchParams({ q: text, limit: RESULTS });
  const { films } = await ask(`films?${asked}`);
  if (mine !== searched) return;
  arrange(at("results"), films, drawRow("results"));
  at("found").textContent = !text
    ? "Or begin with one of these, which many have seen:"
    : films.length === 0
      ? "No title has words that begin so."
      : films.length === RESULTS
        ? `The first ${RESULTS} films:`
        : films.length === 1
          ? "1 film:"
          : `${films.length} films:`;
}

function listen() {
  for (const [id, answer] of [["search", search], ["filters", refresh]]) {
    let waiting; // until the typing pauses
    at(id).addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => answer().catch(complain), 120);
    });
  }
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("afresh").addEventListener("click", async () => {
    const films = [...rated.values()].map(({ film }) => film);
    await Promise.all(films.map((film) => rate(film, null)));
    at("search").focus();
  });
  // The question stays until it is done, so that no star can be given meanwhile.
  let deleting = false;
  at("forget").addEventListener("click", () => at("sure").showModal());
  at("keep").addEventListener("click", () => deleting || at("sure").close());
  at("gone").addEventListener("click", () => {
    if (deleting) return;
    deleting = true;
    forget().catch(complain).finally(() => {
      deleting = false;
      at("sure").close();
      at("list-title").focus();
    });
  });
  at("sure").addEventListener("cancel", (event) => {
    if (deleting) event.preventDefault();
  });
  // Deleted in another window: what this one shows is no longer there.
  addEventListener("storage", ({ key, newValue }) => {
    if (key === "visitor" && newValue === null) location.reload();
  });
  new IntersectionObserver(([list]) => {
    inSight = list.isIntersecting;
    peek();
  }).observe(at("recommended"));
}

async function about() {
  const { data, genres = [] } = await (await fetch("health")).json();
  at("genre").append(...genres.map((name) => element("option", { textContent: name })));
  const invented = /synthetic/.test(data ?? "") ? ", whose films are invented" : "";
  if (data) at("data").textContent = `The models learned from ${data}${invented}.`;
}

listen();
try {
  await Promise.all([recall(), about()]);
  drawRated();
  await Promise.all([search(), refresh()]);
} catch (error) {
  complain(error);
}
