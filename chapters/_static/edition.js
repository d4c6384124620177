// The link to the same page in another language keeps the reader's place on the page: what
// the address names, if that is to be seen, else the section that is being read.
document.querySelector("a.edition")?.addEventListener("click", (event) => {
  const top = (element) => element.getBoundingClientRect().top;
  const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const isSeen = named ? Math.abs(top(named)) < innerHeight : location.hash && scrollY === 0;
  const passed = [...document.querySelectorAll("article section[id]")].filter((section) => top(section) < innerHeight / 3);
  const section = scrollY > 0 && passed.at(-1)?.id;
  event.currentTarget.hash = isSeen ? location.hash : section || "";
});
