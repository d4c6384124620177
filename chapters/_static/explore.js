// Figures that a reader moves ({explore}): plain SVG, drawn as wide as their box.
{
  const NS = "http://www.w3.org/2000/svg";
  const make = (name, look = {}, ...inside) => {
    const svg = /^(svg|g|path|rect|circle|text)$/.test(name);
    const node = svg ? document.createElementNS(NS, name) : document.createElement(name);
    for (const [key, value] of Object.entries(look)) node.setAttribute(key, value);
    node.append(...inside);
    return node;
  };
  const line = (points, look) =>
    make("path", {
      d: points.map(([x, y], n) => `${n ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join(""),
      class: look,
    });
  const word = (x, y, text, look = "", anchor = "start") =>
    make("text", { x, y, class: look, "text-anchor": anchor }, text);
  const count = (n) => Math.round(n).toLocaleString("en").replace("-", "−");

  // A row of choices, of which one is taken, or of buttons that do something.
  const choices = (name, words, then) =>
    make("div", { class: "explore-row", role: "group" },
      ...words.map((text, n) => {
        const input = make("input", { type: "radio", name, value: n });
        input.checked = !n;
        input.addEventListener("change", then);
        return make("label", {}, input, ` ${text}`);
      }));
  const slider = (label, [min, max, step, value], then) => {
    const input = make("input", { type: "range", min, max, step, value });
    input.addEventListener("input", then);
    return [input, make("label", { class: "explore-slider" }, label, input)];
  };

  // Two lists, one stop: a square is ten orders, a row a hundred, and the line is what
  // the letters cost. A pile grows from its blue squares upwards, as in the still figure.
  const letters = (box, [anyway, added, anyway2, added2]) => {
    const lists = [[anyway, added], [anyway2, added2]];
    const at = (row, sent) => {
      const n = Math.floor(sent / 1000);
      return row[n] + (sent / 1000 - n) * ((row[n + 1] ?? row[n]) - row[n]);
    };
    const [sent, bar] = slider("Letters sent, the best first", [0, 40000, 250, 22750], () => box.draw());
    const which = choices("explore-list", ["to those who are most likely to order", "to those whom it changes most"], () => box.draw());
    return {
      controls: [which, bar],
      height: () => 212,
      draw(svg, wide) {
        const n = +sent.value;
        const [came, more] = lists[+which.querySelector(":checked").value].map((row) => at(row, n));
        const [side, ground] = [11, 204];
        const level = (orders) => ground - (orders / 100) * side;
        const [full, top] = [more, came + more].map((orders) => Math.round(Math.max(orders, 0) / 10));
        for (let i = 0; i < top; i++) {
          const [x, y] = [(i % 10) * side, ground - side * Math.floor(i / 10 + 1)];
          svg.append(make("rect", { x: x + 1.5, y: y + 1.5, width: side - 3, height: side - 3, class: i < full ? "blue" : "grey" }));
        }
        const cost = n * 0.03; // 0.60 € a letter, 20 € an order
        svg.append(line([[-4, level(cost)], [10 * side + 4, level(cost)]], "mark"));
        const words = [
          [level(more + came / 2), `orders that come anyway: ${count(came)}`, "grey"],
          [level(cost), `orders that pay for the letters: ${count(cost)}`, "orange"],
          [level(more / 2), `orders that the letter adds: ${count(more)}`, "blue"],
        ].sort((one, other) => other[0] - one[0]);
        let below = ground + side;
        for (const [y, text, look] of words) {
          below = Math.min(y, below - 18); // no word on another
          svg.append(word(10 * side + 12, below + 5, text, look));
        }
        const profit = 20 * more - 0.6 * n;
        return [`${count(n)} letters earn ${count(profit)} €`, profit < 0];
      },
    };
  };

  // Tests without an effect, each stopped at the first look beyond 1.96.
  const looks = (box) => {
    let seed = 7;
    const even = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const normal = () => Math.sqrt(-2 * Math.log(even())) * Math.cos(2 * Math.PI * even());
    const tests = Array.from({ length: 200 }, () => {
      let sum = 0;
      return Array.from({ length: 20 }, (_, n) => (sum += normal()) / Math.sqrt(n + 1));
    });
    const [times, bar] = slider("How often somebody looks", [1, 20, 1, 1], () => box.draw());
    return {
      controls: [bar],
      height: () => 190,
      draw(svg, wide) {
        const k = +times.value;
        const when = Array.from({ length: k }, (_, n) => Math.round((20 * (n + 1)) / k) - 1);
        const [x, y] = [(n) => 8 + (n / 19) * (wide - 16), (z) => 88 - 23 * z];
        let wrong = 0;
        tests.forEach((test, n) => {
          const stop = when.find((look) => Math.abs(test[look]) > 1.96);
          wrong += stop !== undefined;
          if (n >= 60) return; // more would be a carpet
          const path = test.slice(0, (stop ?? 19) + 1).map((z, i) => [x(i), y(z)]);
          svg.append(line(path, stop === undefined ? "thin" : "orange"));
          if (stop === undefined) return;
          const [cx, cy] = path.at(-1);
          svg.append(make("circle", { cx, cy, r: 3.5, class: "orange" }));
        });
        for (const z of [1.96, -1.96]) svg.append(line([[8, y(z)], [wide - 8, y(z)]], "bound"));
        for (const n of when) svg.append(line([[x(n), 172], [x(n), 180]], "bound"));
        const times_ = k > 1 ? `${k} looks` : "One look";
        return [`${times_}: ${wrong} of 200 tests without an effect “found” one`, wrong > 20];
      },
    };
  };

  // Orders on a ruler of two years, and the probability of being a customer still.
  const silence = (box, [r, alpha, a, b]) => {
    const LIVES = [[24, 52], Array.from({ length: 12 }, (_, n) => (52 / 12) * (n + 1))];
    let orders = LIVES[0];
    const alive = (today) => {
      const past = orders.filter((week) => week <= today);
      const last = Math.max(0, ...past);
      const odds = (a / (b + past.length - 1)) * ((alpha + today) / (alpha + last)) ** (r + past.length);
      return past.length ? 1 / (1 + odds) : 1;
    };
    const [day, bar] = slider("Today, in weeks since the first order", [1, 104, 1, 78], () => box.draw());
    const lives = choices("explore-life", ["seldom", "monthly"], ({ target }) => {
      orders = LIVES[+target.value];
      box.draw();
    });
    const more = make("button", { type: "button" }, "an order today");
    const less = make("button", { type: "button" }, "take the last one away");
    more.addEventListener("click", () => {
      orders = [...orders, +day.value].sort((v, w) => v - w);
      box.draw();
    });
    less.addEventListener("click", () => {
      orders = orders.filter((week) => week < Math.max(...orders));
      box.draw();
    });
    lives.append(more, less);
    return {
      controls: [lives, bar],
      height: () => 182,
      draw(svg, wide) {
        const today = +day.value;
        const [x, y] = [(week) => 28 + (week / 104) * (wide - 42), (p) => 124 - 104 * p];
        const curve = Array.from({ length: 4 * today + 1 }, (_, n) => [x(n / 4), y(alive(n / 4))]);
        for (const p of [0, 0.5, 1]) {
          svg.append(line([[28, y(p)], [wide - 14, y(p)]], "rule"), word(22, y(p) + 4, p, "", "end"));
        }
        svg.append(line(curve, "curve"), line([[28, 158], [wide - 14, 158]], "bound"));
        for (const week of [0, ...orders]) {
          const look = week <= today ? "blue" : "blue later";
          svg.append(make("circle", { cx: x(week), cy: 158, r: 5, class: look }));
        }
        svg.append(line([[x(today), 12], [x(today), 168]], "today"));
        svg.append(word(Math.min(Math.max(x(today), 24), wide - 24), 180, "today", "", "middle"));
        const past = orders.filter((week) => week <= today);
        const silent = Math.round(today - Math.max(0, ...past));
        const times = past.length === 1 ? "1 more order" : `${past.length} more orders`;
        const weeks = silent === 1 ? "1 week" : `${silent} weeks`;
        return [`${times}, silent for ${weeks}: still a customer with probability ${alive(today).toFixed(2)}`];
      },
    };
  };

  const figures = { letters, looks, silence };
  for (const box of document.querySelectorAll(".explore")) {
    const [, glued] = box.querySelectorAll(":scope > p");
    const data = glued ? JSON.parse(glued.textContent.replaceAll("−", "-").replace(/['"]/g, "")) : [];
    glued?.remove();
    const svg = make("svg", { role: "img" });
    const told = make("output", { "aria-live": "polite" });
    const figure = figures[box.dataset.figure](box, data);
    box.draw = () => {
      const wide = box.clientWidth;
      if (!wide) return; // on paper
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${wide} ${figure.height()}`);
      const [text, bad] = figure.draw(svg, wide);
      const words = [...svg.querySelectorAll("text")].map((node) => node.textContent);
      svg.setAttribute("aria-label", words.join(", ") || "The same, drawn");
      told.textContent = text;
      told.classList.toggle("bad", Boolean(bad));
    };
    box.append(...figure.controls, svg, told);
    box.hidden = false;
    new ResizeObserver(box.draw).observe(box);
  }
}
