// A film's poster, drawn from its own vector: a cell for each number, as in the logo.
// A number above the mean of all films is a light square, one below it a dark one, the
// farther from the mean the larger; one near it is a dot. The farthest is orange.

// A genre's hue (in oklch, degrees). A film takes those of its first two in this order:
// the genres that say most about a film come first.
const HUES = {
  "Film-Noir": 270, Horror: 18, "Sci-Fi": 235, Western: 62, Musical: 330, War: 118,
  Documentary: 210, Animation: 195, "Children's": 150, Fantasy: 305, Mystery: 285,
  Crime: 255, Romance: 5, Thriller: 220, Adventure: 135, Action: 40, Comedy: 85,
  Drama: 170,
};
const GOLDEN = 137.5; // degrees, between two genres that are not in the table
const PLAIN = 255;
const CELLS = 24;
const STEPS = [1, 3, 5]; // distances from the mean, in shades, at which a cell grows
const RADII = [11, 32, 42, 52];
const ROUND = [5, 14, 18, 20]; // corners, in the same tenths of a pixel

function hueOf(genre) {
  const sum = [...genre].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return HUES[genre] ?? (sum * GOLDEN) % 360;
}

export function hues(genres = []) {
  const order = Object.keys(HUES);
  const place = (genre) => (order.indexOf(genre) + order.length + 1) % (order.length + 1);
  const known = genres.filter((genre) => genre !== "unknown");
  const [first, second] = known.sort((a, b) => place(a) - place(b)).map(hueOf);
  return [first ?? PLAIN, second ?? first ?? PLAIN];
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function square(x, y, size) {
  const radius = RADII[size];
  const round = ROUND[size];
  const side = 2 * (radius - round);
  const corner = (dx, dy) => `a${round} ${round} 0 0 1 ${dx} ${dy}`;
  return (
    `M${x - radius + round} ${y - radius}h${side}${corner(round, round)}v${side}` +
    `${corner(-round, round)}h${-side}${corner(-round, -round)}v${-side}` +
    `${corner(round, -round)}z`
  );
}

// Decoration: the title stands beside it. One path a tone keeps a long page light.
export function poster({ poster: digits = "", genres }) {
  const distances = Array.from({ length: CELLS }, (_, n) =>
    digits[n] === undefined ? 0 : parseInt(digits[n], 16) - 7.5,
  );
  const farthest = Math.max(...distances.map(Math.abs));
  const top = farthest < STEPS[0] ? -1 : distances.findIndex((d) => Math.abs(d) === farthest);
  const tones = new Map();
  distances.forEach((distance, n) => {
    const size = STEPS.filter((step) => Math.abs(distance) >= step).length;
    const tone =
      n === top ? "top" : size === 0 ? "dot" : `${distance > 0 ? "above" : "below"}-${size}`;
    const cell = square(100 + 120 * (n % 4), 120 + 120 * Math.floor(n / 4), size);
    tones.set(tone, (tones.get(tone) ?? "") + cell);
  });
  const picture = svg(
    "svg",
    { class: "poster", viewBox: "0 0 560 840", "aria-hidden": "true" },
    svg("rect", { class: "ground", width: 560, height: 840 }),
    ...[...tones].map(([tone, d]) => svg("path", { class: tone, d })),
  );
  const [first, second] = hues(genres);
  picture.style.setProperty("--hue", first);
  picture.style.setProperty("--second", second);
  return picture;
}
