"""The folder where a class is marked, the kernels in it, and what is watched."""

import fcntl
import os
import tempfile

import pytest
from numba import config
from numba.core import caching

from recbook.mark import kernels, workplace


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for temporary files, and no kernels to be copied into it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(workplace, "copy_kernels", lambda folder: None)
    return tmp_path


def old(folder):
    """Make a folder that seems to be there for an hour, with a file nobody may read."""
    (folder / "locked").mkdir(parents=True)
    (folder / "locked" / "x").touch()
    (folder / "locked").chmod(0)
    os.utime(folder, (1, 1))
    return folder


def test_what_a_killed_command_left_is_swept_and_no_other_folder(temporary):
    left = old(temporary / "recbook-mark-left")
    other = old(temporary / "mine")
    held = old(temporary / "recbook-mark-held")
    (temporary / "recbook-mark-link").symlink_to(other)
    (temporary / "recbook-mark-new").mkdir()
    lock = os.open(held, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with workplace.workplace() as work:
        assert work.is_dir()
        assert not left.exists()
        assert (other / "locked").exists()
        assert held.exists()
        assert (temporary / "recbook-mark-new").exists()
    os.close(lock)
    assert not work.exists()


def test_a_change_is_seen_though_its_time_is_set_back(tmp_path, monkeypatch):
    folder = tmp_path / "x-packages"
    folder.mkdir()
    monkeypatch.setattr(workplace.sys, "path", [str(folder), str(tmp_path)])
    monkeypatch.setattr(workplace, "PACKAGE", tmp_path)
    monkeypatch.setattr(workplace, "PYTHON", str(folder))
    for name in ("a.py", "b.nbi", "c.nbc", "d.pyc"):
        (folder / name).write_text("1")
    code, loaded = workplace.package(), workplace.installed()
    assert workplace.libraries() == [str(folder)]
    for name in ("a.py", "b.nbi", "c.nbc", "d.pyc", "new.pth"):
        path = folder / name
        before = os.stat(path) if path.exists() else None
        path.write_text("2")
        if before:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            assert workplace.package() != code, name
        assert workplace.installed() != loaded, name
        code, loaded = workplace.package(), workplace.installed()


def test_kernels_are_taken_from_what_was_there_at_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr(caching, "open", open, raising=False)
    for owner, name in ((caching._CacheLocator, "ensure_cache_path"),
                        (caching.Cache, "save_overload")):  # fmt: skip
        monkeypatch.setattr(owner, name, getattr(owner, name))  # is put back
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    index = tmp_path / "a.nbi"
    index.write_bytes(b"sound")
    kernels.freeze()
    index.write_bytes(b"poison")
    (tmp_path / "b.nbc").write_bytes(b"poison")
    assert caching.open(str(index), "rb").read() == b"sound"
    with pytest.raises(FileNotFoundError):
        caching.open(str(tmp_path / "b.nbc"), "rb")
    caching.Cache.save_overload(None, None, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nbi", "b.nbc"]


def test_numba_looks_for_kernels_where_they_were_copied(tmp_path, monkeypatch):
    package = tmp_path / "recbook"
    (package / "part" / "__pycache__").mkdir(parents=True)
    (package / "part" / "f.py").touch()
    (package / "part" / "__pycache__" / "f.g-1.py311.nbi").write_text("index")
    monkeypatch.setattr(kernels, "PACKAGE", package)
    made = package / "part" / "__pycache__" / "f.h-2.py311.nbi"
    monkeypatch.setattr(kernels, "compile_some", made.touch)
    kernels.copy_kernels(tmp_path / "kernels")
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "kernels"))
    found = caching.UserProvidedCacheLocator(old, str(package / "part" / "f.py"))
    names = sorted(os.listdir(found.get_cache_path()))
    assert names == ["f.g-1.py311.nbi", "f.h-2.py311.nbi"]


def test_what_is_locked_goes_and_nothing_outside_is_opened(tmp_path, monkeypatch):
    folder, other = tmp_path / "work", tmp_path / "other"
    other.mkdir()
    inner = folder / "one" / "two"
    inner.mkdir(parents=True)
    (inner / "link").symlink_to(other)
    for path in (other, inner, folder / "one"):
        path.chmod(0o500)
    workplace.remove(folder)
    assert not folder.exists()
    # A folder that cannot go is no reason to open the one that it stands in.
    folder.mkdir()
    tmp_path.chmod(0o755)
    mode = tmp_path.stat().st_mode

    def fails(path, onerror):
        onerror(os.rmdir, str(path), None)

    monkeypatch.setattr(workplace.shutil, "rmtree", fails)
    workplace.remove(folder)
    assert tmp_path.stat().st_mode == mode
    assert other.stat().st_mode & 0o777 == 0o500
