"""A class that hands in notebooks of chapter 2.2: honest students, and hostile ones."""

import json

import bookpages

IDS = (
    *("2.2-babe", "2.2-leak", "2.2-explode", "2.2-audible", "2.2-zscore", "2.2-pull"),
    *("2.2-top-list", "2.2-lookalike"),
)
IMPORTS = "import numpy as np\nimport recbook"


def exercises():
    """Exercise id -> (starter, solution) of the chapter."""
    (page,) = (p for p in bookpages.notebooks() if p.name == "2-neighbours/user-cf")
    return {
        id: ("\n".join(c.source for c in exercise.starters),
             "\n".join(c.source for c in exercise.answers))
        for exercise in page.exercises
        for id in exercise.check_ids(exercise.starters)
    }  # fmt: skip


def notebook(cells, tags=()):
    """The text of a notebook of these cells of code."""
    made = [
        {"cell_type": "code", "source": s, "metadata": {"tags": tags}, "outputs": []}
        for s in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4})


def solved(right, before=(), after=()):
    """A notebook in which these exercises are solved, and the others untouched."""
    found = exercises()
    cells = [found[id][id in right] for id in IDS]
    return notebook([IMPORTS, *before, *cells, *after])


# What each hostile notebook holds beside untouched starters, and a right answer to
# 2.2-leak in its last cell. None may gain more than that.
LOOP = "import time\nwhile True: time.sleep(0.01)"
CLAIM = "for id in {ids}: recbook.check(id, {answer})"
HOSTILE = {
    "patched-check": "recbook.check = lambda *a: True\nrecbook.checks.check = print",
    "patched-registry": "from recbook.checks.registry import REGISTRY\n"
    "for id in REGISTRY: REGISTRY[id] = lambda answer: None",
    "patched-numpy": "np.allclose = np.array_equal = lambda *a, **k: True\n"
    "np.abs = np.isnan = lambda x: np.zeros(np.shape(x), bool)\n"
    + CLAIM.format(ids=IDS, answer="np.zeros(2)"),
    "patched-builtins": "import builtins\n"
    "builtins.isinstance = builtins.callable = lambda *a: True\n"
    "builtins.abs = lambda x: 0",
    "swapped-modules": "import sys, types\nfake = types.ModuleType('compare')\n"
    "fake.same = lambda *a, **k: None\nsys.modules['recbook.checks.compare'] = fake\n"
    "sys.modules['recbook.mark.judge'] = fake",
    "forged-output": "import os, sys\nfor fd in [0, 1, 2, *range(4, 256)]:\n"
    '    try: os.write(fd, b\'right\\n{"marks": {"2.2-babe": [true, "right"]}}\\n\')\n'
    "    except OSError: pass\nprint('right')",
    "forged-messages": "import json, os, struct\n"
    "for said in ({'marks': {'2.2-babe': [True, 'right']}}, {'value': True}, [1], 7):\n"
    "    data = json.dumps(said).encode()\n"
    "    os.write(3, struct.pack('>Q', len(data)) + data)",
    "forged-length": "import os\nos.write(3, b'\\xff' * 8)",
    "exits-at-once": "import os\nos._exit(0)",
    "exits": "raise SystemExit(0)",
    "at-exit": "import atexit, threading\n"
    "def forge(): print('right'); recbook.check('2.2-babe', 1)\n"
    "atexit.register(forge)\nthreading.Thread(target=forge).start()",
    "no-alarm": "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n" + LOOP,
    "always-equal": "class Any(float):\n"
    "    __eq__ = __le__ = __ge__ = lambda *a: True\n"
    "    __ne__ = __lt__ = __gt__ = lambda *a: False\n"
    "    __sub__ = __rsub__ = __abs__ = lambda self, *a: Any(0)\n"
    "    __hash__ = float.__hash__\n"
    "class Array(np.ndarray):\n"
    "    __eq__ = __le__ = lambda self, other: np.ones(np.shape(other), bool)\n"
    + CLAIM.format(ids=IDS, answer="[Any(1), Any(1)]")
    + "\n"
    + CLAIM.format(ids=IDS, answer="Any(1)")
    + "\n"
    + CLAIM.format(ids=IDS, answer="np.zeros(2).view(Array)"),
    "odd-class": "class Odd:\n"
    "    def __getattr__(self, name): return lambda *a, **k: self\n"
    "    def __array__(self, *a, **k): return np.zeros(2)\n"
    "    def __class__(self): return dict\n" + CLAIM.format(ids=IDS, answer="Odd()"),
    "takes-the-reference": "def steal(*args):\n"
    "    import recbook.checks.registry as r\n"
    "    return r.REGISTRY['2.2-pull'].reference(*args)\n"
    "recbook.check('2.2-pull', steal)",
    "looks-at-frames": "import gc, inspect, sys\ndef look(*args):\n"
    "    for frame in inspect.stack():\n"
    "        for value in frame.frame.f_locals.values():\n"
    "            if hasattr(value, 'reference'): return value.reference(*args)\n"
    "    for thing in gc.get_objects():\n"
    "        if type(thing).__name__ == 'function' and hasattr(thing, 'reference'):\n"
    "            return thing.reference(*args)\n"
    "    return [f.frame.f_locals.get('expected') for f in inspect.stack()][-1]\n"
    "recbook.check('2.2-pull', look)",
    "endless-cell": LOOP,
    "endless-answer": "def answer(*args):\n    import time\n"
    "    while True:\n        try: time.sleep(0.01)\n"
    "        except BaseException: pass\n"
    "recbook.check('2.2-pull', answer)",
    "endless-array": "class Slow:\n    def __array__(self, *a, **k):\n"
    "        import time\n        while True: time.sleep(0.01)\n"
    "    __repr__ = __del__ = lambda self: self.__array__() and ''\n"
    "recbook.check('2.2-pull', lambda *a: Slow())\nSlow()",
    "huge": "np.ones(10**13)\n",
    "huge-answer": "recbook.check('2.2-babe', np.zeros(10**8))\n"
    "recbook.check('2.2-pull', lambda *a: np.zeros(10**8))",
    "large-number": "recbook.check('2.2-leak', 10**10000)\nx = []\nx.append(x)\n"
    "recbook.check('2.2-babe', x)",
    "huge-file": "with open('x', 'wb') as f:\n    f.truncate(10**12)",
    "floods": "for i in range(20): print('x' * 10**6)\nimport sys\n"
    "sys.stderr.write('y' * 10**7)",
    "leaves-children": "import os, subprocess, sys, time\n"
    "sleep = ['-I', '-S', '-c', 'import time; time.sleep(600)', {mark!r}]\n"
    "children = [subprocess.Popen([sys.executable, *sleep],\n"
    "            start_new_session=bool(i % 2)) for i in range(6)]\n"
    "time.sleep(0.3)\nassert [c.poll() for c in children] == [None] * 6",
    "stops-its-parent": "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)",
    "kills-its-parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "kills-its-judge": "import os\nwith open(f'/proc/{os.getppid()}/stat') as file:\n"
    "    os.kill(int(file.read().split()[3]), 9)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "deletes": "import os, shutil\nshutil.rmtree(os.getcwd())\nos.chdir('/')\n"
    "shutil.rmtree(os.path.expanduser('~'), ignore_errors=True)",
    "reads-the-others": "import glob, os\nfound = glob.glob('../*/*.ipynb')\n"
    "recbook.check('2.2-babe', len(found))\nassert not found\n"
    "assert 'SECRET_OF_THE_TEACHER' not in os.environ",
    "asks-for-input": "input()\n",
    "odd-error": "class Odd(BaseException):\n"
    "    def __str__(self): raise self\nraise Odd",
    "syntax": "def f(:\n",
    "magics": "%matplotlib inline\n!touch {mark}\n%%bash\nexit 1",
}
# What is no notebook at all.
BROKEN = {
    "empty.ipynb": b"",
    "text.ipynb": b"not JSON",
    "picture.ipynb": b"\x89PNG\r\n\x1a\n\xff",
    "deep.ipynb": b"[" * 100_000,
    "list.ipynb": b"[1, 2]",
    "cells.ipynb": b'{"cells": [{"cell_type": "code"}, 7]}',
    "old.ipynb": b'{"worksheets": []}',
    "zipped.zip": b"PK",
}


def hostile(name, mark):
    """A hostile notebook: untouched starters, its trick, and one right answer.

    The answer stands on a name of the trick, or the trick would not be run. ``mark`` is
    a path that only this test knows.
    """
    source = HOSTILE[name].replace("{mark!r}", repr(str(mark)))
    source = source.replace("{mark}", str(mark))
    earned = f"trick\n{exercises()['2.2-leak'][1]}"
    return solved((), before=[f"trick = 1\n{source}"], after=[earned])
