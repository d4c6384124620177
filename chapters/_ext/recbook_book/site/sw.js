// The service worker of the site: after one visit the whole book is read without a
// network, and after one press its Python runs, too. `.ci/offline.py` writes EDITION, the
// sum of offline.json, before this. That file names the site's files with their sums:
// `now` is fetched at once, in the background, `later` is kept when a reader asks for it.
//
// An edition is kept whole or not at all, so that no page meets the script of another.
// The next one waits until the reader wants it (offline.js). What one book keeps bears
// the name of its folder: two books on one host share nothing.

const ROOT = new URL("./", location.href);
const OURS = `recbook ${ROOT.pathname} `;
const KEPT = OURS + EDITION;
const PACKS = `${OURS}packs`;
const LIST = new URL("offline.json", ROOT).href;
const LANES = 6; // files that are fetched at once
// On the reader's own machine another program may answer there tomorrow, or a book that
// was built again: ask it first.
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(location.hostname);

const sum = async (bytes) => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (n) => n.toString(16).padStart(2, "0")).join("");
};

// -- to keep an edition ------------------------------------------------------------------

const fetched = async (address, expected) => {
  const answer = await fetch(address, { cache: "no-cache" });
  const bytes = await answer.arrayBuffer();
  if (!answer.ok || (await sum(bytes)) !== expected) {
    throw new Error(`${address} is not of this edition`);
  }
  const type = answer.headers.get("Content-Type") ?? "application/octet-stream";
  return new Response(bytes, { headers: { "Content-Type": type } });
};

// {sum: where a cache of an older edition has such a file}
const older = async () => {
  const found = new Map();
  for (const name of await caches.keys()) {
    if (!name.startsWith(OURS) || name === KEPT || name === PACKS) continue;
    const cache = await caches.open(name);
    const list = await (await cache.match(LIST))?.json();
    for (const [path, digest] of Object.entries({ ...list?.now, ...list?.later })) {
      found.set(digest, () => cache.match(new URL(path, ROOT).href));
    }
  }
  return found;
};

const fill = async () => {
  const cache = await caches.open(KEPT);
  const answer = (await cache.match(LIST)) ?? (await fetched(LIST, EDITION));
  await cache.put(LIST, answer.clone());
  const { now } = await answer.json();
  const before = await older();
  const there = new Set((await cache.keys()).map(({ url }) => url));
  const waiting = Object.entries(now).filter(([p]) => !there.has(new URL(p, ROOT).href));
  const lane = async () => {
    for (let next; (next = waiting.shift()); ) {
      const [path, digest] = next;
      const address = new URL(path, ROOT).href;
      const same = await before.get(digest)?.();
      await cache.put(address, same ?? (await fetched(address, digest)));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
};

addEventListener("install", (event) => {
  const whole = fill().catch(async (error) => {
    // Half a book takes room and helps nobody; where the network broke, it goes on later.
    if (error.name === "QuotaExceededError") await caches.delete(KEPT);
    throw error;
  });
  event.waitUntil(LOOPBACK ? whole.then(() => skipWaiting()) : whole);
});

addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith(OURS));
    const left = names.filter((name) => name !== KEPT && name !== PACKS);
    await Promise.all(left.map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(tidy());
});

addEventListener("message", ({ data }) => {
  if (data === "take over") skipWaiting();
});

// -- to answer ---------------------------------------------------------------------------

const plain = (url) => {
  const path = url.pathname.endsWith("/") ? `${url.pathname}index.html` : url.pathname;
  return new URL(path, ROOT).href; // without ?v=, ?sheet, ?path=
};

// What a reader asked for and is not kept at once: notebooks, the wheel.
let list;
const later = async (cache, url, copy) => {
  list ??= await (await cache.match(LIST))?.json();
  const digest = list?.later[decodeURI(url.pathname.slice(ROOT.pathname.length))];
  if (!digest || !copy.ok) return;
  const { headers } = copy;
  const bytes = await copy.arrayBuffer();
  if ((await sum(bytes)) !== digest) return;
  await cache.put(plain(url), new Response(bytes, { headers }));
};

const answer = async (event, url) => {
  const { request } = event;
  const cache = await caches.open(KEPT);
  const kept = () => cache.match(plain(url));
  const found = LOOPBACK ? undefined : await kept();
  if (found) return found;
  try {
    const sent = await fetch(request);
    event.waitUntil(later(cache, url, sent.clone()).catch(() => {}));
    return sent;
  } catch (error) {
    const lost = request.mode === "navigate" ? new URL("404.html", ROOT).href : "";
    const instead = (await kept()) ?? (lost && (await cache.match(lost)));
    if (instead) return instead;
    throw error;
  }
};

// A part of the page's Python, whose address names its contents.
const pack = async (event, url) => {
  const { request } = event;
  const cache = await caches.open(PACKS);
  const found = request.cache === "reload" ? undefined : await cache.match(url.href);
  if (found) return found;
  const sent = await fetch(request);
  const keep = async (copy) => {
    await cache.put(url.href, copy);
    for (const old of await cache.keys()) {
      const same = new URL(old.url).pathname === url.pathname;
      if (same && old.url !== url.href) await cache.delete(old);
    }
  };
  if (sent.ok) event.waitUntil(keep(sent.clone()).catch(() => {})); // the disk is full
  return sent;
};

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !url.href.startsWith(ROOT.href)) return;
  const path = url.pathname.slice(ROOT.pathname.length);
  const isPack = path.startsWith("_static/live/") && url.searchParams.has("v");
  // Where storage is refused, all is as without this worker.
  const reply = isPack ? pack(event, url) : answer(event, url);
  event.respondWith(reply.catch(() => fetch(event.request)));
});
