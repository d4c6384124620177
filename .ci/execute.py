"""Execute one notebook in a kernel of its own, and count processor seconds."""

import asyncio
import functools
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import settings
from nbclient import NotebookClient

BUILD = Path(__file__).resolve().parents[1] / "_build"
TIMEOUT = 300  # seconds a cell

# Where kernels look in place of the reader's own home: another's settings, or a list of
# fonts that have moved, would show on the pages.
HOMES = {
    "IPYTHONDIR": str(BUILD / ".ipython"),
    "MPLCONFIGDIR": str(BUILD / ".matplotlib"),
}
# One thread a kernel, since as many run as there are cores, and no kernels but those of
# this environment.
SETTINGS = {
    **settings.THREADS,
    "JUPYTER_PREFER_ENV_PATH": "1",
    **settings.TEXT,
    "PYTHONHASHSEED": "0",  # a set of words has one order, and a figure of it, too
    "RECBOOK_SITE": "1",  # figures for the site, not for a reader's own notebook
    **HOMES,
}
TENSORFLOW = "import time, tensorflow, keras; print(time.process_time())"


class Clock:
    """Count processor seconds of a kernel and its children, in total and by cell."""

    def __init__(self, client):
        self.client, self.total, self.start = client, 0.0, 0.0
        self.cells, self.tensorflow = {}, False
        code = [cell for cell in client.nb.cells if cell.cell_type == "code"]
        self.last = code[-1] if code else None
        client.on_cell_execute = self.cell_begins
        client.on_cell_executed = self.cell_ends

    def seconds(self):
        kernel = psutil.Process(self.client.km.provisioner.pid)
        times = kernel.cpu_times()
        total = sum(times[:4])  # user and system, its own and of children that ended
        for child in kernel.children(recursive=True):
            try:
                total += sum(child.cpu_times()[:2])
            except psutil.NoSuchProcess:  # it has just ended
                continue
        return total

    def cell_begins(self, cell, cell_index):
        self.start = self.seconds()

    def cell_ends(self, cell, cell_index, execute_reply):
        self.total = self.seconds()
        self.cells[cell.id] = round(self.total - self.start, 2)
        if cell is self.last:
            self.tensorflow = self.loaded_tensorflow()

    def loaded_tensorflow(self):
        """Return whether the kernel has loaded TensorFlow."""
        try:
            maps = psutil.Process(self.client.km.provisioner.pid).memory_maps()
            return any("tensorflow" in part.path for part in maps)
        except (AttributeError, psutil.Error):  # macOS does not say
            return "tensorflow" in str(self.client.nb.cells)

    def costs(self):
        return {
            "cpu": round(self.total, 2),
            "tensorflow": tensorflow_seconds() if self.tensorflow else 0.0,
            "cells": self.cells,
        }


def execute(path, notebook):
    """Run one notebook in its own folder; return its costs, and the failure or None."""
    start = time.perf_counter()
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        startup_timeout=180,
        record_timing=False,  # it would be written into the cells that we look up
    )
    clock, failure = Clock(client), None
    try:
        # The kernel's own remarks go nowhere; what cells write comes by another way.
        # client.execute would leave the event loop of this thread open.
        running = client.async_execute(cwd=str(path.parent), stderr=subprocess.DEVNULL)
        asyncio.run(running)
    except Exception as error:  # whatever it is, the other notebooks go on
        failure = explain(notebook, error)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    return {"seconds": round(time.perf_counter() - start, 1), **clock.costs()}, failure


def joined(outputs):
    """Return the outputs, with what a stream wrote in pieces put together.

    Where the pieces end depends on how busy the machine was, and a page would show it.
    """
    kept = []
    for output in outputs:
        last = kept[-1] if kept else {}
        same = last.get("output_type") == output.output_type == "stream"
        if same and last.name == output.name:
            last.text += output.text
        else:
            kept.append(output)
    return kept


def explain(notebook, error):
    """Return the id of the cell that failed, and the last lines of its error."""
    message, where = str(error), "the kernel"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            tags = cell.metadata.get("tags", [])
            if output.output_type == "error" and "raises-exception" not in tags:
                message, where = "\n".join(output.traceback), f"cell `{cell.id}`"
    lines = re.sub(r"\x1b\[[0-9;]*m", "", message).strip().splitlines()
    return f"{where} failed\n" + "\n".join("    " + line for line in lines[-12:])


@functools.cache
def tensorflow_seconds():
    """Return the processor seconds of importing TensorFlow in a process of its own."""
    command = [sys.executable, "-c", TENSORFLOW]
    return round(
        float(subprocess.check_output(command, encoding="utf-8").split()[-1]), 2
    )
