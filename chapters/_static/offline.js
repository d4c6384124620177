// The book as an app: where a server sends the pages, a worker (sw.js) keeps them all for
// reading without a network. One line in the menu of pages says when it has them. A newer
// edition is offered, and comes when the reader presses. Nothing happens on a page that
// was opened as a file, where the host is not trusted, or where a reader saves data.
(() => {
  const { serviceWorker, connection } = navigator;
  const page = document.documentElement;
  const served = location.protocol.startsWith("http") && window.isSecureContext;
  if (!served || !serviceWorker || connection?.saveData) return;
  const root = new URL(page.dataset.content_root ?? "./", location.href);
  const { href } = new URL("manifest.webmanifest", root);
  document.head.append(Object.assign(document.createElement("link"), { rel: "manifest", href }));

  const line = (text) => {
    const node = Object.assign(document.createElement("p"), { textContent: text });
    node.className = "offline-state";
    node.setAttribute("role", "status");
    return node;
  };

  // What the page fetched, or began to fetch, before there was a worker: its Python.
  const again = () => {
    const packs = /\/_static\/live\/[^?]+\?v=/;
    const seen = new Set();
    const look = (list) => {
      for (const { name, workerStart } of list.getEntries()) {
        if (workerStart || seen.has(name) || !packs.test(name)) continue;
        seen.add(name);
        fetch(name, { cache: "force-cache" }).catch(() => {});
      }
    };
    new PerformanceObserver(look).observe({ type: "resource", buffered: true });
  };

  let told = false;
  const kept = () => {
    if (told) return;
    told = true;
    document.querySelector(".bd-docs-nav")?.after(line(recbookSay("Kept for offline reading")));
  };

  // On the reader's own machine the server is asked first: the page is the newest there.
  const isOwn = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(location.hostname);
  let offered = false;
  const offer = (take) => {
    if (offered || isOwn || page.dataset.view) return;
    offered = true;
    const button = document.createElement("button");
    const textContent = recbookSay("reload");
    Object.assign(button, { type: "button", textContent, onclick: take });
    const said = line(recbookSay("A newer edition is there: "));
    said.classList.add("offline-newer");
    said.append(button);
    document.querySelector(".bd-article")?.prepend(said);
  };

  let wanted = false;
  const offerNext = (waiting) =>
    offer(() => {
      wanted = true;
      waiting.postMessage("take over");
    });

  let controlled = serviceWorker.controller !== null;
  serviceWorker.addEventListener("controllerchange", () => {
    if (wanted) location.reload();
    else if (controlled) offer(() => location.reload()); // another tab has taken it
    else again();
    controlled = true;
  });

  const follow = (worker) => {
    const changed = () => {
      if (worker.state === "activated") kept();
      if (worker.state === "installed" && controlled) offerNext(worker);
    };
    worker.addEventListener("statechange", changed);
    changed();
  };

  const begin = async () => {
    const options = { scope: root.pathname, updateViaCache: "none" };
    const found = await serviceWorker.register(new URL("sw.js", root), options);
    for (const worker of [found.installing, found.waiting, found.active])
      if (worker) follow(worker);
    found.addEventListener("updatefound", () => follow(found.installing));
  };
  // After all that the reader waits for. Where it is refused, the page is as it was.
  const idle = window.requestIdleCallback ?? setTimeout;
  addEventListener("load", () => idle(() => begin().catch(() => {})));
})();
