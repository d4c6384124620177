// What the scripts say, in the edition's language. Only an edition in another language
// has words.js with a table; in English a sentence is its own translation.
//
//   recbookSay("Code, {n} lines", { n: 12 })
window.recbookSay = (sentence, values = {}) => {
  const text = window.recbookWords?.[sentence] ?? sentence;
  return text.replace(/\{(\w+)\}/g, (field, name) => values[name] ?? field);
};
