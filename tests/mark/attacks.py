"""Students who attack the computer of their teacher: each finds its tries refused.

A try that succeeds says so: the error at the end of an attack has a word for each.
"""

from classroom import IDS, IMPORTS, exercises, notebook, solved

BEGIN = """
import ctypes, glob, importlib, json, os, shutil, socket, subprocess, sys, tempfile
import time
from pathlib import Path

CLASS, COMMAND, PORT = Path({folder!r}), {command}, {port}
PACKAGE = Path(recbook.__file__).parent
LIBC = ctypes.CDLL(None, use_errno=True)
tries = []

def attempt(function, *args):
    try:
        function(*args)
        tries.append("done")
    except BaseException as error:
        tries.append(type(error).__name__)

def call(*args):
    if LIBC.syscall(*args) < 0:
        raise OSError(ctypes.get_errno(), "refused")

def solve(path):
    for cell in json.loads(Path(path).read_text())["cells"]:
        try:
            exec("".join(cell["source"]), globals())
        except Exception:
            pass
"""
END = "\ntrick = 1\nraise RuntimeError(' '.join(sorted(set(tries))))"
REFUSED = "PermissionError"

# name -> (source, what its tries come to)
ATTACKS = {
    "imports-references": (
        """
import recbook.checks as stub
stub.__path__, found = [str(PACKAGE / "checks")], {}
stub.exercise_function = lambda id, reference, *a, **k: found.update({id: reference})
stub.exercise_value = stub.exercise_function
stub.exercise = stub.same = stub.choice = lambda *a, **k: lambda f: f
attempt(importlib.import_module, "recbook.checks.neighbours.user_cf")
attempt((PACKAGE / "checks/neighbours/user_cf.py").read_text)
for id, reference in found.items():
    recbook.check(id, reference)
""",
        REFUSED,
    ),
    "runs-a-classmate": (
        "attempt(os.listdir, CLASS)\nattempt(solve, CLASS / 'ann.ipynb')",
        REFUSED,
    ),
    "runs-the-solutions": (
        """
book = PACKAGE.parent / "chapters"
attempt(os.listdir, book)
attempt(solve, book / "2-neighbours" / "user-cf.ipynb")
attempt(os.listdir, PACKAGE.parent)
""",
        REFUSED,
    ),
    "poisons-kernels": (
        """
kept = Path(os.environ["NUMBA_CACHE_DIR"])
for place in (PACKAGE / "similarity" / "__pycache__", kept, Path({home!r})):
    attempt((place / "new.nbi").write_bytes, b"x")
for path in [*PACKAGE.rglob("*.nbi"), *kept.rglob("*.nbi")][:20]:
    attempt(path.write_bytes, b"x")
""",
        REFUSED,
    ),
    "leaves-code": (
        """
for name in ("x.pth", "sitecustomize.py", "usercustomize.py", "numpy.py"):
    for place in (*sys.path, CLASS, CLASS.parent, {home!r}, "/"):
        if os.path.isdir(place):
            attempt(Path(place, name).write_text, "raise SystemExit")
for name in (".bashrc", ".config/matplotlib/matplotlibrc", ".numba_config.yaml"):
    attempt(Path({home!r}, name).write_text, "x")
attempt(Path(np.__file__).write_text, "")
""",
        REFUSED,
    ),
    "kills": (
        """
import signal
for pid in (COMMAND, os.getppid(), 1):
    attempt(os.kill, pid, 0)
    attempt(call, 234, pid, pid, 0)
""",
        REFUSED,
    ),
    "stops": ("attempt(os.kill, os.getppid(), 19)", REFUSED),
    "deletes-the-others": (
        """
attempt(os.unlink, CLASS / "ann.ipynb")
attempt(os.rename, CLASS / "ann.ipynb", "mine")
attempt((CLASS / "deletes-the-others.ipynb").write_text, "{}")
attempt((CLASS / "new.ipynb").write_text, "{}")
attempt(os.truncate, CLASS / "ann.ipynb", 0)
""",
        REFUSED,
    ),
    "tells-the-world": (
        """
import urllib.request
def ask(): socket.create_connection(("127.0.0.1", PORT), timeout=2)
def listen(): socket.create_server(("127.0.0.1", 0))
def send(kind, *address): socket.socket(*kind).sendto(b"x", *address)
attempt(ask)
attempt(listen)
attempt(send, (socket.AF_INET, socket.SOCK_DGRAM), ("127.0.0.1", PORT))
attempt(send, (socket.AF_INET6, socket.SOCK_DGRAM), ("::1", PORT))
attempt(socket.socket, socket.AF_UNIX, socket.SOCK_STREAM)
attempt(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW)
""",
        REFUSED,
    ),
    "breeds": (
        """
for _ in range(260):
    def one():
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    attempt(one)
    if tries[-1] != "done":
        break
tries = tries[-1:]
""",
        "BlockingIOError",
    ),
    "reads-memory": (
        """
for pid in (os.getppid(), COMMAND):
    for name in ("mem", "environ", "maps", "fd", "root/etc/passwd", "cwd", "stat"):
        attempt(open, f"/proc/{pid}/{name}", "rb")
    attempt(call, 101, 16, pid, 0, 0)  # PTRACE_ATTACH
    attempt(call, 310, pid, 0, 0, 0, 0, 0)
""",
        REFUSED,
    ),
    "links": (
        """
secret, victim = PACKAGE / "checks/neighbours/user_cf.py", CLASS / "ann.ipynb"
for number, target in enumerate((secret, victim, CLASS, "/proc/self/root")):
    os.symlink(target, f"soft{number}")
    attempt(lambda: Path(f"soft{number}").read_text())
    attempt(os.link, target, f"hard{number}")
attempt(open, "soft2/ann.ipynb")
attempt(open, f"soft3{victim}")
attempt(open, "/proc/self/cwd" + 20 * "/.." + str(victim))
attempt(os.link, "soft0", CLASS / "out")
attempt(os.chroot, ".")
""",
        "OSError PermissionError",
    ),
    "uses-what-is-open": (
        """
found = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")
         if os.path.islink(f"/proc/self/fd/{n}")]
allowed = ("/dev/null", "socket:", "/proc/")
tries += ["done" for name in found if not name.startswith(allowed)]
tries += [] if len(found) > 3 else ["blind"]
""",
        "",
    ),
    "makes-a-disk": (
        """
import stat
attempt(os.mknod, "disk", stat.S_IFBLK | 0o600, os.makedev(254, 0))
attempt(os.mknod, "memory", stat.S_IFCHR | 0o600, os.makedev(1, 1))
attempt(call, 165, b"none", b".", b"tmpfs", 0, 0)
""",
        REFUSED,
    ),
    "takes-rights-away": (
        # as if it were done, for shutil.copy; the test looks at the file
        """
for place in (CLASS / "ann.ipynb", CLASS, PACKAGE, np.__file__):
    os.chmod(place, 0)
    os.utime(place, (0, 0))
    os.chown(place, 1, 1)
""",
        "",
    ),
    "shares-memory": (
        """
attempt(open, "/dev/shm/for-a-friend", "wb")
attempt(call, 29, 7, 4096, 0o1777)  # shmget
attempt(call, 68, 7, 0o1777)  # msgget
attempt(call, 240, b"/for-a-friend", 0o102, 0o777, 0)  # mq_open
attempt(call, 248, b"user", b"key", b"word", 4, -5)  # add_key
attempt(open, "/tmp/for-a-friend", "wb")
attempt(os.listdir, "..")
""",
        REFUSED,
    ),
    "uses-odd-calls": (
        """
import struct
buffer = ctypes.create_string_buffer(256)
victim = os.fsencode(CLASS / "ann.ipynb")
attempt(call, 425, 8, buffer)  # io_uring_setup
attempt(call, 437, -100, victim, bytes(24), 24)  # openat2
attempt(call, 304, -100, buffer, 0)  # open_by_handle_at
attempt(call, 321, 0, buffer, 64)  # bpf
attempt(call, 0x40000000 | 2, victim, 0)  # open, of x32
""",
        "OSError PermissionError",
    ),
    "runs-from-memory": (
        """
code = f"open({str(CLASS / 'ann.ipynb')!r})"
made = os.memfd_create("x", 0)
os.write(made, b"#!" + os.fsencode(sys.executable) + b" -IS\\n" + code.encode())
def run(*command):
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
attempt(run, sys.executable, "-I", "-S", "-c", code)
attempt(run, f"/proc/self/fd/{made}")
attempt(run, "/bin/sh", "-c", "true")
attempt(run, "sudo", "true")
""",
        "CalledProcessError FileNotFoundError PermissionError",
    ),
    "limits-the-others": (
        """
import resource
for pid in (COMMAND, os.getppid()):
    attempt(resource.prlimit, pid, resource.RLIMIT_CORE)
    attempt(os.setpriority, os.PRIO_PROCESS, pid, 19)
    attempt(os.sched_setaffinity, pid, {0})
    attempt(os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0))
def more(): resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6))
attempt(more)
""",
        "PermissionError ValueError",
    ),
    "makes-a-world": (
        """
attempt(call, 272, 0x10000000 | 0x20000)  # unshare: a user of its own, mounts
attempt(call, 56, 0x10000000 | 17, 0, 0, 0, 0)  # clone
attempt(call, 435, bytes(64), 64)  # clone3
attempt(time.clock_settime, time.CLOCK_REALTIME, time.time())
attempt(call, 169, 0xFEE1DEAD, 0x28121969, 0, 0)  # reboot: keys off
""",
        "OSError PermissionError",
    ),
    "looks-for-tokens": (
        """
word = b"SECRET_OF_" + b"THE_TEACHER"
found = b""
if os.access("/proc/self/environ", os.R_OK):  # not of a process that is shielded
    found = Path("/proc/self/environ").read_bytes()
for line in Path("/proc/self/maps").read_text().splitlines():
    if line.endswith("[stack]"):
        begin, _, end = line.split()[0].partition("-")
        found += ctypes.string_at(int(begin, 16), int(end, 16) - int(begin, 16))
tries += ["done"] * (found.count(word) > found.count(b"word = b"))
tries += ["done"] * any("SECRET" in name for name in os.environ)
tries += [] if b"PATH=" in found else ["blind"]
""",
        "",
    ),
    "signals-by-a-file": (
        """
import fcntl
ours, theirs = socket.socketpair()
attempt(fcntl.fcntl, ours, fcntl.F_SETOWN, COMMAND)
attempt(fcntl.ioctl, ours, 0x8901, COMMAND.to_bytes(4, "little"))
""",
        REFUSED,
    ),
    "outlives": (
        """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            for place in glob.glob(tempfile.gettempdir() + "/../*"):
                Path(place, "mine").write_text("mine")
            time.sleep(0.01)
    os._exit(0)
""",
        "",
    ),
}


def attack(name, **places):
    """A notebook: an attack, and one answer that is right and stands on it."""
    begin = BEGIN
    source = ATTACKS[name][0]
    for word, value in places.items():
        begin = begin.replace(f"{{{word}!r}}", repr(value))
        begin = begin.replace(f"{{{word}}}", repr(value))
        source = source.replace(f"{{{word}!r}}", repr(value))
    earned = f"trick\n{exercises()['2.2-leak'][1]}"
    return notebook([IMPORTS, begin + source + END, earned])


HONEST = """
import shutil, subprocess, sys, tempfile
import matplotlib.pyplot as plt
import numba, pandas as pd, scipy
from recbook import datasets, similarity
data = datasets.load_ml100k()
S = similarity.cosine(datasets.load_toy().csr)
plt.plot([1, 2]); plt.title("Ä"); plt.savefig("x.png"); plt.show()
pd.DataFrame({"a": [1]}).to_csv("x.csv")
shutil.copy("x.csv", "y.csv")
with tempfile.TemporaryDirectory() as folder: open(folder + "/x", "w").close()
@numba.njit
def twice(x): return 2 * x
assert twice(2) == 4
subprocess.run([sys.executable, "-c", "import numpy"], check=True)
import recbook.bayesian, recbook.marketing.ctr, sqlite3, multiprocessing, asyncio
sqlite3.connect("x.db").execute("create table x (y)")
asyncio.run(asyncio.sleep(0))
np.save("x.npy", S); np.load("x.npy")
trick = 1
"""


def honest():
    """All exercises, and what a notebook may need beside."""
    return solved(IDS, before=[HONEST], after=["trick"])
