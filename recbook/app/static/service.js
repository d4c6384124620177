// What the page says to the service, and who says it.

let visitor = null;

// One browser may know several services by one name and port, each below a path of its
// own: a token of one is nobody's at another.
const KEY = `recbook.visitor:${new URL(".", location.href).pathname}`;
const TOKEN = /^[\w-]{22}$/;

// The visitor stands in a header: an address is written down by every proxy. Addresses
// are relative, so that the page works below any path.
export async function ask(path, options = {}, patience = 3) {
  const who = visitor === null ? {} : { authorization: `Bearer ${visitor}` };
  const headers = { ...who, ...options.headers };
  const answer = await fetch(`api/${path}`, { ...options, headers });
  if (answer.status === 503 && patience > 0) {
    const seconds = Number(answer.headers.get("retry-after")) || 1;
    await new Promise((done) => setTimeout(done, 1000 * seconds));
    return ask(path, options, patience - 1);
  }
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const error = new Error(body.error || `The service answered ${answer.status}.`);
  error.status = answer.status;
  throw error;
}

export async function health() {
  return (await fetch("health")).json();
}

export function put(id, stars) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ stars });
  return ask(`ratings/${id}`, { method: "PUT", headers, body });
}

export function takeBack(id) {
  return ask(`ratings/${id}`, { method: "DELETE" });
}

const remembered = {
  get() {
    try {
      const token = localStorage.getItem(KEY);
      return TOKEN.test(token) ? token : null; // of another program: begin anew
    } catch {
      return null; // a browser that keeps nothing: the stars last as long as the page
    }
  },
  set(token) {
    try {
      localStorage.setItem(KEY, token);
    } catch {
      // as above
    }
  },
  drop() {
    try {
      localStorage.removeItem(KEY);
    } catch {
      // as above
    }
  },
};

// The ratings of who was here before, the oldest first; of somebody new, none.
export async function recall() {
  visitor = remembered.get();
  if (visitor !== null) {
    try {
      return (await ask("ratings")).ratings.reverse();
    } catch (error) {
      if (error.status !== 401) throw error; // no token: begin anew
    }
  }
  visitor = (await ask("visitor", { method: "POST" })).visitor;
  remembered.set(visitor);
  return [];
}

export async function forget() {
  await ask("visitor", { method: "DELETE" });
  remembered.drop();
}

// Deleted in another window: what this one shows is no longer there.
addEventListener("storage", ({ key, newValue }) => {
  if (key === KEY && newValue === null) location.reload();
});
