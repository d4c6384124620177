// The menus of a panel for the reader's file: one for each argument of the report, of the
// kind that Python names. Names of columns and their values are the reader's: they are
// text, never markup.
(() => {
  const { make } = recbookLive;

  const options = (values, none) => [
    ...(none === undefined ? [] : [make("option", { value: "" }, none)]),
    ...values.map((value) => make("option", { value }, value || recbookSay("its numbers"))),
  ];

  // Each returns [what is shown, what gives its value (undefined: none), what sets it].
  const kinds = {
    choice({ choices, needed, value }, id) {
      const none = needed && value ? undefined : "—";
      const select = make("select", { id }, ...options(choices, none));
      return [select, () => select.value || undefined, (to) => (select.value = to ?? "")];
    },

    column: (field, id) => kinds.choice({ ...field, value: null }, id),

    // What is typed; some of what can be is offered.
    text({ kind, choices }, id) {
      const input = make("input", { id, type: "text", autocomplete: "off", spellcheck: false });
      if (kind === "number") input.inputMode = "decimal";
      const list = make("datalist", { id: `${id}-choices` }, ...options(choices));
      if (choices.length) input.setAttribute("list", list.id);
      const get = () => input.value.trim() || undefined;
      return [make("div", {}, input, list), get, (to) => (input.value = to ?? "")];
    },

    columns({ choices }, id) {
      const boxes = choices.map((value) => make("input", { type: "checkbox", value }));
      if (boxes.length) boxes[0].id = id;
      const lines = boxes.map((box) => make("label", {}, box, ` ${box.value}`));
      const get = () => {
        const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
        return chosen.length ? chosen : undefined;
      };
      const set = (to) => boxes.forEach((box) => (box.checked = (to ?? []).includes(box.value)));
      return [make("div", { className: "own-checks" }, ...lines), get, set];
    },

    // A column, and which of its values counts.
    label({ choices, label }, id) {
      const column = make("select", { id }, ...options(Object.keys(choices), "—"));
      const value = make("select", { id: `${id}-label` });
      value.setAttribute("aria-label", recbookSay("{name}: which value", { name: label }));
      const fill = () => {
        const values = choices[column.value] ?? [];
        value.replaceChildren(...options(values, values.length === 1 ? undefined : "—"));
        value.disabled = !values.length;
      };
      column.addEventListener("change", fill);
      const get = () => {
        return column.value ? [column.value, value.value] : undefined;
      };
      const set = (to) => {
        [column.value, value.value] = ["", ""];
        const [name, one] = Array.isArray(to) ? to : [to];
        column.value = name ?? "";
        fill();
        if (one !== undefined) value.value = one;
      };
      fill();
      const is = make("span", { ariaHidden: true }, "=");
      return [make("div", { className: "own-pair" }, column, is, value), get, set];
    },
  };

  // One field: {name, box, get, set, blame}. `blame` says what is wrong with it, beside it.
  const field = (told, job) => {
    const id = `own-${job}-${told.name}`;
    const [shown, get, set] = (kinds[told.kind] ?? kinds.text)({ ...told, choices: told.choices ?? [] }, id);
    const many = told.kind === "columns" || told.kind === "label";
    const name = make(many ? "span" : "label", { className: "own-name", id: `${id}-name` });
    name.textContent = told.label;
    if (!many) name.htmlFor = id;
    if (!told.needed) name.append(" ", make("small", {}, recbookSay("optional")));
    const help = make("small", { className: "own-help", id: `${id}-help` }, told.help ?? "");
    const wrong = make("p", { className: "own-wrong", id: `${id}-wrong`, hidden: true });
    const box = make("div", { className: "own-field" }, name, shown, wrong, help);
    const first = shown.id === id ? shown : shown.querySelector(`[id='${id}']`);
    if (many) {
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", name.id);
      if (told.kind === "label")
        first.setAttribute("aria-label", recbookSay("{name}: column", { name: told.label }));
    }
    const blame = (sentence) => {
      wrong.hidden = !sentence;
      wrong.textContent = sentence ?? "";
      if (!first) return;
      first.setAttribute("aria-describedby", sentence ? `${wrong.id} ${help.id}` : help.id);
      if (sentence) first.setAttribute("aria-invalid", true);
      else first.removeAttribute("aria-invalid");
      if (sentence) {
        const fold = box.closest("details");
        if (fold) fold.open = true;
        first.focus();
      }
    };
    set(told.value);
    blame();
    return { name: told.name, box, get, set, blame };
  };

  // All fields of a job, what is needed first, what few change in a fold.
  // `before` has what the reader had chosen, by name: it stays where it still can.
  const fields = (told, job, before, changed) => {
    const made = told.map((one) => field(one, job));
    const box = make("div", { className: "own-fields" });
    const more = make("div", { className: "own-fields" });
    const fold = make("details", {}, make("summary", {}, recbookSay("More settings")), more);
    const first = (one) => (one.advanced ? 2 : one.needed ? 0 : 1);
    const order = told.map((one, n) => n).sort((a, b) => first(told[a]) - first(told[b]) || a - b);
    for (const n of order) (told[n].advanced ? more : box).append(made[n].box);
    for (const one of made) {
      if (before.has(one.name)) {
        one.set(before.get(one.name));
        if (one.get() === undefined) one.set(told.find(({ name }) => name === one.name).value);
      }
      one.box.addEventListener("input", () => {
        before.set(one.name, one.get());
        one.blame();
        changed(one.name);
      });
    }
    const values = () => {
      const found = made.map(({ name, get }) => [name, get()]);
      return Object.fromEntries(found.filter(([, value]) => value !== undefined));
    };
    const lacks = () => told.some(({ name, needed }, n) => needed && made[n].get() === undefined);
    // Whether there is a field of that name, and what is wrong with it.
    const blame = (name, sentence) => {
      for (const one of made) if (one.name !== name) one.blame();
      const at = made.find((one) => one.name === name);
      at?.blame(sentence);
      return Boolean(at);
    };
    return { nodes: more.children.length ? [box, fold] : [box], values, lacks, blame };
  };

  window.recbookOwn = { fields };
})();
