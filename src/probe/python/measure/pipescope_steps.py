"""Adds up the running parts of coroutine calls: from their start, or a resumption, to the next suspension.

They are measured in processor time of the thread, because the system may interrupt a thread at any time. Only if steps are so
short that they hardly can be interrupted, they are measured by the ordinary clock, which costs far less.
"""
import sys
from itertools import repeat, starmap

from pipescope_costs import costs
from pipescope_operation import HashableList, drain
from pipescope_originals import now_ns, thread_time_ns

#: Endless iterators over clocks in nanoseconds, and over the number of the frame in which they are advanced.
PROCESSOR_CLOCK, _ORDINARY_CLOCK = (starmap(clock, repeat(())) for clock in (thread_time_ns, now_ns))
FRAME_NUMBERS = map(id, starmap(sys._getframe, repeat(())))

#: Kinds of events. Those of suspension and resumption are recorded by instrumented code.
_RESUME, _PAUSE, _BEGIN, _END, _NEW_CLOCK = None, 1, 2, 3, 4
_VALUES = 3
#: Steps that are longer on average may have waited.
_LONG_STEP_NS, _MIN_STEPS = 50_000, 16
#: A step that is longer by the ordinary clock was interrupted.
_LONGEST_STEP_NS = 1_000_000


class Steps:
    def __init__(self, gate):
        self._gate = gate
        #: Events of all calls in order, three values for each: kind, time (and call if it has ended), number of the frame.
        self.events = HashableList()
        self.step = self.events.extend
        #: Timed calls in progress by the number of their frame: running time so far, and the start of the current step or 0.
        self._running = {}
        self._is_fast = False

    def __bool__(self):
        return bool(self.events)

    def reset(self):
        del self.events[:]

    # On the program's threads.

    def begin(self, frame):
        self.step((_BEGIN, next(self._gate.clock), frame))

    def end(self, frame, call):
        self.step((_END, (next(self._gate.clock), call), frame))

    def use_fast_clock(self):
        if self._gate.clock is not _ORDINARY_CLOCK:
            self._use(_ORDINARY_CLOCK)

    def _use(self, clock):
        self._gate.clock = clock
        self.step((_NEW_CLOCK, clock is _ORDINARY_CLOCK, 0))

    # On the probe's thread.

    def drain_calls(self):
        """Returns the calls that have ended, with their running time as processor time."""
        ended, running, count, total_ns = [], self._running, 0, 0
        for kind, value, frame in zip(*[iter(drain(self.events))] * _VALUES):
            if kind == _BEGIN:
                running[frame] = [0, value]
                continue
            if kind == _NEW_CLOCK:
                self._is_fast = value
                for step in running.values():
                    step[1] = 0
                continue
            step = running.get(frame)
            if step is None:
                continue
            if kind == _RESUME:
                step[1] = value
                continue
            time_ns = value if kind == _PAUSE else value[0]
            # An exception that was thrown into the coroutine has resumed it without an event.
            step_ns = self._length(time_ns - step[1]) if step[1] else 0
            step[0] += step_ns
            step[1] = 0
            count, total_ns = count + 1, total_ns + step_ns
            if kind == _END:
                duration_ns, cpu_ns, *rest = value[1]
                del running[frame]
                ended.append((duration_ns, min(cpu_ns, step[0]), *rest))
        if count >= _MIN_STEPS and (total_ns < _LONG_STEP_NS * count) != self._is_fast:
            self._use(PROCESSOR_CLOCK if self._is_fast else _ORDINARY_CLOCK)
        return ended

    def _length(self, step_ns):
        if self._is_fast:
            return min(max(0, step_ns), _LONGEST_STEP_NS)
        return max(0, step_ns - costs.clock_ns)
