"""The command that measures beside peers, with benches that measure nothing."""

import json
import sys
from types import ModuleType

import pandas as pd
import pytest

from tests.benchmarks import __main__ as bench

ROW = {"benchmark": "a task", "size": "10 rows", "ours_s": 1.0, "peer": "a peer"}
ROW |= {"peer_s": 2.0, "ratio": 2.0, "target": 1.5, "note": ""}


@pytest.fixture
def benches(monkeypatch):
    """Two benches; what they say of their seconds can be changed."""
    made = {}
    for name in ("one", "two"):
        made[name] = module = ModuleType(name)
        module.parity, module.rows = lambda: None, lambda: [dict(ROW)]
        monkeypatch.setitem(sys.modules, f"tests.benchmarks.peers.{name}", module)
    monkeypatch.setattr(bench, "BENCHES", [*made])
    return made


def written(folder):
    (path,) = folder.glob("*.csv")
    about = json.loads(path.with_suffix(".json").read_text())
    return pd.read_csv(path).set_index("module")["ours_s"].to_dict(), about


def test_all_are_written_and_some_only_where_that_is_asked(benches, tmp_path):
    bench.main([], tmp_path)
    benches["two"].rows = lambda: [ROW | {"ours_s": 9.0}]
    bench.main(["two"], tmp_path)
    seconds, about = written(tmp_path)
    assert seconds == {"one": 1.0, "two": 1.0}
    assert "again" not in about
    bench.main(["two", "--write"], tmp_path)
    seconds, again = written(tmp_path)
    assert seconds == {"one": 1.0, "two": 9.0}
    assert list(again.pop("again")) == ["two"]
    assert again == about, "of the others it is known when they were measured"


def test_a_bench_that_disagrees_with_its_peer_writes_nothing(benches, tmp_path):
    def differs():
        raise AssertionError("0.1 off")

    benches["one"].parity = differs
    with pytest.raises(AssertionError, match=r"0\.1 off"):
        bench.main([], tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_bench_is_named(benches, capsys):
    with pytest.raises(SystemExit):
        bench.main(["three"])
    assert "no benchmark {'three'}; there are one, two" in capsys.readouterr().err
