// Reading aids: previews of what a link leads to, figures in large, the way back up.
// Nothing here is needed to read; a phone, paper and slides are left alone.

{
  const aids = new URL(".", document.currentScript.src); // the folder of this file
  const rootOf = new URL("..", aids).href;

  // -- previews ---------------------------------------------------------------------------
  // Of terms, formulas, figures and citations, under the mouse and at the keyboard's focus.
  // Escape takes them away, and the mouse may go and read them (WCAG 1.4.13).

  const box = document.createElement("div");
  box.id = "preview";
  box.role = "tooltip";
  box.hidden = true;
  document.body.append(box);

  let known; // what previews.js holds, once it was asked for
  const load = () =>
    (known ??= new Promise((done) => {
      window.recbookPreviews = done;
      const script = document.createElement("script");
      script.src = new URL("previews.js", aids);
      document.head.append(script);
    }));

  // A page without formulas has no MathJax until a preview has one.
  let maths;
  const typeset = async () => {
    maths ??= window.MathJax
      ? window.MathJax.startup?.promise
      : new Promise((done) => {
          const options = { menuOptions: { settings: { inTabOrder: false } } };
          const startup = { typeset: false };
          window.MathJax = { chtml: { matchFontHeight: false }, options, startup };
          const script = document.createElement("script");
          script.src = new URL("mathjax/tex-chtml.js", aids);
          script.onload = () => done(window.MathJax.startup.promise);
          document.head.append(script);
        });
    await maths;
    await window.MathJax.typesetPromise?.([box]);
  };

  // What a link shows, as a node, or nothing.
  const contentOf = async (link) => {
    if (link.dataset.cites) return document.createTextNode(link.dataset.cites);
    const [page, id] = link.href.split("#");
    const same = page === location.href.split("#")[0];
    const here = same ? document.getElementById(id) : null;
    if (here?.matches(".math")) return here.cloneNode(true);
    if (here?.matches("figure")) {
      const [picture, caption] = ["svg, img", "figcaption"].map((part) => here.querySelector(part));
      const copy = document.createElement("div");
      copy.append(...[picture, caption].filter(Boolean).map((part) => part.cloneNode(true)));
      return copy;
    }
    const html = (await load())[`${decodeURI(page.replace(rootOf, ""))}#${id}`];
    if (!html) return undefined;
    const copy = document.createElement("div");
    copy.innerHTML = html;
    return copy;
  };

  let shown; // the link whose preview is in sight
  const hide = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = undefined;
    box.hidden = true;
    box.replaceChildren(); // copies of ids are not to stay on the page
  };

  // Below its link or, where there is no room, above it: also when the page is scrolled,
  // as it is when the focus comes to a link out of sight.
  const place = () => {
    const at = shown?.getClientRects()[0];
    if (!at || box.hidden) return;
    const { width, height } = box.getBoundingClientRect();
    const below = at.bottom + height + 12 < innerHeight || at.top < height + 12;
    box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    box.style.top = `${below ? at.bottom + 6 : at.top - height - 6}px`;
  };

  const show = async (link) => {
    hide();
    shown = link;
    const content = await contentOf(link);
    if (!content || shown !== link) return;
    box.replaceChildren(content);
    for (const mark of box.querySelectorAll(".headerlink, .zoom")) mark.remove();
    for (const anchor of box.querySelectorAll("a")) anchor.replaceWith(...anchor.childNodes);
    box.hidden = false;
    if (box.querySelector(".math:not(:has(mjx-container))")) await typeset();
    if (shown !== link) return;
    place();
    link.setAttribute("aria-describedby", box.id);
  };

  let timer;
  const soon = (act, wait) => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };

  const watch = (link) => {
    link.addEventListener("pointerenter", ({ pointerType }) => {
      if (pointerType === "mouse") soon(() => show(link), 200);
    });
    link.addEventListener("pointerleave", () => soon(hide, 250));
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
  };

  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => soon(hide, 250));
  addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  addEventListener("scroll", place, { passive: true });

  for (const link of document.querySelectorAll(".bd-article a.reference[href*='#']")) {
    if (/references\.html#/.test(link.href) && link.title) {
      link.dataset.cites = link.title;
      link.removeAttribute("title"); // the browser's own tip would lie over ours
    }
    const id = link.hash.slice(1);
    const here = document.getElementById(id);
    if (link.dataset.cites || /^(term|equation)-/.test(id) || /^fig-/.test(id) || here?.matches("figure"))
      watch(link);
  }

  // -- figures in large ---------------------------------------------------------------------

  const large = document.createElement("dialog");
  large.id = "large";
  large.innerHTML = `<form method="dialog"><button aria-label="${recbookSay("Close")}">×</button></form>
    <div tabindex="0" role="group" aria-label="${recbookSay("The figure")}"></div>`;
  document.body.append(large);
  large.addEventListener("click", ({ target }) => target === large && large.close());
  large.addEventListener("close", () => large.lastElementChild.replaceChildren());

  const magnify = (figure) => {
    const picture = figure.querySelector("svg, img");
    if (!picture) return;
    const button = document.createElement("button");
    button.className = "zoom";
    button.type = "button";
    button.title = recbookSay("Enlarge");
    button.setAttribute("aria-label", recbookSay("Enlarge this figure"));
    const enlarge = () => {
      const caption = figure.querySelector("figcaption")?.cloneNode(true) ?? "";
      const copy = picture.cloneNode(true);
      const { width, height } = picture.getBoundingClientRect();
      copy.classList.toggle("wide", width > 1.1 * height);
      large.lastElementChild.replaceChildren(copy, caption);
      large.showModal();
    };
    button.addEventListener("click", enlarge);
    if (matchMedia("(hover: none)").matches) // a finger looks for no button
      picture.addEventListener("click", ({ target }) => target.closest("a") || enlarge());
    figure.prepend(button);
  };

  if (!document.documentElement.dataset.view) {
    document.querySelectorAll(".bd-article figure").forEach(magnify);
    // A figure that a cell has drawn since.
    addEventListener("recbook-figure", ({ target }) => magnify(target));
  }

  // -- back to the top -----------------------------------------------------------------------

  const contents = document.getElementById("pst-page-toc-nav");
  if (contents) {
    const up = document.createElement("a");
    up.className = "to-top";
    up.href = "#";
    up.textContent = recbookSay("Back to the top");
    contents.append(up);
  }
}
