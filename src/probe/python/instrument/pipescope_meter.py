"""A function of the program that counts and times itself: the objects that its instrumented code reads and calls.

The common call, one that is not inside another call of the same function, reads the clock twice and appends a number.
Other calls take the slow path through `begin`, which finds out whether this thread is already in the function, and `end`.
"""
import sys
from itertools import count
from sys import modules

from pipescope_operation import Operation, drain
from pipescope_originals import count_threads, now_ns

#: Added to a gate's level while not every call takes the fast path.
_SLOW = 1 << 32
#: Maximum number of frames searched for an outer call of the same function.
_MAX_FRAMES = 100
_NO_ERRORS = (StopIteration, StopAsyncIteration)


class Gate:
    """Read by every call. `level` is the number of timed calls in progress; it is above zero also while the gate is closed or
    has a mask.
    """

    __slots__ = ('level', 'mask', 'closed')

    def __init__(self):
        self.level = self.mask = self.closed = 0


class HashableList(list):
    """A list that can be a constant: code objects are hashed together with their constants."""

    __slots__ = ()
    __hash__ = object.__hash__


class Meter(Operation):
    def __init__(self, number, component, name, **options):
        self.gate, self.ticks = Gate(), count(1)
        #: Durations of outermost calls, of nested calls, and the same two of calls that a mask has selected.
        self.durations_by_kind = (HashableList(), [], [], [])
        #: Starts of calls that ended with an exception so near the recursion limit that nothing could be called.
        self.overflows = HashableList()
        #: One entry for each call that is counted but not timed: it began so near the recursion limit that the clock could
        #: not be read, or was running when the gate was closed.
        self.untimed = HashableList()
        self.original = self.instrumented = None
        self.is_exact, self.is_disabled, self.is_coroutine, self._weight, self._last_ticks = False, False, False, 1, 0
        #: True if calls may not have been counted.
        self.is_incomplete = False
        self._collected_ns = now_ns()
        super().__init__(number, component, name, **options)
        self.durations = self.durations_by_kind[0]

    def reset(self):
        super().reset()
        for durations in self.durations_by_kind:
            del durations[:]
        del self.overflows[:], self.untimed[:]
        self._last_ticks = self._count_ticks()

    # Called by instrumented code on the slow path.

    def begin(self):
        """Returns the start of a call as a negative number that also encodes its kind."""
        gate = self.gate
        nested = gate.level & _SLOW - 1 and (
            1 if not self.is_coroutine and count_threads() < 2 and 'greenlet' not in modules else self._is_nested())
        start = -(now_ns() << 2 | (2 if gate.mask else 0) | nested)
        # Last, because a signal handler may raise an error after any call.
        gate.level += 1
        return start

    def end(self, start):
        self.gate.level -= 1
        self.durations_by_kind[-start & 3].append(now_ns() - (-start >> 2))

    def raised(self, start, error):
        """Ends a call that raises an error. Before Python 3.11, `error` is a tuple of traceback, error and type."""
        # What can fail near the recursion limit comes first, because such a call is recorded by the instrumented code.
        end_ns = now_ns()
        kind = error[2] if type(error) is tuple else type(error)
        has_failed = issubclass(kind, Exception) and not issubclass(kind, _NO_ERRORS)
        if start:
            self.gate.level -= 1
            self.durations_by_kind[0 if start > 0 else -start & 3].append(end_ns - (start if start > 0 else -start >> 2))
        if has_failed:
            self.failures.append(kind.__name__)

    def _is_nested(self):
        """Returns 1 if a call of this function is in progress on this thread's stack, otherwise 0. Without coroutines and
        other threads, any call in progress is on this stack.
        """
        frame = sys._getframe(2)
        code = frame.f_code
        for _ in range(_MAX_FRAMES):
            frame = frame.f_back
            if frame is None:
                return 0
            if frame.f_code is code:
                return 1
        return 0

    # Control.

    def set_mask(self, mask):
        """Times one of `mask` + 1 calls; 0 times all. Every call is still counted."""
        if self.gate.mask:
            self.collect()
        if (mask == 0) != (self.gate.mask == 0):
            self.gate.level += _SLOW if mask else -_SLOW
        self.gate.mask, self._weight = mask, mask + 1

    def close(self):
        """Makes instrumented code call nothing, because a tracer would see it. Calls are neither counted nor timed."""
        gate = self.gate
        if not gate.closed:
            gate.closed, gate.level, self.is_incomplete = 1, gate.level + _SLOW, True

    def open(self):
        """Undoes `close`."""
        gate = self.gate
        if gate.closed:
            gate.closed, gate.level = 0, gate.level - _SLOW

    def _settle(self):
        """Repairs the level. Before Python 3.10, two threads can change it at the same moment."""
        gate = self.gate
        slow, expected = (gate.level + _SLOW // 2) // _SLOW, (1 if gate.mask else 0) + gate.closed
        if slow != expected:
            gate.level += (expected - slow) * _SLOW

    def collect(self):
        super().collect()
        self._settle()
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
        if self.untimed:
            pending.count += len(drain(self.untimed))
        if self.overflows:
            self._collect_overflows()
        if self.is_incomplete and pending.count:
            self.is_incomplete, pending.partial = False, True

    def _collect_overflows(self):
        starts = drain(self.overflows)
        self.pending.add_errors('RecursionError', len(starts))
        # Masked calls are counted by their ticks, and calls that are not timed have not changed the level.
        self.pending.count += sum(1 for start in starts if start > 0 or (start and -start & 2 == 0))
        self.gate.level -= sum(1 for start in starts if start)

    def _count_ticks(self):
        """Returns how often `ticks` was advanced. Parses its text, `count(7)`, because reading it would advance it."""
        return int(repr(self.ticks)[6:-1]) - 1
