// The link to the same page in another language keeps the reader's place on the page.
document.querySelector("a.edition")?.addEventListener("click", (event) => {
  event.currentTarget.hash = location.hash;
});
