"""The clock of all benchmarks."""

import statistics
import time


def medians(*calls, repetitions=5):
    """Median processor seconds of each call; what has to be compiled, is already.

    The calls take turns, so that whatever else the machine does meets all of them;
    and processor time, unlike the wall's, does not count the waiting for a core.
    """
    seconds = [[] for _ in calls]
    for _ in range(repetitions):
        for call, mine in zip(calls, seconds, strict=True):
            start = time.process_time()
            call()
            mine.append(time.process_time() - start)
    return [statistics.median(mine) for mine in seconds]
