// The search of the Chinese edition, for a query with Han letters. They have no spaces, and
// a machine that divides them into words loses the book's own (相似 | 度). So each piece of
// the query is looked for as it is, in all sections of all pages. SECTIONS is of
// search-data.js, QUERY, SHOWN and the excerpts are those of search.js. A query without Han
// letters is answered by Sphinx' index, as in English.
{
  const HAN = /\p{Script=Han}/u;
  const GLOSSARY = "chapters/appendix/glossary";
  const HELPS = /quick-questions|decisions|appendix\//; // they repeat what chapters teach

  // How often a text has a piece: Han letters anywhere, Latin ones as whole words.
  const counts = (piece) =>
    HAN.test(piece) ? RegExp(escaped(piece), "gi") : RegExp(`(?<![a-z0-9])${escaped(piece)}(?![a-z0-9])`, "gi");
  const WHOLE = QUERY.join("");

  // The other names of the term that is asked for, or of the one whose name has the query
  // and little else: pages say nDCG, and those that are not translated yet only English.
  const otherNames = () => {
    const rest = (names) => Math.min(...names.filter((name) => name.includes(WHOLE)).map((name) => name.length));
    const entries = (SECTIONS[GLOSSARY] ?? []).map(([, names]) => names.toLowerCase().split(" · "));
    const [entry = []] = entries.filter((names) => rest(names) < Infinity).sort((a, b) => rest(a) - rest(b));
    return entry.filter((name) => name !== WHOLE);
  };

  // How well a page answers: what its title names, its subtitle, a heading, its text.
  const standing = ({ sections, often, has, share }, mostly) => {
    const [[, title, , subtitle = ""], ...below] = sections;
    if (has(title)) return 400 + 50 * share(title);
    if (has(subtitle)) return 300 + 50 * share(subtitle);
    const headings = below.map(([, heading]) => heading).filter(has);
    const text = 12 * Math.log2(1 + often);
    if (headings.length) return 200 + 50 * Math.max(...headings.map(share)) + text;
    return text + (mostly ? 160 : 0);
  };

  const isTranslated = (sections) => sections.some(([, heading]) => HAN.test(heading));

  // The pages that have all of some words, and how often they have the rarest.
  const pagesWith = (words) => {
    const patterns = words.map(counts);
    const has = (text) => patterns.every((pattern) => text.search(pattern) >= 0);
    const share = (name) => words.join("").length / name.length;
    const rarest = (text) => Math.min(...patterns.map((pattern) => text.match(pattern)?.length ?? 0));
    return Object.entries(SECTIONS)
      .filter(([page]) => page !== GLOSSARY)
      .map(([page, sections]) => {
        const often = rarest(sections.map((one) => one.slice(1).join(" ")).join(" "));
        return { page, sections, often, has, share };
      })
      .filter(({ often }) => often);
  };

  const pages = () =>
    [QUERY, ...otherNames().map((name) => [name])].flatMap((words, n) => {
      const found = pagesWith(words);
      const chapters = found.filter(({ page }) => !HELPS.test(page));
      const all = chapters.reduce((sum, { often }) => sum + often, 0);
      return found.map((one) => {
        const helps = HELPS.test(one.page);
        const mostly = !helps && one.often > 9 && one.often > all / 2;
        const behind = (helps ? 60 : 0) + (n ? 20 : 0) + (isTranslated(one.sections) ? 0 : 180);
        return [one.page, "", standing(one, mostly) - behind];
      });
    });

  const terms = () =>
    (SECTIONS[GLOSSARY] ?? []).flatMap(([id, names, text]) => {
      const [name] = names.toLowerCase().split(" · ");
      if (!HAN.test(name)) return []; // the row of its English name
      const share = WHOLE.length / name.replaceAll(" ", "").length;
      if (QUERY.every((piece) => name.includes(piece)))
        return [[GLOSSARY, `#${id}`, 60 + 90 * share + (name.startsWith(WHOLE) ? 20 : 0)]];
      return QUERY.every((piece) => `${name} ${text}`.toLowerCase().includes(piece)) ? [[GLOSSARY, `#${id}`, 1]] : [];
    });

  // A question as one asks it, 怎么评估推荐, stands on no page: so its words are looked for
  // without what makes a question of them, and if need be by pairs of letters.
  const FILLERS = /怎么样?|怎样|如何|为什么|什么|哪[些个]|多少|[的了吗呢吧和与是做在有要能]/u;
  const loosely = () => {
    const words = QUERY.flatMap((piece) => piece.split(FILLERS)).filter(Boolean);
    const pairs = words.flatMap((word) =>
      HAN.test(word) && word.length > 2 ? [...word].slice(1).map((letter, n) => word[n] + letter) : [word],
    );
    SHOWN.push(...words, ...pairs);
    const whole = words.length ? pagesWith(words) : [];
    if (whole.length) return whole.map((one) => [one.page, "", standing(one, false) + (isTranslated(one.sections) ? 180 : 0)]);
    const found = Object.entries(SECTIONS).map(([page, sections]) => {
      const has = (text) => pairs.filter((pair) => text.search(counts(pair)) >= 0).length;
      const text = sections.map((one) => one.slice(1).join(" ")).join(" ");
      return [page, "", has(text) + has(sections[0][1]) + (isTranslated(sections) && !HELPS.test(page) ? 1 : 0), has(text)];
    });
    return found.filter(([, , , often]) => often > pairs.length / 2);
  };

  // What Sphinx expects: [page, title, anchor, description, score, file], the best last.
  const bySphinx = Search._performSearch;
  Search._performSearch = (query, ...rest) => {
    if (!HAN.test(query)) return bySphinx(query, ...rest);
    SHOWN.push(...otherNames());
    const { docnames, titles, filenames } = Search._index;
    const best = new Map();
    const found = [...pages(), ...terms()];
    for (const [page, anchor, score] of found.length ? found : loosely()) {
      const at = docnames.indexOf(page);
      const place = page + anchor;
      if (at >= 0 && (best.get(place)?.[4] ?? -Infinity) < score)
        best.set(place, [page, titles[at], anchor, null, score, filenames[at]]);
    }
    return [...best.values()].sort((a, b) => a[4] - b[4]).slice(-60);
  };
}
