"""Print what the pages cost: processor seconds, TensorFlow's import, slowest cells.

Usage: .venv/bin/python .ci/clock.py, after `make book`
"""

import pages


def table(records):
    """Return a line for each page of ``pages.json``, the slowest first."""
    lines = [" CPU s  TensorFlow  page and its dearest cells"]
    for name, record in sorted(records.items(), key=lambda pair: -pair[1]["cpu"]):
        dearest = sorted(record["cells"].items(), key=lambda pair: -pair[1])[:3]
        cells = ", ".join(f"{cell} {seconds:.1f}" for cell, seconds in dearest)
        share = f"{record['tensorflow']:.1f}" if record["tensorflow"] else ""
        lines.append(f"{record['cpu']:6.1f}  {share:>10}  {name}: {cells}")
    return "\n".join(lines)


if __name__ == "__main__":
    records = pages.read_json(pages.RECORDS)
    there = [pages.name_of(path) for path in pages.notebooks()]
    print(table({name: records[name] for name in there if name in records}))
