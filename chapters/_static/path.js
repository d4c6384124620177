// A path through the book, from ?path=NAME on. It is kept in this browser until it is
// left: each page says where its reader is and what is next, and the buttons at its foot
// and the menu of pages follow the path. What the paths are, paths.py has written.
{
  const html = document.documentElement;
  const root = new URL(html.dataset.content_root ?? "./", location.href);
  const KEY = `recbook.path:${root.pathname}`; // {path, at: its page that was read last}
  const HOME = new URL("chapters/intro.html#paths", root).href;
  const here = location.pathname.slice(root.pathname.length).replace(/\.html$/, "");
  const article = document.querySelector(".bd-article");
  const menu = document.querySelector(".bd-docs-nav");

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      return {}; // no storage, or not ours: then the address alone keeps the path
    }
  };
  const write = (kept) => {
    try {
      if (kept) localStorage.setItem(KEY, JSON.stringify(kept));
      else localStorage.removeItem(KEY);
    } catch {}
  };

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const link = (href, ...words) => make("a", { href }, ...words);

  const follow = (name, path) => {
    const { title, stops } = path;
    const address = (stop) => new URL(`${stop.page}.html?path=${name}`, root).href;
    const to = (stop) => link(address(stop), stop.name);
    const number = stops.findIndex((stop) => stop.page === here);
    const stop = stops[number];
    const kept = read();
    const last = stops.findIndex((one) => kept.path === name && one.page === kept.at);
    write({ path: name, at: stop ? here : stops[last]?.page });

    // -- where one is ----------------------------------------------------------------
    const leave = link(`${location.pathname}?path=`, recbookSay("leave the path"));
    leave.className = "leave";
    const bar = make("nav", { class: "path-bar", "aria-label": recbookSay("Your path") });
    const say = (...words) => bar.append(make("p", {}, ...words));
    if (stop) {
      const next = stops[number + 1];
      const onward = next
        ? [recbookSay("next: "), to(next)]
        : [recbookSay("the last · "), link(HOME, recbookSay("other paths"))];
      const place = recbookSay(" · stop {n} of {all} · ", { n: number + 1, all: stops.length });
      say(make("strong", {}, title), place, ...onward, " · ", leave);
    } else {
      const back = Math.max(last, 0);
      const isHome = here === "chapters/intro";
      const isDone = isHome && last === stops.length - 1;
      const words = isHome ? recbookSay("Your path: ") : recbookSay("Not on your path, ");
      const n = back + 1;
      const way =
        last < 0
          ? recbookSay(" · begin with stop {n}: ", { n })
          : recbookSay(" · back to stop {n}: ", { n });
      const place = isDone ? recbookSay(" · you were at the last stop, ") : way;
      say(words, make("strong", {}, title), place, to(stops[back]), " · ", leave);
    }

    // -- what of the page is to be read ------------------------------------------------
    const wanted = new Set(stop?.read.map(([id]) => id));
    if (wanted.size) {
      const links = stop.read.map(([id, words]) => link(`#${id}`, words));
      const list = links.flatMap((one, n) => (n ? [" · ", one] : [one]));
      say(recbookSay("Read here, {n} min: ", { n: stop.minutes }), ...list);
      for (const section of article.querySelectorAll(":scope > section > section")) {
        if (wanted.has(section.id)) continue;
        const mark = make("small", { class: "off-path" }, recbookSay("not on your path"));
        section.querySelector("h2")?.append(mark);
      }
    }
    article.prepend(bar);

    // -- "Next:" as the page itself has it ---------------------------------------------
    const pages = new Set(stops.map((one) => address(one).split("?")[0]));
    const isOn = (a) => pages.has(a.href.split(/[?#]/)[0]);
    for (const p of stop ? article.querySelectorAll("section > p") : []) {
      const a = /^(Next: |下一页：)/.test(p.textContent) && p.querySelector("a");
      if (!a || isOn(a)) continue;
      p.append(" ", make("small", { class: "off-path" }, recbookSay("not on your path")));
    }

    // -- the buttons at the foot ---------------------------------------------------------
    const lead = (side, way, one, end) => {
      const button = document.querySelector(`.prev-next-area a.${side}`);
      if (!button) return;
      button.href = one ? address(one) : HOME;
      button.title = way;
      button.querySelector(".prev-next-subtitle").textContent = way;
      button.querySelector(".prev-next-title").textContent = one?.name ?? end;
    };
    if (stop) {
      const [before, after] = [recbookSay("previous stop"), recbookSay("next stop")];
      lead("left-prev", before, stops[number - 1], recbookSay("All paths"));
      lead("right-next", after, stops[number + 1], recbookSay("The end: other paths"));
    }

    // -- the menu of pages, and the map of the first page ----------------------------------
    for (const item of menu?.querySelectorAll("ul.bd-sidenav > li") ?? []) {
      const a = item.querySelector("a");
      const stays = isOn(a) || a.matches(".current") || item.closest(".bd-sidenav__home-link");
      item.classList.toggle("off-path", !stays);
    }
    for (const caption of menu?.querySelectorAll("p.caption") ?? []) {
      const stays = caption.nextElementSibling?.querySelector(":scope > li:not(.off-path)");
      caption.classList.toggle("off-path", !stays);
    }
    const all = make("button", { type: "button" }, recbookSay("show all pages"));
    all.addEventListener("click", () => {
      const isCut = menu.toggleAttribute("data-path");
      all.textContent = isCut ? recbookSay("show all pages") : recbookSay("show the path only");
    });
    menu?.toggleAttribute("data-path", true);
    menu?.prepend(make("p", { class: "path-menu" }, `${title} · `, all));

    for (const map of document.querySelectorAll(".course-map")) {
      for (const a of map.querySelectorAll("a")) {
        const station = new URL(a.getAttribute("href"), location.href).href;
        a.classList.toggle("on-path", isOn({ href: station }));
      }
      map.querySelector(".on-which").textContent = recbookSay("on your path, {title}", { title });
    }
  };

  const asked = new URLSearchParams(location.search).get("path");
  const name = asked ?? read().path;
  if (asked === "") write(null);
  if (name && article && !html.dataset.view) {
    window.recbookPaths = (paths) => {
      if (Object.hasOwn(paths, name)) follow(name, paths[name]);
      else if (asked === null) write(null); // a path that is no more
    };
    const script = document.createElement("script");
    script.src = new URL("path-data.js", document.currentScript.src);
    document.head.append(script);
  }
}
