"""A function of the program that counts and times itself: the names that its instrumented code reads and calls.

The common call, one that is not inside another call of the same function, reads the clock twice and appends a number.
Other calls take the slow path through `begin`, which searches this thread's stack for the same function, and `end`.
"""
import sys
from itertools import count
from time import perf_counter_ns as now_ns

from pipescope_operation import Operation, drain

#: Added to a gate's level while only some of the calls are timed.
_MASKED = 1 << 32
#: Maximum number of frames searched for an outer call of the same function.
_MAX_FRAMES = 100
_NO_ERRORS = (StopIteration, StopAsyncIteration)


class Gate:
    """Read by every call. `level` is the number of timed calls in progress; it is above zero also while `mask` is set."""

    __slots__ = ('level', 'mask', 'overflows')

    def __init__(self):
        self.level = self.mask = self.overflows = 0


class Meter(Operation):
    def __init__(self, number, component, name, **options):
        self.gate, self.ticks = Gate(), count(1)
        #: Durations of outermost calls, of nested calls, and the same two of calls that a mask has selected.
        self.durations_by_kind = ([], [], [], [])
        self.original = self.instrumented = None
        self.is_exact, self.is_disabled, self._weight, self._last_ticks = False, False, 1, 0
        self._collected_ns = now_ns()
        super().__init__(number, component, name, **options)
        self.durations_by_kind = (self.durations,) + self.durations_by_kind[1:]

    def reset(self):
        super().reset()
        for durations in self.durations_by_kind[1:]:
            del durations[:]
        self._last_ticks, self.gate.overflows = self._count_ticks(), 0

    def begin(self, masked, depth=1):
        """Returns the start of a call on the slow path, as a negative number that also encodes its kind."""
        frame = sys._getframe(depth)
        code, nested, frames_left = frame.f_code, 0, _MAX_FRAMES
        while frames_left and not nested:
            frame, frames_left = frame.f_back, frames_left - 1
            if frame is None:
                break
            nested = 1 if frame.f_code is code else 0
        return -(now_ns() << 2 | masked << 1 | nested)

    def end(self, start):
        end_ns = now_ns()
        self.durations_by_kind[-start & 3].append(end_ns - (-start >> 2))

    def fail(self):
        error = sys.exc_info()[0]
        if not issubclass(error, _NO_ERRORS):
            self.failures.append(error.__name__)

    def call(self):
        return Call(self)

    def set_mask(self, mask):
        """Times one of `mask` + 1 calls; 0 times all. Every call is still counted."""
        if self.gate.mask:
            self.collect()
        if (mask == 0) != (self.gate.mask == 0):
            self.gate.level += _MASKED if mask else -_MASKED
        self.gate.mask, self._weight = mask, mask + 1

    def collect(self):
        super().collect()
        pending = self.pending
        nested, selected, selected_nested = (
            drain(durations) if durations else durations for durations in self.durations_by_kind[1:])
        pending.count += len(nested)
        if self.gate.mask or selected or selected_nested:
            ticks = self._count_ticks()
            pending.count += ticks - self._last_ticks
            self._last_ticks = ticks
            # A selected call stands for many. If it waited, the product could exceed the time that all threads had.
            max_total = (now_ns() - self._collected_ns) * max(1, len(sys._current_frames()) - 1)
            pending.total += min(sum(selected) * self._weight, max_total)
        if nested or selected or selected_nested:
            pending.add_durations(nested + selected + selected_nested)
        self._collected_ns = now_ns()
        if self.gate.overflows:
            overflows, self.gate.overflows = self.gate.overflows, 0
            pending.add_errors('RecursionError', overflows)

    def _count_ticks(self):
        """Returns how often `ticks` was advanced. Parses its text, `count(7)`, because reading it would advance it."""
        return int(repr(self.ticks)[6:-1]) - 1


class Call:
    """Call of a function that may inspect its own locals. Its state is kept here instead of in a local variable."""

    __slots__ = ('_meter', '_start')

    def __init__(self, meter):
        self._meter, self._start = meter, 0

    def __enter__(self):
        meter, mask = self._meter, self._meter.gate.mask
        if not mask or not next(meter.ticks) & mask:
            self._start = meter.begin(1 if mask else 0, 2)
            meter.gate.level += 1

    def __exit__(self, error, _value, _traceback):
        if error is not None and issubclass(error, Exception):
            self._meter.fail()
        if self._start:
            self._meter.gate.level -= 1
            self._meter.end(self._start)
