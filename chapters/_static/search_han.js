// The search of the Chinese edition, for a query with Han letters. They have no spaces, and
// a machine that divides them into words loses the book's own (相似 | 度). So each piece of
// the query is looked for as it is, in all sections of all pages. SECTIONS is of
// search-data.js, QUERY and the excerpts are those of search.js. A query without Han
// letters is answered by Sphinx' index, as in English.
{
  const HAN = /\p{Script=Han}/u;
  const GLOSSARY = "chapters/appendix/glossary";
  const HELPS = /quick-questions|decisions|appendix\//; // they repeat what chapters teach

  const count = (text, piece) => text.toLowerCase().split(piece).length - 1;
  const share = (name) => QUERY.join("").length / name.length;

  // The English names of a term, if the query is one of its Chinese names: by them the
  // pages are found that are not translated yet.
  const englishOf = () => {
    const whole = QUERY.join("");
    const entries = (SECTIONS[GLOSSARY] ?? []).map(([, names]) => names.toLowerCase().split(" · "));
    const entry = entries.find((names) => names.some((name) => name.replaceAll(" ", "") === whole));
    return entry?.filter((name) => !HAN.test(name)) ?? [];
  };

  // How well a page answers: what its title names, its subtitle, a heading, its text.
  const standing = (sections, has, often, mostly) => {
    const [[, title, , subtitle = ""], ...below] = sections;
    if (has(title)) return 400 + 50 * share(title);
    if (has(subtitle)) return 300 + 50 * share(subtitle);
    const headings = below.map(([, heading]) => heading).filter(has);
    if (headings.length) return 200 + 50 * Math.max(...headings.map(share)) + often;
    return often + (mostly ? 160 : 0);
  };

  // [page, how often it has the pieces, what says whether a text has all of them].
  const pagesWith = (words, isTranslated) => {
    const has = (text) => words.every((word) => text.toLowerCase().includes(word));
    return Object.entries(SECTIONS)
      .filter(([page, sections]) => page !== GLOSSARY && isTranslated === isHan(sections))
      .map(([page, sections]) => [page, sections, sections.map((one) => one.slice(1).join(" ")).join(" ")])
      .filter(([, , text]) => has(text))
      .map(([page, sections, text]) => {
        const often = Math.min(...words.map((word) => count(text, word)));
        return { page, sections, often, has };
      });
  };
  const isHan = (sections) => sections.some(([, heading]) => HAN.test(heading));

  const pages = () => {
    const found = pagesWith(QUERY, true);
    const chapters = found.filter(({ page }) => !HELPS.test(page));
    const all = chapters.reduce((sum, { often }) => sum + often, 0);
    const scored = found.map(({ page, sections, often, has }) => {
      const helps = HELPS.test(page);
      const mostly = !helps && often > 9 && often > all / 2;
      return [page, "", standing(sections, has, 12 * Math.log2(1 + often), mostly) - (helps ? 60 : 0)];
    });
    for (const name of englishOf())
      for (const { page, sections, often, has } of pagesWith([name], false))
        scored.push([page, "", standing(sections, has, 3 * Math.log2(1 + often), false) / 3 - 25]);
    return scored;
  };

  const terms = () =>
    (SECTIONS[GLOSSARY] ?? []).flatMap(([id, names, text]) => {
      const [name] = names.toLowerCase().split(" · ");
      if (!HAN.test(name)) return []; // the row of its English name
      const whole = QUERY.join("");
      if (QUERY.every((piece) => name.includes(piece)))
        return [[GLOSSARY, `#${id}`, 60 + 90 * share(name.replaceAll(" ", "")) + (name.startsWith(whole) ? 20 : 0)]];
      return QUERY.every((piece) => `${name} ${text}`.toLowerCase().includes(piece)) ? [[GLOSSARY, `#${id}`, 1]] : [];
    });

  // What Sphinx expects: [page, title, anchor, description, score, file], the best last.
  const bySphinx = Search._performSearch;
  Search._performSearch = (query, ...rest) => {
    if (!HAN.test(query)) return bySphinx(query, ...rest);
    const { docnames, titles, filenames } = Search._index;
    const best = new Map();
    for (const [page, anchor, score] of [...pages(), ...terms()]) {
      const at = docnames.indexOf(page);
      const place = page + anchor;
      if (at >= 0 && (best.get(place)?.[4] ?? -Infinity) < score)
        best.set(place, [page, titles[at], anchor, null, score, filenames[at]]);
    }
    return [...best.values()].sort((a, b) => a[4] - b[4]).slice(-60);
  };
}
