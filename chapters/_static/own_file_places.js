// Where the files of a panel are chosen or dropped.
(() => {
  const { make } = recbookLive;
  const MOST = 50e6; // bytes of a file; a larger one wants more memory than a tab has

  // A place for one file: a button, room to drop it on, what was read or is wrong.
  const place = (told, job, commandFor, choose) => {
    const id = `own-${job}-file-${told.name}`;
    const accept = ".csv,.tsv,.txt,.xlsx,.gz";
    const input = make("input", { type: "file", className: "visually-hidden", id, accept });
    const label = make("label", { className: "own-choose", htmlFor: id });
    const which = recbookSay(": {what}", { what: told.label });
    label.append(recbookSay("Choose a file"), make("span", { className: "visually-hidden" }, which));
    const name = make("b", {}, told.label);
    const heading = make("p", { className: "own-name" }, name);
    if (!told.needed) heading.append(" ", make("small", {}, recbookSay("optional")));
    const help = make("small", { className: "own-help", id: `${id}-help` }, told.help ?? "");
    const wrong = make("div", { className: "own-wrong", id: `${id}-wrong`, hidden: true });
    const read = make("div", { className: "own-opened" });
    const or = make("span", { className: "own-or" }, recbookSay("or drop it here"));
    const row = make("div", { className: "own-row" }, input, label, or);
    const box = make("div", { className: "own-slot" }, heading, help, row, wrong, read);
    const slot = { ...told, box, row, input, chosen: null, read: null, bad: false };

    slot.blame = (...words) => {
      slot.bad = words.length > 0;
      wrong.replaceChildren(...words);
      wrong.hidden = !slot.bad;
      const about = slot.bad ? [wrong.id, help.id] : [help.id];
      input.setAttribute("aria-describedby", about.join(" "));
      if (slot.bad) input.setAttribute("aria-invalid", true);
      else input.removeAttribute("aria-invalid");
      if (slot.bad) input.focus();
    };
    slot.show = (...nodes) => read.replaceChildren(...nodes);
    // `file` is what the browser gave, or nothing for the book's own of that name.
    slot.take = (name, file) => {
      slot.blame();
      slot.show();
      slot.read = null;
      slot.chosen = name ? { name, file } : null;
      or.textContent = name ?? recbookSay("or drop it here");
      if (file?.size > MOST) {
        const told = { name, size: Math.ceil(file.size / 1e6), most: MOST / 1e6 };
        const words = recbookSay(
          "{name} has {size} MB. A page takes up to {most} MB; the command has no such limit:",
          told,
        );
        slot.chosen = null;
        slot.blame(make("p", {}, words), commandFor(slot, name));
      } else choose(slot);
    };
    input.addEventListener("change", () => slot.take(input.files[0]?.name, input.files[0]));
    slot.blame();
    return slot;
  };

  // A file may be dropped anywhere: elsewhere on the page the browser would open it.
  const drops = (all) => {
    if (!all.length) return;
    const at = ({ target }) => {
      const slot = all.find(({ box }) => box.contains(target));
      return slot ?? all.find(({ needed, chosen }) => needed && !chosen) ?? all[0];
    };
    const carries = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      for (const slot of all) slot.box.classList.toggle("own-over", slot === at(event));
    });
    for (const name of ["drop", "dragleave", "dragend"])
      addEventListener(name, () => all.forEach(({ box }) => box.classList.remove("own-over")));
    addEventListener("drop", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      const slot = at(event);
      const [file] = event.dataTransfer.files;
      slot.input.value = "";
      slot.take(file?.name, file);
      slot.input.focus();
      slot.box.scrollIntoView({ block: "nearest" });
    });
  };

  Object.assign(recbookOwn, { place, drops });
})();
