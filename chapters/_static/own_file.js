// Your file in the page: it is chosen or dropped, read by the page's own Python, its
// columns are named in menus, and the report of one job is shown and saved. Nothing is
// sent and nothing is stored: when the tab is closed, nothing of the file is left.
// The panels stand where your_file.py has put them; without Python for the pages they
// stay the command that they are without scripts.
(() => {
  const { make, shared } = recbookLive;
  if (!shared) return;
  const { fields, opened, receipt, report, command, button, place, drops } = recbookOwn;
  const quoted = (name) => (/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);
  const SOON = 300_000; // rows up to which the receipt is made without being asked for
  const PROMISE = recbookSay(
    " Your file is read in this tab, by Python on your own machine, also without a network. Nothing of it is kept: when you close the tab, it is gone.",
  );

  const panel = (box) => {
    const { job } = box.dataset;
    const told = JSON.parse(box.dataset.slots);
    const line = box.querySelector("pre").textContent.trim();
    const fold = make("details", { className: "own-instead" });
    fold.append(make("summary", {}, recbookSay("With a command instead")), ...box.childNodes);

    // What is told to who listens to the page.
    const speaker = make("p", { className: "visually-hidden" });
    speaker.setAttribute("role", "status");
    const say = (text) => {
      speaker.textContent = "";
      setTimeout(() => (speaker.textContent = text), 50);
    };
    const commandFor = ({ example }, name) =>
      command(example ? line.replace(example, () => quoted(name)) : line, say);

    const heading = (text) => make("h3", { className: "own-step" }, text);
    const menus = make("div", { className: "own-menus" });
    const reading = make("div", { className: "own-receipt" });
    const columns = heading(recbookSay("2 · The columns"));
    const second = make("div", { hidden: true }, columns, menus, reading);
    const press = button(recbookSay("Make the report"), "own-make", () => makeReport());
    const halt = button(recbookSay("Stop"), "own-stop", () => stop());
    const bar = make("progress", { max: 1, ariaLabel: recbookSay("Progress") });
    const state = make("span", { className: "own-state" });
    const wrong = make("p", { className: "own-wrong", tabIndex: -1, hidden: true });
    const row = make("div", { className: "own-row" }, press, halt, bar, state);
    const title = heading(recbookSay("3 · The report"));
    const third = make("div", { className: "own-third", hidden: true }, title, row, wrong);
    const out = make("div", { className: "own-out" });

    // -- one thing after the other ---------------------------------------------------------
    let began = 0; // when what runs began; 0: nothing runs
    let words = "";
    let stops = 0; // what waits when the reader stops is given up
    let last = Promise.resolve();

    const tick = () => {
      if (!began) return;
      const seconds = Math.floor((performance.now() - began) / 1000);
      state.textContent = words + (seconds > 1 ? recbookSay(" · {n} s", { n: seconds }) : "");
    };
    setInterval(tick, 1000);

    const progress = (share, text) => {
      if (text) words = text;
      if (share === undefined || share === null) bar.removeAttribute("value");
      else bar.value = share;
      tick();
    };

    const call = (name, args, transfer = []) =>
      shared.call("recbook_file", name, [job, ...args], { transfer, progress });

    const busy = (on) => {
      began = on ? performance.now() : 0;
      halt.hidden = bar.hidden = !on;
      third.hidden = !on && !menu && !slots.some(({ chosen, bad }) => chosen && !bad);
      title.hidden = !menu;
      press.hidden = on && !menu; // there is nothing yet to make it from
    };

    const complain = (text) => {
      wrong.textContent = text ?? "";
      wrong.hidden = !text;
      if (text) wrong.focus();
    };

    const stale = () =>
      out.matches(".own-old:not(:empty)") ? recbookSay("the report below is an earlier one") : "";

    // Do something when all before it is done; `text` says what.
    const work = (text, act) => {
      const now = stops;
      last = last.then(async () => {
        if (now !== stops) return;
        const cell = shared.busy();
        busy(true);
        progress(undefined, cell ? recbookSay("waits for cell {n}", { n: cell }) : text);
        try {
          state.textContent = (await act(text)) ?? stale();
        } catch (error) {
          if (now !== stops) return;
          state.textContent = "";
          const why = error.message;
          complain(recbookSay("{why}. The file is still chosen: the next press tries again.", { why }));
        } finally {
          if (now === stops) busy(false);
        }
      });
      return last;
    };

    const stop = () => {
      stops += 1;
      shared.stop();
      busy(false);
      state.textContent = recbookSay("stopped; the file is still chosen, the next press starts Python again");
      say(recbookSay("Stopped. The file is still chosen."));
      press.focus();
    };

    // -- files and menus -------------------------------------------------------------------
    const kept = new Map(); // what the reader chose, by field
    let epoch = null; // of the Python that has the files
    let menu = null;
    let rows = 0;
    let soon = 0;

    const read = async (slot) => {
      const { chosen } = slot;
      progress(undefined, recbookSay("reads {name}", { name: chosen.name }));
      const bytes = chosen.file && new Uint8Array(await chosen.file.arrayBuffer());
      const args = [slot.name, chosen.name, ...(bytes ? [bytes] : [])];
      const found = await call("open_file", args, bytes ? [bytes.buffer] : []);
      if (slot.chosen !== chosen) return; // another since
      slot.read = epoch;
      if (!found.fine) {
        slot.blame(found.sentence);
        say(recbookSay("{name} was not read.", { name: chosen.name }));
        return;
      }
      slot.show(...opened(chosen.name, found));
      rows = Math.max(rows, found.rows);
      menu = fields(found.fields, job, kept, changed);
      menus.replaceChildren(...menu.nodes);
      second.hidden = false;
      const told = { name: chosen.name, n: found.rows.toLocaleString("en") };
      say(recbookSay("{name} is read: {n} rows. Its columns can be chosen now.", told));
    };

    // Python has the files: also after it was stopped, and starts empty.
    const ready = async () => {
      if (epoch === null || epoch !== shared.epoch()) {
        await call("begin", []);
        epoch = shared.epoch();
        for (const slot of slots) slot.read = null;
      }
      for (const slot of slots) if (slot.chosen && slot.read !== epoch) await read(slot);
    };

    const choose = (slot) => {
      complain();
      out.classList.add("own-old");
      if (slot.needed) {
        rows = 0;
        menu = null; // its columns are others
        second.hidden = true;
        reading.replaceChildren();
      }
      const name = slot.chosen?.name;
      if (slot.chosen) work(recbookSay("reads {name}", { name }), ready).then(look);
      else if (epoch) work(recbookSay("forgets a file"), () => call("close_file", [slot.name]));
    };

    // -- receipt and report -----------------------------------------------------------------
    const look = () => {
      const now = (soon += 1);
      const able = menu && !menu.lacks() && rows <= SOON && slots.every(({ bad }) => !bad);
      if (!able) return reading.replaceChildren();
      work(recbookSay("reads the columns"), async () => {
        if (now !== soon) return;
        await ready();
        const found = await call("receipt", [menu.values()]);
        if (now === soon) reading.replaceChildren(...(found.length ? receipt(found) : []));
      });
    };

    let waits = 0;
    const changed = () => {
      out.classList.add("own-old");
      state.textContent = stale();
      clearTimeout(waits);
      waits = setTimeout(look, 600); // the reader may not be done
    };

    let making = false; // or waiting for its turn

    const makes = (on) => {
      making = on;
      if (on) press.setAttribute("aria-disabled", true);
      else press.removeAttribute("aria-disabled");
    };

    const makeReport = () => {
      if (making) return;
      complain();
      clearTimeout(waits);
      const empty = slots.find((slot) => slot.needed && !slot.chosen && !slot.bad);
      if (empty) empty.blame(recbookSay("Choose a file: {what}.", { what: empty.label }));
      const bad = slots.find((slot) => slot.bad);
      if (bad) {
        bad.input.focus();
        return;
      }
      makes(true);
      say(recbookSay("The report is being made."));
      work(recbookSay("makes the report"), async (text) => {
        await ready();
        if (!menu || slots.some((slot) => slot.bad)) return "";
        progress(0, text);
        const made = await call("make", [menu.values()]);
        if (!made.fine) {
          if (!menu.blame(made.field, made.sentence)) complain(made.sentence);
          return recbookSay("no report yet");
        }
        menu.blame();
        const { nodes, decision } = report(made, say);
        out.replaceChildren(...nodes);
        out.classList.remove("own-old");
        decision.focus();
        say(recbookSay("The report is made. {decision}", made));
        return recbookSay("made in {n} s", { n: made.seconds.toFixed(1) });
      }).then(() => makes(false));
    };

    // -- the panel --------------------------------------------------------------------------
    const slots = told.map((one) => place(one, job, commandFor, choose));
    const many = slots.length > 1;
    const own = slots.filter(({ example }) => example);
    const offer =
      own.length > 1 ? recbookSay("Try the book's files") : recbookSay("Try the book's file");
    const example = button(offer, "", () => {
      for (const slot of own) {
        slot.input.value = "";
        slot.take(slot.example);
      }
    });
    slots[0].row.append(example);
    const first = heading(many ? recbookSay("1 · The files") : recbookSay("1 · The file"));
    const nothing = make("b", {}, recbookSay("Nothing is sent."));
    const promise = make("p", { className: "own-promise" }, nothing, PROMISE);
    const boxes = slots.map((slot) => slot.box);
    const parts = [promise, first, ...boxes, second, third, out, speaker];
    const live = make("div", { className: "own-file" }, ...parts);
    live.setAttribute("role", "group");
    live.setAttribute("aria-label", many ? recbookSay("Your files") : recbookSay("Your file"));
    busy(false);
    box.replaceChildren(live, fold);
    return slots;
  };

  drops([...document.querySelectorAll(".your-file[data-slots]")].flatMap(panel));
})();
