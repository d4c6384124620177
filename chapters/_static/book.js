// What the theme leaves undone. When a fault is fixed upstream, its part can go: delete
// it, run `make site-test`, and see that the tests pass without it.

// The theme binds each of its menus to the first of two buttons and hides that one, so
// the button in sight opens nothing (pydata-sphinx-theme #2451, sphinx-book-theme #988):
// hand the click on. And a menu over the page is to close when a link in it is followed.
for (const menu of ["primary", "secondary"]) {
  const [bound, ...shown] = document.querySelectorAll(`.${menu}-toggle`);
  for (const button of shown) {
    button.title = bound.getAttribute("aria-label"); // not "Toggle primary sidebar"
    button.addEventListener("click", () => {
      bound.click(); // and the menu opens where one is
      document.querySelector(`dialog[open] .current > a.current`)?.scrollIntoView({
        block: "center",
      });
    });
  }
  const dialog = document.getElementById(`pst-${menu}-sidebar-modal`);
  dialog?.addEventListener("click", ({ target }) => {
    if (target.closest("a")) dialog.close();
  });
}

// The theme scrolls the list of pages as it was on the page before, which may have been
// of another part: then this page's line would be out of sight.
addEventListener("load", () => {
  const list = document.querySelector(".bd-sidebar-primary");
  const here = list?.querySelector(".current > a.current");
  if (!here) return;
  const [box, line] = [list.getBoundingClientRect(), here.getBoundingClientRect()];
  if (line.top < box.top || line.bottom > box.bottom) {
    list.scrollTop += line.top - box.top - box.height / 4;
  }
});

// sphinx-book-theme takes the focus from the search button when it is clicked, so the
// dialog has nowhere to give it back to when it closes.
for (const button of document.querySelectorAll(".search-button")) {
  button.addEventListener("click", () => button.focus());
}

// The theme opens what its menu of downloads leads to in a tab of its own, and has no
// place for the attribute that has a browser save it.
for (const link of document.querySelectorAll(".dropdown-download-buttons a")) {
  link.download = "";
}

// sphinx-togglebutton has no other language for the name of its buttons.
addEventListener("load", () => {
  for (const button of document.querySelectorAll(".toggle-button"))
    button.setAttribute("aria-label", recbookSay("Toggle hidden content"));
});

// At the foot of a printed page stands the chapter's title, which no style sheet can get.
{
  const title = document.querySelector(".bd-article h1")?.cloneNode(true);
  title?.querySelector(".headerlink")?.remove();
  const words = title?.textContent.trim().replace(/\s+/g, " ") ?? "";
  const foot = new CSSStyleSheet();
  foot.replaceSync(`@page text { @bottom-left { content: ${JSON.stringify(words)};
    color: #525c6b; font: 9pt "Source Sans 3", sans-serif; } }`);
  document.adoptedStyleSheets.push(foot);
}

// Paper is white: print in the light, whatever the screen shows.
const page = document.documentElement;
let theme;
addEventListener("beforeprint", () => {
  theme = page.dataset.theme;
  page.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  page.dataset.theme = theme;
});

// A formula is a Tab stop only while it is wider than its column and has to be scrolled.
// The theme does the same for code and tables. It looks when the window changes, which
// it has to be told when a solution is unfolded or the formulas are set.
addEventListener("resize", () => {
  for (const formula of document.querySelectorAll("mjx-container[display]")) {
    formula.tabIndex = formula.scrollWidth > formula.clientWidth ? 0 : -1;
  }
});
addEventListener("load", () => {
  const changed = () => dispatchEvent(new Event("resize"));
  new ResizeObserver(changed).observe(document.body);
});
