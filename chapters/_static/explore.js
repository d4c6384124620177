// Figures that a reader moves ({explore}): plain SVG, drawn as wide as their box.
{
  const line = (look, ...points) =>
    `<path class="${look}" d="M${points.map((point) => point.map((x) => x.toFixed(1))).join("L")}"/>`;
  const dot = (look, x, y, r) => `<circle class="${look}" cx="${x}" cy="${y}" r="${r}"/>`;
  const bar = (look, x, y, width, height) =>
    `<rect class="${look}" x="${x}" y="${y}" width="${width}" height="${height}"/>`;
  const word = (text, x, y, look = "") => `<text class="${look}" x="${x}" y="${y}">${text}</text>`;
  const rule = (look, y, wide, text = "") => line(look, [0, y], [wide, y]) + word(text, 0, y - 6);
  const axis = (low, high, from, to) => (x) => from + ((x - low) / (high - low)) * (to - from);
  const list = (length, of) => Array.from({ length }, (_, n) => of(n));
  const count = (x, digits) => x.toFixed(digits).replace("-", "−").replace(/\B(?=(\d{3})+$)/g, ",");
  const euros = (x) => `${count(x)}\u00a0€`;

  // Two lists, one stop. A square is ten orders, a row a hundred, the line what letters cost.
  const letters = (rows) => ({
    height: 212,
    slider: [recbookSay("Letters sent, the best first"), 0, 40000, 1000, 23000],
    choices: [
      recbookSay("to those who are most likely to order"),
      recbookSay("to those whom it changes most"),
    ],
    draw(wide, sent, which) {
      const [came, more] = rows.slice(2 * which, 2 * which + 2).map((row) => row[sent / 1000]);
      const cost = sent * 0.03; // 0.60 € a letter, 20 € an order
      const level = axis(0, 100, 204, 193);
      const square = (i) => {
        const [x, y] = [11 * (i % 10), level(100 * Math.floor(i / 10 + 1))];
        return bar(10 * i < more - 5 ? "blue" : "grey", x + 1.5, y + 1.5, 8, 8);
      };
      let below = 215;
      const words = [
        [more + came / 2, recbookSay("orders that come anyway"), came, "grey"],
        [cost, recbookSay("orders that pay for the letters"), cost, "orange"],
        [more / 2, recbookSay("orders that the letter adds"), more, "blue"],
      ].sort(([one], [other]) => one - other);
      const profit = 20 * more - 0.6 * sent;
      const told = { n: count(sent), profit: euros(profit) };
      return [recbookSay("{n} letters earn {profit}", told), profit < 0,
        list(Math.round((came + more) / 10), square),
        line("mark", [-4, level(cost)], [114, level(cost)]),
        words.map(([height, name, orders, look]) => {
          below = Math.min(level(height), below - 18); // no word on another
          return word(recbookSay("{name}: {n}", { name, n: count(orders) }), 122, below + 5, look);
        })];
    },
  });

  // Tests without an effect, each stopped at the first look beyond 1.96.
  const looks = () => {
    let seed = 7;
    const even = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const normal = () => Math.sqrt(-2 * Math.log(even())) * Math.cos(2 * Math.PI * even());
    const tests = list(200, () => {
      let sum = 0;
      return list(20, (n) => (sum += normal()) / Math.sqrt(n + 1));
    });
    return {
      slider: [recbookSay("How often somebody looks"), 1, 20, 1, 1],
      draw(wide, k) {
        const when = list(k, (n) => Math.round((20 * (n + 1)) / k) - 1);
        const [x, y] = [axis(0, 19, 4, wide - 4), axis(0, 1, 88, 65)];
        let wrong = 0;
        const paths = tests.map((test) => {
          const stop = when.find((look) => Math.abs(test[look]) > 1.96);
          const path = test.slice(0, (stop ?? 19) + 1).map((z, n) => [x(n), y(z)]);
          if (stop === undefined) return line("thin", ...path);
          wrong++;
          return line("found", ...path) + dot("orange", ...path.at(-1), 3.5);
        });
        const told =
          k > 1
            ? recbookSay("{k} looks: {n} of 200 tests without an effect “found” one", { k, n: wrong })
            : recbookSay("One look: {n} of 200 tests without an effect “found” one", { n: wrong });
        return [told, wrong > 20,
          paths.slice(0, 60), // more is a carpet
          [1.96, -1.96].map((z) => rule("bound", y(z), wide)), word(recbookSay("significant"), wide, y(1.96) - 5, "end"),
          when.map((n) => line("bound", [x(n), 168], [x(n), 174])), word(recbookSay("looks"), wide, 188, "end")];
      },
    };
  };

  // Orders on a ruler of two years, and the probability of being a customer still.
  const silence = ([r, alpha, a, b]) => {
    const lives = [[24, 52], list(12, (n) => (52 / 12) * (n + 1))];
    let [orders, life] = [];
    const history = (today) => {
      const past = orders.filter((week) => week <= today);
      return [past.length, Math.max(0, ...past)];
    };
    const alive = (today) => {
      const [n, last] = history(today);
      const odds = (a / (b + n - 1)) * ((alpha + today) / (alpha + last)) ** (r + n);
      return n ? 1 / (1 + odds) : 1;
    };
    return {
      slider: [recbookSay("Today, in weeks since the first order"), 1, 104, 1, 78],
      choices: [recbookSay("orders seldom"), recbookSay("orders monthly")],
      buttons: {
        [recbookSay("an order today")]: (today) => (orders = [...orders, today].sort((v, w) => v - w)),
        [recbookSay("take the last one away")]: () => (orders = orders.slice(0, -1)),
      },
      draw(wide, today, which) {
        if (which !== life) [orders, life] = [lives[which], which];
        const [x, y] = [axis(0, 104, 20, wide - 20), axis(0, 1, 124, 20)];
        const [n, last] = history(today);
        const told = recbookSay(
          "Orders since: {n}, weeks of silence: {weeks}, still a customer with probability {p}",
          { n, weeks: count(today - last), p: count(alive(today), 2) },
        );
        return [told, false,
          rule("rule", y(1), wide, recbookSay("surely a customer")),
          rule("rule", y(0), wide, recbookSay("surely gone")),
          line("curve", ...list(4 * today + 1, (n) => [x(n / 4), y(alive(n / 4))])),
          rule("bound", 158, wide),
          [0, ...orders].map((week) => dot(week <= today ? "blue" : "blue later", x(week), 158, 5)),
          line("today", [x(today), 12], [x(today), 168]), word(recbookSay("today"), x(today), 180, "middle")];
      },
    };
  };

  // Votes hang from a ruler. A negative weight lifts it, or hangs at the mirror image.
  const ruler = ([mean, weights, votes]) => ({
    slider: [recbookSay("Dee’s weight"), -1, 1, 0.01, 0.6],
    choices: [recbookSay("divide by Σw"), recbookSay("divide by Σ|w|")],
    draw(wide, given, mirror) {
      const x = axis(-1, 6.5, 0, wide);
      let [pull, sum] = [0, 0];
      const hung = ["Ann", "Bob", "Dee", "Eve"].map((name, n) => {
        let [w, vote] = [weights[n], votes[n]];
        if (n === 2 && Math.abs(w - given) > 0.005) w = given; // her own has more digits
        const [text, look] = [`${name} ${count(w, 2)}`, w < 0 ? "orange" : "grey"];
        if (mirror && w < 0) [w, vote] = [-w, -vote];
        [pull, sum] = [pull + w * vote, sum + w];
        const [from, y] = w < 0 ? [62, 34] : [84, 118 + 27 * (n % 3)];
        const [at, r] = [x(mean + vote), 17 * Math.sqrt(Math.abs(w))];
        return line("bound", [at, from], [at, y]) + dot(look, at, y, r) + word(text, ...(n ? [at + r + 5, y + 5] : [at - r - 5, y + 5, "end"]));
      });
      const guess = mean + pull / sum;
      const off = guess < 1 || guess > 5;
      const tip = Math.min(Math.max(x(guess), 9), wide - 9);
      const told = { sum: `${mirror ? "Σ|w|" : "Σw"} = ${count(sum, 2)}`, stars: count(guess, 2) };
      return [recbookSay("{sum}: the ruler balances at {stars} stars", told), off,
        bar("board", x(0.7), 62, x(5.3) - x(0.7), 22),
        [1, 2, 3, 4, 5].map((star) => word(star, x(star), 78, "middle")),
        mirror ? line("today", [x(mean), 30], [x(mean), 110]) + word(recbookSay("mirror: Cem’s mean"), x(mean), 24, "middle") : "",
        hung,
        line(off ? "orange" : "blue", [tip, 85], [tip - 9, 101], [tip + 9, 101])];
    },
  });

  // One divisor for all bids of a day: when the money is gone, and what it buys.
  const divisor = ([budget, best, ...days]) => ({
    slider: [recbookSay("Divide each bid by"), 1, 4, 0.1, 1],
    draw(wide, by) {
      const [value, clock, hour, ...spent] = days[Math.round(10 * by) - 10];
      const [x, y] = [axis(0, 24, 16, wide - 16), axis(0, budget, 124, 24)];
      const curve = spent.map((euro, n) => [x(Math.min(2 * n, hour)), y(euro)]);
      const end = curve.at(-1);
      const told = recbookSay("Divided by {by}: {spent} spent by {clock}, worth {value}", {
        by, spent: euros(spent.at(-1)), clock, value: euros(value),
      });
      return [told, value < 0.8 * best,
        rule("rule", 24, wide, recbookSay("budget: {euros}", { euros: euros(budget) })), rule("bound", 124, wide),
        [0, 6, 12, 18, 24].map((h) => word(`${h}:00`, x(h), 144, "middle")),
        line("curve", ...curve),
        hour < 24 ? line("mark", end, [x(24), end[1]]) + dot("orange", ...end, 5) : "",
        word(recbookSay("bought"), 0, 168), word(recbookSay("the most possible"), wide, 168, "end"),
        bar("blue", 0, 174, (wide * value) / best, 14), bar("board", 0, 174, wide, 14)];
    },
  });

  const figures = { letters, looks, silence, ruler, divisor };
  for (const box of document.querySelectorAll(".explore")) {
    const name = box.dataset.figure;
    const figure = figures[name](JSON.parse(box.dataset.numbers));
    const { height = 190, slider: [label, min, max, step, value], choices = [], buttons = {} } = figure;
    const choice = (text, n) =>
      `<label><input type="radio" name="${name}" value="${n}"${n ? "" : " checked"}> ${text}</label>`;
    const button = (text) => `<button type="button">${text}</button>`;
    const row = [...choices.map(choice), ...Object.keys(buttons).map(button)];
    box.insertAdjacentHTML("beforeend", `<div>${row.join("")}</div>
      <label>${label} <input type="range" min="${min}" max="${max}" step="${step}" value="${value}"></label>
      <output></output><svg role="img"></svg>`);
    const [, , { control }, told, svg] = box.children;
    const draw = () => {
      const wide = box.clientWidth;
      if (!wide) return; // on paper
      const [text, bad, ...parts] = figure.draw(wide, +control.value, +box.querySelector(":checked")?.value);
      svg.setAttribute("viewBox", `0 0 ${wide} ${height}`);
      svg.innerHTML = parts.flat().join("");
      const words = [...svg.querySelectorAll("text")].map((node) => node.textContent);
      svg.setAttribute("aria-label", words.join(", "));
      told.textContent = text;
      told.classList.toggle("bad", bad);
    };
    box.addEventListener("input", draw);
    box.addEventListener("click", ({ target }) => {
      buttons[target.textContent]?.(+control.value);
      draw();
    });
    box.hidden = false;
    new ResizeObserver(draw).observe(box);
  }
}
