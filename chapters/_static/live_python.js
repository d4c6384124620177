// The Python of a page: a worker, and the packs that it starts from. live.js, which says
// what is to run, hears from it by the functions of `heard`.
(() => {
  // -- in the worker -------------------------------------------------------------------
  // Its code is this function's text: of a page that is opened as a file no other worker
  // starts than one from memory, and that is a classic one.
  const inWorker = (language) => {
    const tell = (kind, more = {}) => postMessage({ kind, ...more });
    const given = {};
    const packs = {};
    for (const name of ["core", "library", "book"])
      packs[name] = new Promise((done) => (given[name] = done));

    // Python's own files. The pack: the length of its index, the index, and the files one
    // after the other, all of it compressed.
    const unpackCore = async () => {
      const zipped = (await packs.core).stream();
      const flow = zipped.pipeThrough(new DecompressionStream("gzip"));
      const buffer = await new Response(flow).arrayBuffer();
      const size = new DataView(buffer).getUint32(0, true);
      const index = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
      const cut = ([path, start, n]) => [path, new Uint8Array(buffer, 4 + size + start, n)];
      return Object.fromEntries(index.map(cut));
    };

    // What a host's policy refuses; of WebAssembly Pyodide would not tell.
    const refused = () => {
      throw Object.assign(new Error("refused"), { policy: true });
    };
    const smallest = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

    const start = async () => {
      await WebAssembly.compile(smallest).catch(refused);
      const core = await unpackCore();
      const load = (name) => {
        const code = new Blob([core[name]], { type: "text/javascript" });
        return import(URL.createObjectURL(code)).catch(refused);
      };
      self.fetch = async (address) => {
        const name = String(address.url ?? address).split("/").pop();
        const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
        const status = core[name] ? 200 : 404;
        return new Response(core[name], { status, headers: { "Content-Type": type } });
      };
      self.importScripts = () => {
        throw new TypeError("as in a module"); // by this Pyodide tells the two apart
      };
      const { loadPyodide } = await load("pyodide.mjs");
      const { default: createPyodideModule } = await load("pyodide.asm.mjs");
      const indexURL = "http://page.invalid/";
      const env = { RECBOOK_LANGUAGE: language }; // in which the checks answer
      const python = await loadPyodide({ indexURL, createPyodideModule, env });
      // All else Python unpacks, most of it when it is first imported. Until then it is in
      // the blob, which takes no room here.
      python.FS.writeFile("/lib/python3.14/unpack.py", core["unpack.py"]);
      for (const name of Object.keys(core)) delete core[name];
      const unpack = python.pyimport("unpack");
      const reader = new FileReaderSync();
      for (const name of ["library", "book"]) {
        const blob = await packs[name];
        unpack.add((start, end) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(start, end))));
      }
      python.runPython("import sys; sys.path.insert(0, '/book')");
      const page = python.pyimport("recbook_page");
      page.start((form, text) => tell("shows", { form, text }));
      tell("ready");
      return page;
    };

    let python;
    // Values of JSON and bytes as JavaScript has them.
    const plain = (value) => {
      const found = value.toJs({ dict_converter: Object.fromEntries });
      value.destroy();
      return found;
    };

    onmessage = async ({ data: { pack, blob, cells = [], call } }) => {
      if (pack) {
        given[pack](blob);
        return;
      }
      try {
        python ??= start();
        const page = await python;
        for (const { n, name, source, quiet, edited, number } of cells) {
          tell("begins", { n });
          const before = performance.now();
          const done = plain(page.run(source, name, quiet, edited, number));
          tell("ends", { n, seconds: (performance.now() - before) / 1000, ...done });
          if (!done.fine) break;
        }
        if (cells.length) tell("idle");
        if (call) {
          const { n, module, name, args } = call;
          const send = (share, words) => tell("progress", { n, share, words });
          tell("answers", { n, ...plain(page.call(module, name, send, args)) });
        }
      } catch (error) {
        const text = String(error.message ?? error).split("\n")[0];
        tell("dead", { text, policy: error.policy });
      }
    };
  };

  // -- packs ---------------------------------------------------------------------------
  const arrivals = {}; // pack → what to do with it: of a page that is a file, packs are
  const live = (name, text) => arrivals[name]?.(text); // scripts, and call this
  window.recbookLive = live;

  const fromText = (text) =>
    Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  const fromScript = (root, name) =>
    new Promise((done, failed) => {
      const script = Object.assign(document.createElement("script"), {
        src: `${root}${name}.js`,
      });
      arrivals[name] = (text) => done(new Blob([fromText(text)]));
      script.onload = () => {
        script.remove();
        failed(new Error(recbookSay("{file} is damaged", { file: `${name}.js` }))); // unless it has arrived
      };
      script.onerror = () =>
        failed(new Error(recbookSay("{file} is not there", { file: `${name}.js` })));
      document.head.append(script);
    });

  const fromServer = async (root, name, { sha256 }, cache, progress) => {
    const answer = await fetch(`${root}${name}.bin?v=${sha256.slice(0, 12)}`, { cache });
    if (!answer.ok) throw new Error(`${name}.bin: ${answer.status}`);
    const reader = answer.body.getReader();
    const pieces = [];
    for (let piece; !(piece = await reader.read()).done; ) {
      pieces.push(piece.value);
      progress(piece.value.length);
    }
    return new Blob(pieces);
  };

  // Whether these are the bytes that were built. Over plain http a page may take no sums,
  // but sees that a portal sent its own page in their stead.
  const whole = async (blob, { bytes, sha256 }) => {
    if (blob.size !== bytes) return false;
    if (!crypto.subtle) {
      return (await blob.slice(0, 1).text()) !== "<";
    }
    const sum = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    const digits = Array.from(new Uint8Array(sum), (n) => n.toString(16).padStart(2, "0"));
    return digits.join("") === sha256;
  };

  // -- the worker, as the page has it ----------------------------------------------------
  const POLICY = recbookSay(
    "this site's policy does not let a page start it. Ask its host to allow blob: and 'wasm-unsafe-eval' (script-src), and blob: (worker-src), or open the pages as files",
  );

  // `packs` says of each its bytes and their sum, `root` where they lie; `told` gets
  // words of progress.
  live.python = (packs, root, heard, told) => {
    const all = Object.values(packs).reduce((sum, { bytes }) => sum + bytes, 0);
    const kept = {}; // pack → its bytes: to start again after a Stop, nothing is loaded
    const got = {};
    const calls = new Map(); // number → what waits for the answer, and for progress
    let called = 0;
    let epoch = 0; // how often it has started: what it had before is gone
    let cache = "default";
    let worker = null;
    let ready = false;

    const loads = (words, share) => {
      told(words);
      for (const { progress } of calls.values()) progress?.(share, words);
    };

    const load = async (name) => {
      const progress = (bytes) => {
        got[name] += bytes;
        const sum = Object.values(got).reduce((one, other) => one + other, 0);
        const [here, of] = [sum, all].map((n) => Math.round(n / 1e6));
        if (sum < all) loads(recbookSay("Python loads: {here} of {of} MB", { here, of }), sum / all);
        else loads(recbookSay("Python starts, some seconds …"));
      };
      const get = (how) => {
        got[name] = 0;
        if (location.protocol === "file:") return fromScript(root, name);
        return fromServer(root, name, packs[name], how, progress);
      };
      let blob = await get(cache);
      if (!(await whole(blob, packs[name]))) {
        loads(recbookSay("Python arrived damaged; it loads again …"));
        blob = await get("reload"); // past what the browser may have kept of it
        if (!(await whole(blob, packs[name])))
          throw new Error(recbookSay("it arrived damaged ({name})", { name }));
      }
      return blob;
    };

    // `why` is said to those who wait for an answer.
    const end = (why = recbookSay("stopped")) => {
      worker?.terminate();
      worker = null;
      ready = false;
      const waiting = [...calls.values()];
      calls.clear();
      for (const { failed } of waiting) failed(new Error(why));
    };

    const dead = ({ text, policy }) => {
      if (!ready && !crypto.subtle) {
        for (const name of Object.keys(kept)) delete kept[name]; // they may be at fault
        cache = "reload";
      }
      const why = policy ? POLICY : text;
      end(why);
      heard.dead(why);
    };

    const answers = {
      progress: ({ n, share, words }) => calls.get(n)?.progress?.(share, words),
      answers({ n, value, error }) {
        const { done, failed } = calls.get(n) ?? {};
        calls.delete(n);
        if (error) failed?.(new Error(error));
        else done?.(value);
      },
    };

    const start = () => {
      if (worker) return;
      epoch += 1;
      const language = JSON.stringify(document.documentElement.lang || "en");
      const code = new Blob([`(${inWorker})(${language})`], { type: "text/javascript" });
      const address = URL.createObjectURL(code);
      let mine;
      try {
        mine = worker = new Worker(address);
      } catch {
        setTimeout(dead, 0, { policy: true });
        return;
      }
      URL.revokeObjectURL(address);
      worker.onmessage = ({ data: { kind, ...message } }) => {
        if (mine !== worker) return;
        ready ||= kind === "ready";
        if (kind === "dead") dead(message);
        else (answers[kind] ?? heard[kind])?.(message);
      };
      // A worker that may not start tells of no reason.
      worker.onerror = ({ message }) =>
        mine === worker && dead({ text: message, policy: !message });
      for (const name of Object.keys(packs)) {
        kept[name] ??= load(name);
        kept[name].then(
          (blob) => mine.postMessage({ pack: name, blob }),
          ({ message }) => {
            delete kept[name]; // the next press tries again
            if (mine === worker) dead({ text: message });
          },
        );
      }
    };

    // Run cells one after the other, as far as they run; without any, only start.
    const run = (cells = []) => {
      start();
      worker?.postMessage({ cells });
    };

    // Call a function of a Python module, with values of JSON and bytes; it gets
    // `send(share, words)` before them, by which `progress` hears how far it is.
    const call = (module, name, args = [], { transfer = [], progress } = {}) =>
      new Promise((done, failed) => {
        const n = ++called;
        calls.set(n, { done, failed, progress });
        start();
        worker?.postMessage({ call: { n, module, name, args } }, transfer);
      });

    return {
      run,
      call,
      end,
      isReady: () => ready,
      isOn: () => worker !== null,
      isCalled: () => calls.size > 0,
      epoch: () => worker && epoch,
    };
  };
})();
