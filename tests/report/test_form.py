"""The form behind "Your file": what it guesses, asks, says, and the report it makes."""

import json
import shlex

import pytest

from recbook.datasets import example_file
from recbook.report.commands import main
from recbook.report.form import Form

OWN = {  # what no file tells
    "targeting": {"margin": "20", "cost": "0,60"},
}
FILES = {
    "experiment": {"frame": "test.csv"},
    "off_policy": {"log": "banners.csv"},
}


def opened(job, **files):
    """A form with example files, by slot, and the values that it guesses."""
    form = Form(job)
    for slot, name in files.items():
        data = example_file(name).read_bytes()
        assert form.open(slot, name, data)["fine"]
    fields = json.loads(json.dumps(form.fields()))
    return form, {one["name"]: one["value"] for one in fields} | OWN.get(job, {})


@pytest.mark.parametrize("job", FILES)
def test_the_command_makes_the_numbers_of_the_page(job, tmp_path, monkeypatch):
    form, values = opened(job, **FILES[job])
    made = form.make(values)
    assert made["fine"], made
    monkeypatch.chdir(example_file("orders.csv").parent)
    words = shlex.split(made["command"].replace("\\\n", ""))
    assert main([*words[3:], "--out", str(tmp_path)]) == 0
    for name, content in made["files"].items():
        assert (tmp_path / name).read_bytes() == content
