"""Build the wheel of recbook, which the site carries for Colab, Kaggle and plain pip.

Its bytes depend on nothing but the files in it: hatchling gives each the same time. No
network is needed, as hatchling is in the lock.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

import digests

ROOT = digests.ROOT


def build(folder):
    """Build the wheel into a folder; return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    done = subprocess.run(
        [*command, "-d", str(folder)], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        sys.exit(f"recbook: the wheel was not built:\n{done.stderr[-3000:]}")
    (built,) = Path(folder).glob("*.whl")
    return built


def stands_on():
    """Return the digest of what is in it."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    inside = about["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    files = [path for name in inside for path in digests.tree(ROOT / name)]
    beside = [ROOT / name for name in ("LICENSE", "README.md", "pyproject.toml")]
    return digests.digest([*files, *beside])
