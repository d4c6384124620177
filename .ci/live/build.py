"""Pack what runs in the pages: Python, its libraries, recbook and its data.

There are three packs, because they change at different times: ``core`` (Python itself),
``library`` (NumPy and the other libraries) and ``book`` (recbook, its compiled kernels
and the data). A pack is made again only if one of its sources changed. No pack holds
the text of a page.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import ChainMap
from importlib import metadata
from pathlib import Path

import licences
import warm
from digests import ROOT, digest, tree
from pages import disk_is_full, read_json, write_json

from live import pack, recbook_folds, runtime
from recbook._core import order

PURELIB = licences.PURELIB.strip("/")
FOLDER = (ROOT / "_build" / "live").resolve()  # Node.js follows no link
RUNTIME = FOLDER / "runtime"
SITE = FOLDER / "site"  # the packs, as the pages load them
LIBRARY = FOLDER / "library"  # the libraries as files, for the tests under Node.js
BOOK = FOLDER / "book"  # recbook and its data as files, likewise
DATA = ("campaign", "exports", "ml-100k", "results", "shop")
STATE = FOLDER / "packs.json"  # what each pack is made of, its bytes and their sum
MARKER = SITE / "packs.json"  # the same, once all are there: then pages have buttons
HERE = Path(__file__).resolve().parent
# Where Python finds the libraries, and recbook with what runs a cell, under Node.js.
PATH = [LIBRARY / PURELIB, BOOK / "book"]
SETS = ("facts", "textbook_tables", "whiskers")
# What runs a cell, and sets its figures and tables as the page does.
BESIDE = sorted(HERE.glob("recbook_*.py"))
EXT = ROOT / "chapters" / "_ext"
BESIDE += [
    EXT / "recbook_book" / f"{n}.py"
    for n in ("__init__", "page/__init__", *(f"page/{name}" for name in SETS))
]
# Taken from this environment: pure Python, and locked. The first three set tables.
INSTALLED = ("beautifulsoup4", "soupsieve", "typing_extensions")
INSTALLED += ("filelock", "lazy-loader", "tqdm")

# Files of the libraries that no page needs: tests, sources, fonts that we do not use.
DROPPED = re.compile(
    r"""/tests?/ | \.(pyi|h|hpp|pxd|pyx|a|c|f2cmap|afm|f90|template)$
    | \.dist-info/(?!METADATA|licen[cs]es?/|LICEN[CS]E|COPYING|NOTICE)
    | ^numpy/(distutils|_pyinstaller)/
    | ^scipy/(datasets|io|misc|odr|signal|fftpack)/
    | ^matplotlib/mpl-data/(images|sample_data|plot_directive)/
    | ^matplotlib/mpl-data/fonts/(afm|pdfcorefonts)/
    | ^matplotlib/mpl-data/fonts/ttf/(Humor|DejaVuSerif|DejaVuSansDisplay|STIX\w+Bol)
    | ^matplotlib/(sphinxext/|testing/|fontlist)
    | ^PIL/_(avif|webp|imagingcms|imagingtk|imagingft)\.""",
    re.VERBOSE,
)


def build():
    """Bring the packs up to date; return their digest, or None if they cannot be made.

    Without a network the pages get no buttons. One line says so, and the build goes on.
    """
    for left in FOLDER.glob("tmp*"):  # by a build that was interrupted
        shutil.rmtree(left, ignore_errors=True)
    try:
        return packs()
    except (runtime.Unavailable, OSError, RuntimeError) as why:
        if disk_is_full(why):
            raise
        print(f"recbook: the pages get no Run buttons, for want of their Python: {why}")
        shutil.rmtree(SITE, ignore_errors=True)
        return None


def packs():
    """Make the packs that are missing or out of date; return the digest of all."""
    runtime.fetch(RUNTIME)
    made = read_json(STATE)
    SITE.mkdir(exist_ok=True)
    for name, (stands_on, make, as_pack) in PACKS.items():
        now = digest(stands_on())
        if made.get(name, {}).get("digest") != now or not packed(name):
            MARKER.unlink(missing_ok=True)
            write_json(STATE, {**made, name: {}})  # in case it is interrupted
            made[name] = {"digest": now, **pack.write(SITE, name, as_pack(make()))}
            write_json(STATE, made)
    made = {name: made[name] for name in PACKS}
    listed = list_licences(made)
    write_json(STATE, {**made, "licences": listed})
    write_json(MARKER, made)
    return digest([], made, listed)


def list_licences(made):
    """Write the licences of all that is packed; return the digest of their sources."""
    now = digest([], made, licences.stands_on())
    if read_json(STATE).get("licences") != now or not (SITE / licences.NAME).exists():
        packed_files = [pack.read(SITE / f"{name}.bin") for name in PACKS]
        text = licences.of_packs(dict(ChainMap(*packed_files)))
        pack.replace(SITE / licences.NAME, text.encode())
    return now


def link(html):
    """Put the packs beside the written pages, as hard links where the disk has them."""
    if not MARKER.exists():
        return
    folder = html / "_static" / "live"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in SITE.iterdir():
        try:
            os.link(path, folder / path.name)
        except OSError:  # another disk, or one without hard links
            shutil.copy(path, folder)


def packed(name):
    return all((SITE / f"{name}.{kind}").exists() for kind in ("bin", "js"))


# Python itself and the libraries ------------------------------------------------------


def beneath_libraries():
    files = [path for path in tree(HERE) if path.suffix in (".mjs", ".json", ".lock")]
    names = ("build", "compile_all", "list_fonts", "pack", "runtime", "unpack")
    return [*files, *(HERE / f"{n}.py" for n in names), ROOT / "requirements.lock"]


def core():
    """Return Python with a compiled standard library, which starts in half the time."""
    folder = RUNTIME / "core"
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.suffix != ".zip"
    }
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        raw, compiled = Path(scratch, "raw"), Path(scratch, "compiled")
        with zipfile.ZipFile(folder / "python_stdlib.zip") as inside:
            inside.extractall(raw)
        compile_tree(raw, compiled, "/lib/python314.zip")
        files["unpack.py"] = (HERE / "unpack.py").read_bytes()
        return files | {"python_stdlib.zip": stored(compiled, scratch)}


def stored(folder, scratch):
    """Zip a folder without compression: the pack compresses all its files together."""
    path = Path(scratch, "stored.zip")
    with zipfile.ZipFile(path, "w") as target:
        for file in files_of(folder):
            about = zipfile.ZipInfo(file.relative_to(folder).as_posix())
            target.writestr(about, file.read_bytes())
    return path.read_bytes()


def library():
    """Return the compiled libraries, in Python's folder for packages."""
    shutil.rmtree(LIBRARY, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        for wheel in sorted((RUNTIME / "wheels").iterdir()):
            with zipfile.ZipFile(wheel) as inside:
                wanted = [n for n in inside.namelist() if not DROPPED.search(n)]
                inside.extractall(scratch, wanted)
        for name in INSTALLED:
            take_installed(name, scratch)
        compile_tree(Path(scratch), LIBRARY / PURELIB, f"/{PURELIB}")
    finish(runtime.start(RUNTIME, HERE / "list_fonts.py", path=[LIBRARY / PURELIB]))
    return contents(LIBRARY)


def take_installed(name, folder):
    """Copy a package of this environment, with its metadata."""
    for file in metadata.distribution(name).files:
        made = {"..", "__pycache__"} & set(file.parts)  # commands, bytecode
        if not made and not DROPPED.search(str(file)):
            (Path(folder) / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), Path(folder) / file)


def compile_tree(source, target, shown, keep=False):
    """Copy a tree, its Python compiled by two processes; ``keep`` the sources, too."""
    jobs = []
    for path in files_of(source):
        inside = path.relative_to(source)
        (target / inside).parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".py" or keep:
            shutil.copy(path, target / inside)
        if path.suffix == ".py":
            cached = inside.parent / "__pycache__" / f"{inside.stem}.cpython-314.pyc"
            place = target / (cached if keep else inside.with_suffix(".pyc"))
            place.parent.mkdir(exist_ok=True)
            ours = map(runtime.inside, (path, place))
            jobs.append("\t".join([*ours, f"{shown}/{inside.as_posix()}"]))
    running = []
    for part in (0, 1):
        listed = target / f".jobs-{part}"
        listed.write_text("\n".join(jobs[part::2]), encoding="utf-8")
        running.append(runtime.start(RUNTIME, HERE / "compile_all.py", listed))
    finish(*running)
    for part in (0, 1):
        (target / f".jobs-{part}").unlink()


def finish(*running):
    """Wait for processes in Pyodide; raise an error with the output if one failed."""
    said = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise RuntimeError(
            "the Python of the pages is not to be made:\n" + "".join(said)
        )


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


# recbook and its data -----------------------------------------------------------------


def beneath_kernels():
    names = ("kernels.py", "side_module.py", "numba_runtime.ll")
    code = order.sources(*order.before(*warm.PARTS))
    others = [ROOT / ".ci" / "warm.py", ROOT / "requirements.lock"]
    return [*(HERE / name for name in names), *code, *others]


def compiled_kernels():
    """Return the folder of ``kernels.so``, compiled again if a kernel changed."""
    folder = FOLDER / "kernels"
    stamp, now = folder / "digest.txt", digest(beneath_kernels())
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == now):
        print("recbook: compiling the kernels for the pages (a minute)", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        command = [sys.executable, str(HERE / "kernels.py"), str(folder)]
        if subprocess.run(command).returncode:
            raise RuntimeError("the kernels do not compile to WebAssembly, see above")
        stamp.write_text(now, encoding="utf-8")
    return folder


def beneath_book():
    names = ("build.py", "pack.py", "compile_all.py", "node.mjs")
    data = [path for name in DATA for path in tree(ROOT / "data" / name)]
    code = tree(order.PACKAGE)
    files = [*(HERE / n for n in names), *BESIDE]
    files += [ROOT / name for name in ("LICENSE", "pyproject.toml")]
    return [*files, *beneath_kernels(), *code, *data]


def book():
    """Return recbook, its kernels and its data, in the folders of a checkout."""
    kernels = compiled_kernels()
    shutil.rmtree(BOOK, ignore_errors=True)
    target = BOOK / "book"
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        ignored = shutil.ignore_patterns("__pycache__", "static")
        shutil.copytree(order.PACKAGE, Path(scratch, "recbook"), ignore=ignored)
        for path in BESIDE:
            inside = path.relative_to(HERE if path.parent == HERE else EXT)
            Path(scratch, inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, Path(scratch, inside))
        compile_tree(Path(scratch), target, "/book", keep=True)
    for name in ("kernels.so", "kernels.json"):
        shutil.copy(kernels / name, target / "recbook" / "_core")
    for name in DATA:
        shutil.copytree(ROOT / "data" / name, target / "data" / name)
    shutil.copy(ROOT / "LICENSE", target)
    shutil.copy(ROOT / "pyproject.toml", target)  # by which recbook knows a checkout
    return short(contents(BOOK))


def short(files):
    """Replace the files of the splits by a byte for each rating."""
    folder = "/book/data/ml-100k/"
    written = {f"{folder}{name}" for name in recbook_folds.FILES}
    marks = recbook_folds.shortened(ROOT / "data" / "ml-100k")
    kept = {path: content for path, content in files.items() if path not in written}
    return kept | {folder + recbook_folds.SHORT: marks}


def contents(folder):
    """Return the bytes of all files in a folder, by path in Python's file system."""
    return {
        f"/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in files_of(folder)
    }


def by_package(files):
    """Pack the libraries, each package of Python apart."""
    root = f"/{PURELIB}/"
    found = {path.rpartition("/")[0] for path in files if path.endswith("__init__.pyc")}

    def package_of(path):
        folder = path
        while folder := folder.rpartition("/")[0]:
            if folder in found:
                return folder.removeprefix(root).replace("/", ".")
        return ""

    return pack.apart(files, package_of)


PACKS = {  # what each stands on, what makes its files, and how they are packed
    "core": (beneath_libraries, core, pack.gzipped),
    "library": (beneath_libraries, library, by_package),
    "book": (beneath_book, book, pack.apart),
}
