// The page as a sheet or as slides, made of its own text when its address asks for it:
//   ?sheet                  the exercises, to print;  ?sheet=answers  with the solutions
//   ?slides                 pictures, formulas, tables and boxes, to project
//   ?sheet=ex-a,ex-b        these exercises only;     ?slides=ex-a,ex-b  these as well
//   ?sheet=id               the section of this id, such as a table to hand on
//   ?slides&from=id&to=id   the sections from this one to that one
// The slides are in slides.js and slides_steps.js, which are loaded when they are asked for.
{
  const query = new URLSearchParams(location.search);
  const view = ["sheet", "slides"].find((name) => query.has(name));
  const root = document.documentElement;
  const base = document.currentScript.src;
  const article = document.querySelector(".bd-article");
  const page = article?.querySelector(":scope > section");
  const sections = [...(page?.querySelectorAll(":scope > section") ?? [])];
  const words = (query.get(view) ?? "").split(",");

  const make = (tag, name, ...children) => {
    const node = document.createElement(tag);
    node.className = name;
    node.append(...children);
    return node;
  };
  const text = (node) => node.textContent.trim();
  const title = (section) => {
    const copy = section.querySelector("h1, h2, h3").cloneNode(true);
    copy.querySelector(".headerlink")?.remove();
    return [...copy.childNodes];
  };

  // The style sheets and scripts of the view, in their order.
  const fetched = (name) => {
    const at = base.replace(/sheet\.js.*/, name);
    const node = name.endsWith(".css")
      ? Object.assign(make("link", ""), { rel: "stylesheet", href: at })
      : Object.assign(make("script", ""), { async: false, src: at });
    const there = new Promise((done) => (node.onload = node.onerror = done));
    document.head.append(node);
    return there;
  };

  // All of it is there, formulas are set, figures and letters are loaded.
  const settled = async () => {
    const files = { sheet: [], slides: ["slides.css", "slides_steps.js", "slides.js"] };
    const loaded = ["sheet.css", ...files[view]].map(fetched);
    if (document.readyState !== "complete")
      await new Promise((done) => addEventListener("load", done));
    // All letters, as those that nothing has used yet would come when all is measured.
    const letters = [...document.fonts].filter((face) => face.family.includes("Source"));
    loaded.push(...letters.map((face) => face.load().catch(() => {})));
    await Promise.all([...loaded, window.MathJax?.startup?.promise]);
    const decoded = [...document.images].map((image) => {
      image.loading = "eager";
      return image.decode().catch(() => {});
    });
    await Promise.all(decoded);
  };

  // Exercises by their labels, in the page's order; all where none is named.
  const exercises = (all) => {
    const there = [...page.querySelectorAll(".exercise")];
    const named = there.filter((exercise) => words.includes(exercise.id));
    return named.length || !all ? named : there;
  };

  const sheet = (paper) => {
    const answers = words.includes("answers");
    const handed = sections.filter((section) => words.includes(section.id));
    for (const section of handed) // without its own link to this sheet
      section.querySelector('a[href*="?sheet="]')?.closest("p").remove();
    paper.classList.toggle("forms", /paper-sheets/.test(location.pathname));
    if (!page.querySelector(".exercise")) // each section is a sheet of its own
      return paper.append(...(handed.length ? handed : sections));
    paper.append(make("h1", "", ...title(page)));
    if (handed.length) return paper.append(...handed);
    if (answers && !page.querySelector(".solution"))
      paper.append(make("p", "", recbookSay("This site has no answers to these exercises.")));
    for (const exercise of exercises(true)) {
      const solution = exercise.nextElementSibling;
      const level = exercise.querySelector(".exercise-level");
      const pencil = !exercise.querySelector(".cell") || /paper|pencil|纸笔/.test(text(level));
      exercise.classList.toggle("room", pencil && !answers);
      const parts = [exercise];
      if (answers && solution?.matches(".solution")) parts.push(solution);
      solution?.classList.remove("dropdown"); // or it would be folded when all is read
      paper.append(...parts);
      // A formula comes along where it is first named, since the page is not at hand.
      for (const part of parts)
        for (const link of part.querySelectorAll('a[href^="#equation-"]')) {
          const formula = document.getElementById(link.hash.slice(1));
          if (formula && !paper.contains(formula))
            link.closest("section > *").after(formula);
        }
    }
  };

  // A formula that is wider than the paper gets smaller: there is nothing to scroll.
  const narrow = (paper) => {
    for (const formula of paper.querySelectorAll("mjx-container[display]")) {
      const wide = formula.firstElementChild.getBoundingClientRect().width;
      const number = formula.parentElement.querySelector(".eqno");
      const room = formula.parentElement.clientWidth - (number ? number.offsetWidth + 16 : 0);
      if (wide > room) formula.style.zoom = (0.98 * room) / wide;
    }
  };

  // What is not shown goes before MathJax and the theme have set it, which takes seconds.
  const open = async () => {
    const inside = make("article", "bd-article");
    root.dataset.view = view;
    document.body.append(make("div", "view bd-content", inside));
    if (view === "sheet") {
      sheet(inside);
      // The theme's menus look for the headings.
      const rest = page.querySelectorAll("p, div, ul, ol, table, figure");
      for (const node of rest) node.remove();
    } else {
      const used = exercises(false);
      for (const one of page.querySelectorAll(".exercise, .solution"))
        if (!used.includes(one)) one.remove();
    }
    await settled();
    if (view === "slides") window.recbookSlides(inside, tools);
    else {
      root.dataset.theme = "light"; // paper is white, whatever the page is
      narrow(inside);
    }
    root.dataset.ready = view;
  };
  const tools = { make, text, title, exercises, page, sections, query };
  if (view && page) open();
}
