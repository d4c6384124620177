// The keys of a cell's editor. Each change goes by execCommand, which keeps the way back
// by Ctrl+Z; setRangeText does not.
recbookLive.keys = (area, run) => {
  let leaving = false; // after Escape, Tab leads on, as everywhere else

  const put = (from, to, text) => {
    area.setSelectionRange(from, to);
    document.execCommand(text ? "insertText" : "delete", false, text);
  };
  // From the beginning of the caret's line to the caret.
  const before = () => {
    const begun = area.value.slice(0, area.selectionStart);
    return begun.slice(begun.lastIndexOf("\n") + 1);
  };

  const enter = (event) => {
    event.preventDefault();
    if (event.shiftKey || event.ctrlKey || event.metaKey) return run();
    const line = before();
    const indent = /^ */.exec(line)[0] + (/:\s*$/.test(line) ? "    " : "");
    document.execCommand("insertText", false, `\n${indent}`);
  };

  // All lines that are selected, or the caret's, go four to the right or to the left.
  const shift = (back) => {
    const { value, selectionStart: from, selectionEnd: to } = area;
    const begin = from - before().length;
    const last = to > from && value[to - 1] === "\n" ? to - 1 : to;
    const end = value.indexOf("\n", last) < 0 ? value.length : value.indexOf("\n", last);
    const lines = value.slice(begin, end).split("\n");
    const moved = lines.map((line) =>
      back ? line.replace(/^ {1,4}/, "") : line && `    ${line}`,
    );
    const text = moved.join("\n");
    if (text === value.slice(begin, end)) return;
    put(begin, end, text);
    const first = moved[0].length - lines[0].length;
    const rest = text.length - (end - begin);
    area.setSelectionRange(Math.max(begin, from + first), Math.max(begin, to + rest));
  };

  const tab = (event) => {
    if (leaving || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey || area.selectionStart !== area.selectionEnd) shift(event.shiftKey);
    else document.execCommand("insertText", false, " ".repeat(4 - (before().length % 4)));
  };

  const backspace = (event) => {
    const { selectionStart: at, selectionEnd: end } = area;
    const indent = before();
    if (at !== end || !/^ {2,}$/.test(indent) || event.ctrlKey || event.altKey || event.metaKey)
      return;
    event.preventDefault();
    put(at - ((indent.length - 1) % 4) - 1, at, "");
  };

  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    ({ Enter: enter, Tab: tab, Backspace: backspace })[event.key]?.(event);
    if (!["Tab", "Shift"].includes(event.key)) leaving = event.key === "Escape";
  });
  area.addEventListener("blur", () => (leaving = false));
};
