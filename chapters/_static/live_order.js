// Which cells have to run before one, by what the page tells of them, and what the
// reader's code has done to the book's names.
recbookLive.order = (cells) => {
  // Name → {maker, changer}: who gave it its value, and who changed that last.
  const owners = new Map();
  // Of a cell `gives` and `changes` are the names that it has ever given or changed, by
  // its printed code or the reader's; `done` is what its last run stood on, `shows` what
  // its result does: the version of each cell that it needs, and its own.
  const edited = (cell) => cell.text !== cell.source;
  const standing = (cell) => [...cell.needs, cell.n].map((n) => cells[n].version);
  const isDone = (cell) => cell.done?.join() === standing(cell).join();

  // The cells that have to run before this one; what the reader's code had changed of the
  // book's names, and loses by that, goes into `lost`, as {name: who changed it}.
  const stale = (cell, lost) => {
    const again = new Set(cell.needs.filter((n) => !isDone(cells[n])));
    const known = new Set([...cell.needs, cell.n]);
    const check = ({ n, needs, reads }) => {
      for (const [name, maker] of Object.entries(reads)) {
        const owner = owners.get(name);
        // A needed cell in between gives it, too, since the reader has changed that cell.
        const mended = owner?.maker > maker && owner.maker < n && needs.includes(owner.maker);
        const given = owner?.maker === maker || mended;
        const changed = owner?.changer != null && !known.has(owner.changer);
        if (given && !changed) continue;
        again.add(maker);
        const by = given ? owner.changer : owner?.maker;
        if (by !== undefined && !known.has(by) && edited(cells[by])) lost[name] = by;
      }
    };
    check(cell);
    for (const n of again) {
      check(cells[n]); // what it reads may have another value by now
      // and what others give or change of its names is to be given or changed again
      for (const m of cell.needs) {
        const names = [...cells[m].gives, ...cells[m].changes];
        if (m > n && names.some((name) => cells[n].gives.has(name))) again.add(m);
      }
    }
    return [...again].sort((a, b) => a - b).map((n) => cells[n]);
  };

  // After a run; of the reader's code Python has told what it did.
  const own = (cell, { binds = cell.binds, touches = cell.touches }) => {
    for (const name of touches) {
      cell.changes.add(name);
      const owner = owners.get(name);
      if (owner) owner.changer = cell.n;
    }
    for (const name of binds) {
      cell.gives.add(name);
      owners.set(name, { maker: cell.n, changer: null });
    }
  };

  // What the reader loses by a press on a cell of the book, in words.
  const notes = (lost) =>
    [...new Set(Object.values(lost))].map((n) => {
      const names = Object.keys(lost).filter((name) => lost[name] === n);
      const values = { names: names.join(recbookSay(", ")), n: cells[n].label };
      return names.length > 1
        ? recbookSay("{names} have the book's values again: cell {n}, which you edited, had changed them.", values)
        : recbookSay("{names} has the book's value again: cell {n}, which you edited, had changed it.", values);
    });

  // Which cell gives a name that one was lacking: the nearest before it, else after it.
  const giver = (cell, name) => {
    const statement = `(?:def|class|for|from|import)\\b.*\\b${name}\\b`;
    const line = new RegExp(`^(?:${statement}|[\\w, ]*\\b${name}\\b[\\w, ]*=(?!=))`, "m");
    const gives = (one) => (edited(one) ? line.test(one.text) : one.binds.includes(name));
    const found = cells.filter((one) => one.run && one !== cell && gives(one));
    return found.findLast((one) => one.n < cell.n) ?? found[0];
  };

  return { edited, standing, stale, own, notes, giver, forget: () => owners.clear() };
};
