// How the search ranks what it found, and what it shows of it. Sphinx puts this file into
// its language_data.js, as html_search_scorer; SECTIONS is of search-data.js (search.py).

// Words of the query, in small letters, without the s of a plural. Han letters and others
// are parted: "nDCG值" has two words.
const PARTED = /[^\p{Letter}\p{Number}]+|(?<=\p{Script=Han})(?!\p{Script=Han})|(?<!\p{Script=Han})(?=\p{Script=Han})/u;
const QUERY = (new URLSearchParams(location.search).get("q") ?? "")
  .toLowerCase()
  .split(PARTED)
  .map((word) => word.replace(/(?<=\w{3})s$/, ""))
  .filter(Boolean);
// What excerpts show: these, and in the Chinese edition other names of the term.
const SHOWN = [...QUERY];
const escaped = (piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

// How often words of the query stand in a section; in its heading they count five times.
const hits = ([, heading, text]) => {
  const count = (words, word) => words.toLowerCase().split(word).length - 1;
  const all = SHOWN.map((word) => count(text, word) + 5 * count(heading, word));
  return all.includes(0) ? all.reduce((a, b) => a + b, 0) / 10 : Math.max(...all);
};

// Whether all words of the query stand in a text: "modelling" as "model", "ab" as "A/B".
const names = (text) => {
  const low = text.toLowerCase();
  const both = `${low} ${low.replace(/[^\p{Letter}\p{Number} ]/gu, "")}`;
  const stem = (word) => word.replace(/(?<=\w{4})(l?ing|ed|al)$/, "");
  return QUERY.length && QUERY.every((word) => both.includes(stem(word)));
};

// A chapter teaches what other pages only mention, most of all what its title, its
// subtitle or a heading names.
const standing = (page) => {
  if (/quick-questions|decisions|appendix\/(instructor|course-plans|running-a-class|api)/.test(page)) return -3;
  if (!/chapters\/\d/.test(page)) return 0;
  const [[, title, , subtitle = ""], ...sections] = SECTIONS[page] ?? [["", "", ""]];
  if (names(`${title} ${subtitle}`)) return names(subtitle.split(" ")[0]) ? 200 : 100;
  return sections.some(([, heading]) => names(heading)) ? 40 : 3;
};

var Scorer = {
  // A page that only has the words somewhere gains by how often it has them.
  score: ([page, , anchor, description, score]) => {
    const whole = !anchor && !description && score <= 15;
    const often = whole ? (SECTIONS[page] ?? []).map(hits) : [0];
    return score + standing(page) + 4 * Math.log10(1 + often.reduce((a, b) => a + b, 0));
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

// What Sphinx says of how many there are.
const FOUND = "Search finished, found ${resultCount} page(s) matching the search query.";

const isChinese = (text) => text.match(/\p{Script=Han}/gu)?.length > text.length / 3;

// The words around the first hit, hits marked. Chinese says as much in a sixth of the
// letters, and is cut anywhere.
const quote = (text) => {
  const line = document.createElement("p");
  line.className = "context";
  const low = text.toLowerCase();
  const places = SHOWN.map((word) => low.indexOf(word)).filter((at) => at >= 0);
  const dense = isChinese(text);
  if (!dense && document.documentElement.lang.startsWith("zh")) line.lang = "en";
  const [before, whole] = dense ? [16, 48] : [80, 240];
  const first = Math.max(0, Math.min(...places, text.length) - before);
  const cut = dense ? first : text.indexOf(" ", first) + 1;
  const start = places.length && first ? cut : 0;
  const end = dense ? start + whole : text.lastIndexOf(" ", start + whole);
  const short = start + whole < text.length ? `${text.slice(start, end)} …` : text.slice(start);
  for (const [n, piece] of short.split(RegExp(`(${SHOWN.map(escaped).join("|")})`, "i")).entries()) {
    const mark = document.createElement(n % 2 ? "mark" : "span");
    mark.textContent = piece;
    line.append(mark);
  }
  if (start) line.prepend("… ");
  return line;
};

// A result by Sphinx is a link to a page. Say where on the page it is best to begin.
const complete = (result) => {
  const link = result.querySelector("a");
  const [address, anchor] = link.getAttribute("href").split("#");
  const sections = SECTIONS[address.replace(/\.html$/, "")];
  if (!sections) return;
  const best = sections.reduce((a, b) => (hits(b) > hits(a) ? b : a));
  const section = anchor ? sections.find(([id]) => id === anchor) : best;
  if (!section) return;
  const [id, heading, text] = section;
  if (id && !link.textContent.includes(heading)) {
    const place = document.createElement("a");
    place.href = `${address}#${id}`;
    place.textContent = heading;
    result.append(" › ", place);
  }
  result.append(quote(text));
};

document.addEventListener("DOMContentLoaded", () => {
  const found = recbookSay("Found: ${resultCount}, the best first.");
  Documentation.TRANSLATIONS[FOUND] = found;
  const places = new Set();
  const receive = (result) => {
    complete(result);
    const place = [...result.querySelectorAll("a")].at(-1).href;
    if (places.has(place)) result.remove(); // the page again, for the same place
    places.add(place);
  };
  const list = document.getElementById("search-results");
  list.querySelectorAll("li").forEach(receive); // the first one may be there by now
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    added.filter((node) => node.nodeName === "LI").forEach(receive);
  }).observe(list, { childList: true, subtree: true });
});
