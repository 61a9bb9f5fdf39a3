"""A function of the program that counts and times itself: what its wrapped code reads and calls.

A call that nobody of the same function is inside of reads the clock twice and appends one number. Any other goes the slow
way: through `begin`, which looks whether the function is on this thread's stack already, and `end`.
"""
import sys
from itertools import count
from time import perf_counter_ns as now_ns

from pipescope_operation import Operation, take

#: Added to a gate while only a part of the calls is timed.
_MASKED = 1 << 32
#: Frames looked at for an outer call of the same function.
_FRAMES = 100
_NO_ERRORS = (StopIteration, StopAsyncIteration)


class Gate:
    """Read by every call. `level`: timed calls under way, above zero also while `mask` is set."""

    __slots__ = ('level', 'mask', 'overflows')

    def __init__(self):
        self.level = self.mask = self.overflows = 0


class Meter(Operation):
    def __init__(self, number, component, name, **more):
        self.gate, self.ticks = Gate(), count(1)
        #: Durations by how they were got: outermost, inside another, and the same of those picked out by the mask.
        self.ways = ([], [], [], [])
        self.original = self.wrapped = None
        self.exact, self.off, self._weight, self._ticked = False, False, 1, 0
        self._since = now_ns()
        super().__init__(number, component, name, **more)
        self.ways = (self.durations,) + self.ways[1:]

    def forget(self):
        super().forget()
        for way in self.ways[1:]:
            del way[:]
        self._ticked, self.gate.overflows = self._ticks(), 0

    def begin(self, masked, depth=1):
        """Start of a call that goes the slow way, as a negative number that also says how to count it."""
        frame = sys._getframe(depth)
        code, nested, left = frame.f_code, 0, _FRAMES
        while left and not nested:
            frame, left = frame.f_back, left - 1
            if frame is None:
                break
            nested = 1 if frame.f_code is code else 0
        return -(now_ns() << 2 | masked << 1 | nested)

    def end(self, start):
        now = now_ns()
        self.ways[-start & 3].append(now - (-start >> 2))

    def fail(self):
        error = sys.exc_info()[0]
        if not issubclass(error, _NO_ERRORS):
            self.failures.append(error.__name__)

    def call(self):
        return Call(self)

    def thin(self, mask):
        """Times one call of `mask` + 1; each is still counted. 0 times all."""
        if self.gate.mask:
            self.collect()
        if (mask == 0) != (self.gate.mask == 0):
            self.gate.level += _MASKED if mask else -_MASKED
        self.gate.mask, self._weight = mask, mask + 1

    def collect(self):
        super().collect()
        fresh = self.fresh
        inner, picked, picked_inner = (take(way) if way else way for way in self.ways[1:])
        fresh.count += len(inner)
        if self.gate.mask or picked or picked_inner:
            ticks = self._ticks()
            fresh.count += ticks - self._ticked
            self._ticked = ticks
            # One call that waited for others stands for many: together they cannot have taken more than there was.
            most = (now_ns() - self._since) * max(1, len(sys._current_frames()) - 1)
            fresh.total += min(sum(picked) * self._weight, most)
        if inner or picked or picked_inner:
            fresh.observe(inner + picked + picked_inner)
        self._since = now_ns()
        if self.gate.overflows:
            overflows, self.gate.overflows = self.gate.overflows, 0
            fresh.fail('RecursionError', overflows)

    def _ticks(self):
        """Calls that went through `ticks`, which is read without counting on: its text is `count(7)`."""
        return int(repr(self.ticks)[6:-1]) - 1


class Call:
    """One call of a function that may look at its own locals: all that is known of it is kept here."""

    __slots__ = ('_meter', '_start')

    def __init__(self, meter):
        self._meter, self._start = meter, 0

    def __enter__(self):
        meter, mask = self._meter, self._meter.gate.mask
        if not mask or not next(meter.ticks) & mask:
            self._start = meter.begin(1 if mask else 0, 2)
            meter.gate.level += 1

    def __exit__(self, error, _value, _trace):
        if error is not None and issubclass(error, Exception):
            self._meter.fail()
        if self._start:
            self._meter.gate.level -= 1
            self._meter.end(self._start)
