// Run a Python script in Pyodide under Node.js, with the disk that it is on at /host:
//   node node.mjs CORE SCRIPT [ARGUMENT …]
// CORE is a folder with Pyodide's own files. Python also imports from the folders that
// LIVE_PATH names. Ends as the script does. Windows has a drive before each path: none
// is left below /host.
import { delimiter, parse, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

const slashed = (path) => path.replaceAll(sep, "/");
function inside(path) {
  const whole = resolve(path);
  return `/${slashed(whole.slice(parse(whole).root.length))}`;
}

const [core, script, ...given] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(core, "pyodide.mjs")));
const python = await loadPyodide({
  indexURL: `${resolve(core)}/`,
  env: { HOME: "/home/pyodide", MPLBACKEND: "agg" },
});
python.FS.mkdirTree("/host");
const { root } = parse(resolve(script));
python.FS.mount(python.FS.filesystems.NODEFS, { root: slashed(root) }, "/host");
const places = (process.env.LIVE_PATH ?? "").split(delimiter).filter(Boolean);
python.globals.set("places", python.toPy(places.map(inside)));
python.globals.set("given", python.toPy([inside(script), ...given]));
try {
  process.exitCode = python.runPython(`
import runpy, sys
sys.path[:0] = ["/host" + place for place in places]
sys.argv = ["/host" + given[0], *given[1:]]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
    status = 0
except SystemExit as ended:
    if isinstance(ended.code, str):
        print(ended.code)
    status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
status
`);
} catch (error) {
  console.log(String(error.message).slice(-3000)); // Node would show Pyodide, one line
  process.exitCode = 1;
}
