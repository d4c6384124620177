// What a cell that ran shows: text, figures and tables, each in the dress of what is
// printed on the page.
(() => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  // What was printed stays until the first of the new result is there.
  const clear = (cell) => {
    if (!cell.fresh) return;
    cell.fresh = false;
    cell.shows = [...cell.sent];
    give(cell);
    cell.out.replaceChildren();
    cell.out.hidden = false;
    cell.box.classList.remove("live-old");
    if (cell.printed) cell.printed.hidden = true;
    for (const text of cell.notes.splice(0)) show(cell, "note", text);
  };

  // A printed figure lends its name and its caption to the one that stands for it.
  // `inside` is what a figure of this kind begins with.
  const lend = (cell, result, inside) => {
    const lent = cell.out.querySelectorAll("figure").length;
    const figure = cell.printed?.querySelectorAll("figure")[lent];
    if (!figure?.querySelector(`:scope > ${inside}`)) return result;
    const copy = figure.cloneNode(true);
    figure.removeAttribute("id");
    copy.replaceChildren(result, ...copy.querySelectorAll("figcaption"));
    return copy;
  };

  const add = ({ out }, result) => {
    out.append(result);
    if (result.matches("figure")) // aids.js enlarges it
      result.dispatchEvent(new Event("recbook-figure", { bubbles: true }));
  };

  const give = (cell) => {
    const copies = cell.out.querySelectorAll("figure");
    cell.printed?.querySelectorAll("figure").forEach((figure, k) => {
      if (copies[k]?.id) figure.id = copies[k].id;
    });
  };

  const drawing = (cell, text) => {
    const alt = cell.alt ?? recbookSay("What cell {n} draws", { n: cell.label });
    const holder = make("template");
    holder.innerHTML = text;
    const svg = holder.content.querySelector("svg.drawn");
    if (svg) {
      svg.setAttribute("aria-label", alt);
      relabel(cell, svg);
      return svg;
    }
    const file = new Blob([text], { type: "image/svg+xml" });
    return make("img", { alt, src: URL.createObjectURL(file) });
  };

  // In a translated edition, a figure and a table get the words that the page's own have.
  const told = document.getElementById("recbook-labels");
  const labels = told ? JSON.parse(told.textContent) : {};

  const inEdition = (pairs, text) => {
    const same = text.replace(/\s+/g, " ").replaceAll("\u2212", "-");
    for (const [english, other] of pairs) {
      if (english === same) return other;
      const form = /^\/(.+)\/$/.exec(english);
      const whole = form && new RegExp(`^(?:${form[1]})$`);
      for (const one of [text, same]) if (whole?.test(one)) return one.replace(whole, other);
    }
    return text;
  };

  const relabel = (cell, result) => {
    const pairs = labels[cell.id] ?? labels[""];
    if (!pairs) return;
    const texts = document.createTreeWalker(result, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const text = node.data.trim();
      if (text && !node.parentElement.closest("style, script"))
        node.data = node.data.replace(text, () => inEdition(pairs, text));
    }
  };

  // Text, in the dress of what the page's cells have printed.
  const block = (form, text) => {
    const pre = make("pre", {}, text);
    const className = `output highlight-myst-ansi live-${form}`;
    return make("div", { className }, make("div", { className: "highlight" }, pre));
  };

  const print = ({ out }, form, text) => {
    let last = out.lastElementChild;
    if (last?.dataset.form !== form) {
      out.append((last = block(form, "")));
      last.dataset.form = form;
      last.words = "";
    }
    // A bar of progress writes over its own line.
    last.words = (last.words + text).replace(/^[^\n]*\r(?!\n)(?=[^\n])/gm, "");
    last.querySelector("pre").textContent = last.words.trimEnd();
    // A sentence may be broken where the column ends, columns of words may not.
    last.classList.toggle("live-sentence", !/\S {2,}\S/.test(last.words));
  };

  const show = (cell, form, text) => {
    clear(cell);
    const { out } = cell;
    if (form === "clear") {
      give(cell);
      out.replaceChildren();
    } else if (form === "stdout" || form === "stderr") print(cell, form, text);
    else if (form === "svg") add(cell, lend(cell, drawing(cell, text), ":is(svg, img)"));
    else if (form === "html") {
      const box = make("div", { className: "output text_html" });
      box.innerHTML = text;
      relabel(cell, box);
      add(cell, lend(cell, box, "div"));
    } else if (form === "note") out.append(make("p", { className: "live-note" }, text));
    else out.append(block(form, text.trimEnd()));
  };

  // The end of a result in a few words, for who does not see it.
  const spoken = ({ out }) => {
    const last = out.lastElementChild;
    if (last?.matches("figure, svg, img")) return recbookSay("It draws a figure.");
    if (last?.querySelector("table")) return recbookSay("It shows a table.");
    return last?.textContent.trim().split("\n").at(-1).slice(0, 200) ?? "";
  };

  Object.assign(recbookLive, { make, clear, give, show, spoken });
})();
