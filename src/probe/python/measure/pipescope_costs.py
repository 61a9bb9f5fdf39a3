"""Cost of the probe's own instructions, which is subtracted from the durations that contain them.

Every instrumented call advances `_ALL_CALLS`, and every timed call adds its further cost to `costs.spent_ns`. The difference of
both between the start and the end of a call is therefore the cost of everything that was measured inside of it.
"""
import sys
from itertools import compress, repeat

#: Advanced by every call of every function. It counts in C, so that no thread can interrupt it, and never ends.
_ALL_CALLS = repeat(None, sys.maxsize)
remaining_calls = _ALL_CALLS.__length_hint__



def count_along(ticks):
    """Returns an iterator of None that advances both these ticks, `repeat(True, n)`, and the number of all calls. It ends with the
    ticks.
    """
    return compress(_ALL_CALLS, ticks)


class Costs:
    __slots__ = ('count_ns', 'record_ns', 'rest_ns', 'clock_ns', 'inner_ns', 'inner_cpu_ns', 'spent_ns', 'has_threads')

    def __init__(self):
        #: Cost of a call that is only counted, and of one that is timed.
        self.count_ns, self.record_ns = 20.0, 1000.0
        #: The part of the latter that `Meter.begin` does not measure, and what to read processor time adds to it.
        self.rest_ns, self.clock_ns = 500.0, 1000.0
        #: What the instructions between the two readings of a clock add to the duration of a call, by either clock.
        self.inner_ns = self.inner_cpu_ns = 0.0
        #: Cost of all timed calls so far beyond that of counting them.
        self.spent_ns = 0.0
        #: True once calls were timed while there were several threads.
        self.has_threads = False


costs = Costs()


def counted_calls():
    """Returns the number of instrumented calls so far."""
    return sys.maxsize - remaining_calls()
