// What a panel for the reader's file shows: the first rows, what reading did, the report
// and its files. All words of the file are text. Only the report is markup, which recbook
// has written and in which it has escaped each of them.
(() => {
  const { make } = recbookLive;

  // A table that scrolls in its own box where it is wide.
  const table = (name, heads, rows, numbers = []) => {
    const cell = (tag, text, n) => {
      const made = make(tag, { className: numbers.includes(n) ? "num" : "" }, String(text ?? ""));
      if (tag === "th") made.scope = "col";
      return made;
    };
    const line = (tag, cells) => make("tr", {}, ...cells.map((text, n) => cell(tag, text, n)));
    const head = make("thead", {}, line("th", heads));
    const body = make("tbody", {}, ...rows.map((row) => line("td", row)));
    const box = make("div", { className: "own-scroll", tabIndex: 0 }, make("table", {}, head, body));
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", name);
    return box;
  };

  const sizeOf = (rows, columns) => {
    const [n, k] = [rows, columns].map((count) => count.toLocaleString("en"));
    const first = rows === 1 ? recbookSay("1 row") : recbookSay("{n} rows", { n });
    const second = columns === 1 ? recbookSay("1 column") : recbookSay("{n} columns", { n: k });
    return recbookSay("{rows}, {columns}.", { rows: first, columns: second });
  };

  // What was read of a file, and its first rows.
  const opened = (name, { rows, columns, preview, said }) => {
    const what = [sizeOf(rows, columns.length), ...said].join(" ");
    const words = recbookSay(": {what}", { what });
    const line = make("p", { className: "own-read" }, make("b", {}, name), words);
    return [line, table(recbookSay("The first rows of {name}", { name }), columns, preview)];
  };

  const receipt = (rows) => {
    const heads = ["", recbookSay("rows"), recbookSay("amount")];
    const words = recbookSay("What reading did to the orders:");
    const name = recbookSay("What reading did to the orders");
    return [make("p", { className: "own-read" }, words), table(name, heads, rows, [1, 2])];
  };

  const TYPES = { html: "text/html", csv: "text/csv", json: "application/json" };

  const save = (name, bytes) => {
    const file = new Blob([bytes], { type: TYPES[name.split(".").pop()] });
    const link = make("a", { href: URL.createObjectURL(file), download: name });
    document.body.append(link); // Firefox wants it there
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  const button = (words, className, act) => {
    const made = make("button", { type: "button", className }, words);
    made.addEventListener("click", act);
    return made;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { value: text }); // http, without a secure context
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  const copies = (words, text, say) =>
    button(words, "", async () => {
      await copy(text);
      say(recbookSay("The command is copied."));
    });

  // A command with a button that copies it.
  const command = (text, say) => {
    const pre = make("pre", { tabIndex: 0 }, text);
    pre.setAttribute("role", "region");
    pre.setAttribute("aria-label", recbookSay("Command"));
    return make("div", { className: "own-command" }, pre, copies(recbookSay("Copy"), text, say));
  };

  // The report with its buttons. Its decision is what the reader wants first.
  const report = ({ html, files, command: text }, say) => {
    const names = ["report.html", "list.csv", "numbers.json"].filter((name) => files[name]);
    const saves = names.map((name) => button(recbookSay("Save {name}", { name }), "", () => save(name, files[name])));
    saves.push(copies(recbookSay("Copy the command"), text, say));
    const body = make("div", { className: "own-html" });
    body.innerHTML = html;
    const decision = body.querySelector(".decision") ?? body;
    decision.tabIndex = -1;
    return { nodes: [make("div", { className: "own-saves" }, ...saves), body], decision };
  };

  Object.assign(recbookOwn, { opened, receipt, report, command, button });
})();
