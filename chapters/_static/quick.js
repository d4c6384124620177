// Quick questions: each option gets a button, and a choice its line of feedback. What is
// right, and the feedback, stand in the page already: they are what is read without this
// script. Nothing is stored or sent.

const questions = [...document.querySelectorAll("fieldset.quick")];
const tried = new Map(); // question → was its first choice right?
const right = (question, letter) => question.dataset.right === letter;

const add = (parent, tag, className, text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
};

const score = questions.length && add(questions.at(-1).parentElement, "p", "quick-score");
if (score) score.setAttribute("role", "status");

const count = () => {
  const all = questions.length;
  const firsts = [...tried.values()].filter(Boolean).length;
  score.textContent =
    tried.size < all
      ? recbookSay("{n} of {all} answered", { n: tried.size, all })
      : recbookSay("{n} of {all} at the first try", { n: firsts, all });
};

for (const question of questions) {
  const answer = question.querySelector("details");
  const feedback = document.createElement("p");
  feedback.className = "quick-feedback";
  feedback.setAttribute("role", "status"); // read aloud as soon as it is filled
  answer.before(feedback);

  const choose = (letter, option) => {
    const isRight = right(question, letter);
    if (!tried.has(question)) tried.set(question, isRight);
    option.classList.add(isRight ? "quick-right" : "quick-wrong");
    option.querySelector(".quick-mark").textContent = isRight
      ? recbookSay("✓ right")
      : recbookSay("✗ not this one");
    const why = answer.querySelector(`.quick-${letter} .quick-why`).cloneNode(true);
    const verdict = isRight
      ? recbookSay("Right, {letter}: ", { letter })
      : recbookSay("Not {letter}: ", { letter });
    feedback.replaceChildren(verdict, why);
    count();
  };

  question.querySelectorAll(":scope > ol > li").forEach((option, n) => {
    const letter = "abcd"[n];
    const text = add(option, "div", "quick-text");
    text.id = `${question.id}-${letter}`;
    text.append(...[...option.childNodes].filter((node) => node !== text));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quick-letter";
    button.id = `${text.id}-button`;
    button.textContent = letter;
    const mark = add(option, "span", "quick-mark");
    mark.id = `${text.id}-mark`;
    button.setAttribute("aria-labelledby", `${button.id} ${text.id} ${mark.id}`);
    button.addEventListener("click", () => choose(letter, option));
    option.prepend(button);
  });
  question.classList.add("quick-live");

  // A look at the answer before any choice is a try, too.
  answer.addEventListener("toggle", () => {
    if (!answer.open || tried.has(question)) return;
    tried.set(question, false);
    count();
  });
}
