// The field above the glossary leaves the entries whose names have what is typed, and so
// it does in the list by pinyin.
{
  const field = document.querySelector(".glossary-filter");
  const [input, told] = field.querySelectorAll("input, output");
  const entries = []; // the nodes of each entry, and its English and Chinese names
  for (const node of document.querySelector("dl.glossary").children) {
    const begins = node.matches("dt") && !node.previousElementSibling?.matches("dt");
    if (begins) entries.push({ nodes: [], names: "" });
    const entry = entries.at(-1);
    entry.nodes.push(node);
    const name = node.matches("dt") ? node.firstChild : node.querySelector("strong");
    entry.names += ` ${name?.textContent.toLowerCase() ?? ""}`;
  }
  const others = document.querySelectorAll(".by-pinyin h3 + ul"); // of the Chinese edition
  const filter = () => {
    const words = input.value.toLowerCase().split(/[\s-]+/).filter(Boolean);
    let shown = 0;
    for (const { nodes, names } of entries) {
      const found = words.every((word) => names.includes(word));
      for (const node of nodes) node.hidden = !found;
      shown += found;
    }
    for (const list of others) {
      for (const row of list.children) {
        const names = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => names.includes(word));
      }
      list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
    }
    const all = entries.length;
    told.textContent = words.length ? recbookSay("{n} of {all}", { n: shown, all }) : "";
    if (!shown) told.textContent += recbookSay(": the search of the book may find it");
  };
  input.addEventListener("input", filter);
  // A link to a term that is not shown shows all again.
  addEventListener("hashchange", () => {
    if (!document.querySelector(":target")?.hidden) return;
    input.value = "";
    filter();
    document.querySelector(":target").scrollIntoView();
  });
  field.hidden = false;
}
