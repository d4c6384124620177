"""Show how many pages have run: a bar on a terminal, a line for each page in a log."""

import os
import statistics
import sys
import time

from tqdm import tqdm


class Progress:
    """The pages that have run, and the time left by what each took the last time."""

    def __init__(self, names, seconds):
        known = [seconds[name] for name in names if name in seconds]
        usual = statistics.median(known) if known else 30
        self.left = {name: seconds.get(name, usual) for name in names}
        self.n_pages, self.begun = len(self.left), {}
        self.bar = None
        if sys.stderr.isatty():
            look = "{n_fmt} of {total_fmt} pages |{bar:30}| {postfix}"
            self.bar = tqdm(total=self.n_pages, bar_format=look)
            self.tick()

    def begin(self, name):
        self.begun[name] = time.perf_counter()

    def end(self, name, seconds, failed=False):
        """Count a page as run, and print it."""
        del self.left[name]
        if self.bar is not None:
            if failed:
                self.bar.write(f"  {name} failed after {seconds:.0f} s", sys.stderr)
            self.bar.update()
            return self.tick()
        done = f"{self.n_pages - len(self.left)} of {self.n_pages}"
        rest = f", {self.time_left()} left" if self.left else ""
        verb = "failed after" if failed else "ran in"
        return print(f"  {done}: {name} {verb} {seconds:.0f} s{rest}", flush=True)

    def tick(self):
        """Bring the time left on the bar up to date."""
        if self.bar is not None:
            self.bar.set_postfix_str(f"{self.time_left()} left")

    def time_left(self):
        now = time.perf_counter()
        rest = [
            max(0, seconds - (now - self.begun.get(name, now)))
            for name, seconds in self.left.items()
        ]
        total = max(sum(rest) / os.cpu_count(), max(rest, default=0))
        return f"{total:.0f} s" if total < 90 else f"{total / 60:.0f} min"

    def close(self):
        if self.bar is not None:
            self.bar.close()
