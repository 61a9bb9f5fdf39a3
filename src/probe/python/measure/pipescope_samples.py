"""Samples of what the program's threads are running, from which own times are estimated without the cost of timing calls.

The probe's thread wakes up and waits for Python's lock. A thread that computes gives it up after the switch interval, at the next
of the places where Python checks whether it should: the entry of a function, a jump backwards, the return from a call. The code
of an instrumented function has such a place before each return, too. So the time between two places always belongs to one
function, and a sample counts for the one that has run since the place before; at the entry of a function that is its caller.

A thread that gives up the lock by itself, because it reads or writes, would always be seen there. Such samples are not used.
"""
import sys
from itertools import accumulate, chain, islice, repeat
from os import getpid

from _operator import attrgetter
from pipescope_meter import Meter
from pipescope_originals import get_thread_id, now_ns, process_time_ns, thread_time_ns
from pipescope_twin import Twin

#: Up to so many frames are searched for a measured function.
_DEPTH = 200
#: Less than this share of the switch interval: the lock was given up by the thread itself.
_FORCED_SHARE = 0.8
#: Mean length of a pause, and after how many samples it is doubled.
_PAUSE_NS, _MAX_PAUSE_NS, _MANY = 500_000, 32_000_000, 200
#: Samples of less processor time say little.
_MIN_CPU_NS = 200_000
#: A sample stands for no more than this.
_MAX_CPU_NS = 12_000_000
_PROBE_CODE = {value.__code__ for value in vars(Meter).values() if hasattr(value, '__code__')}
_OUTSIDE, _PROBE = object(), object()
_current_frames = sys._current_frames
_position_of = attrgetter('f_code', 'f_lasti')


class Samples:
    def __init__(self):
        self._seed = 1
        self._reset()

    def _reset(self):
        self._process = getpid()
        #: Number of samples and the processor time that they stand for; other processor time, in which nothing was different;
        #: and that in which threads have given up the lock by themselves.
        self.count, self.sampled_ns, self.missed_ns, self.unknown_ns = 0, 0.0, 0.0, 0.0
        self._cpu_ns, self._stacks, self._last = process_time_ns() - thread_time_ns(), {}, None

    def take(self, due_ns):
        """Takes a sample after a pause that was due to end at this time. Returns the length of the next pause."""
        is_forced = now_ns() - due_ns >= _FORCED_SHARE * 1e9 * sys.getswitchinterval()
        stacks = _stacks_of(_current_frames())
        stacks.pop(get_thread_id(), None)
        if getpid() != self._process:  # In the child of a fork.
            self._reset()
        cpu_ns, self._cpu_ns = -self._cpu_ns, process_time_ns() - thread_time_ns()
        cpu_ns += self._cpu_ns
        if cpu_ns < _MIN_CPU_NS or not is_forced:
            self.unknown_ns += max(0, cpu_ns)
        else:
            self._add(stacks, cpu_ns)
        self._stacks = stacks
        mean_ns = min(_PAUSE_NS << min(8, self.count // _MANY), _MAX_PAUSE_NS)
        self._seed = (self._seed * 1103515245 + 12345) & 0x7fffffff
        return mean_ns // 2 + self._seed * mean_ns // 0x7fffffff

    def _add(self, stacks, cpu_ns):
        """Adds a sample. Threads that have not moved since the last one have waited, unless there is only one."""
        active = [_running(stack) for number, stack in stacks.items()
                  if len(stacks) == 1 or self._stacks.get(number) != stack]
        if not active or _PROBE in active:
            self.missed_ns += cpu_ns
            return
        # The first one comes late, and so does one after the thread has sent a batch.
        self.missed_ns += max(0, cpu_ns - _MAX_CPU_NS)
        cpu_ns = min(cpu_ns, _MAX_CPU_NS)
        self.count += 1
        self.sampled_ns += cpu_ns
        for meter in active:
            if meter is not _OUTSIDE:
                meter.sampled_ns += cpu_ns / len(active)


def _stacks_of(frames):
    """Returns the code and the position of each frame, by thread. No thread can run meanwhile: the program's frames are not kept
    until it does, because the values in them would be freed in this thread.
    """
    stacks = {}
    for number in list(frames):
        stack = stacks[number] = []
        try:
            stack.extend(map(_position_of, islice(accumulate(chain((frames.pop(number),), repeat('f_back')), getattr), _DEPTH)))
        except AttributeError:  # The last frame has none before it.
            pass
    return stacks


def _running(stack):
    """Returns the meter of the measured function that has run; `_OUTSIDE` if there is none, `_PROBE` if it was the probe."""
    for code, position in stack:
        constants = code.co_consts
        if constants and constants[-1].__class__ is Twin:
            meter = constants[-1].meter
            if position >= meter.entry:
                return meter
        elif code in _PROBE_CODE:
            return _PROBE
    return _OUTSIDE
