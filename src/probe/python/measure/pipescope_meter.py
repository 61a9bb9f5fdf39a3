"""A function of the program that counts and times itself: the objects that its instrumented code reads and calls.

Most calls are only counted, in C. `begin` and `end` measure the others: how long they took by the clock and, if they may have
waited, how much processor time; which measured function has made them; and whether the same function was already running. The
probe's thread then estimates the totals of all calls (`pipescope_estimate.py`).
"""
import sys
from itertools import repeat

from pipescope_costs import costs, count_along, remaining_calls
from pipescope_difference import MIXED
from pipescope_estimate import UNREAD, Estimate
from pipescope_gaps import MAX_LEVEL, NO_TICKS, levels_for, next_gap
from pipescope_opcodes import HAS_TABLE
from pipescope_operation import HashableList, Operation, drain
from pipescope_originals import count_threads, now_ns, thread_time_ns
from pipescope_steps import PROCESSOR_CLOCK, Steps
from pipescope_twin import caller_of

#: Up to so many frames are searched for another call of the same function.
_FRAMES = range(100)
#: After this time, an iterator that is not the current one is not advanced any more.
_MAX_PAUSE_NS = 2_000_000_000
#: A call whose start takes longer was interrupted by another thread.
_MAX_BEGIN_NS = 50_000
#: After this many timed calls in too short a time, half as many are timed.
_CALLS_PER_STEP = 32
#: Number of timed calls that are searched for recursion before most of them are believed to be outermost calls.
_SEARCHED_CALLS = 64
#: Functions that take longer than this may have waited, so their processor time is read as well.
_LONG_CALL_NS, _LONGEST_SHORT_CALL_NS = 20_000, 200_000
#: Number of values of a timed call.
_VALUES = 7
_NO_ERRORS = (StopIteration, StopAsyncIteration)
_getframe = sys._getframe


class Gate:
    """Read by every call. `ticks` ends when the next call is to be timed. If `closed` is set, the call calls nothing. `clock`
    is the iterator that measures the steps of coroutines.
    """

    __slots__ = ('ticks', 'closed', 'clock')

    def __init__(self):
        self.ticks, self.closed, self.clock = NO_TICKS, False, PROCESSOR_CLOCK


class Meter(Operation):
    def __init__(self, number, component, name, **options):
        self.gate = Gate()
        #: Timed calls that have ended, seven values for each: duration, processor time, weight, calling meter, is nested, start,
        #: number of measured calls inside. In no tuples, because more objects would let Python's garbage collector run more often.
        self.calls = []
        #: Starts of calls that ended with an exception so near the recursion limit that nothing could be called.
        self.overflows = HashableList()
        #: One entry for each call that is counted but not timed: it began so near the recursion limit that the clock could
        #: not be read, or was running when the gate was closed.
        self.untimed = HashableList()
        #: Code of the function: as it is in the file, as it counts calls, and the former again if it may replace the latter.
        self.original = self.instrumented = self.uncounted = None
        #: False if the host reads the stacks of this process, from which it knows own times.
        self.knows_own = True
        self.is_exact = False
        #: Running parts of the calls of a coroutine function, or None.
        self.steps = None
        #: True if calls may not have been counted.
        self.is_incomplete = False
        #: Mean number of calls left out: see `pipescope_gaps.py`. Length of the current gap, and its ticks.
        self.level, self._gap, self._ticks = 0, 0, None
        #: Iterators, each followed by its length, that were created since the last count. Lists of those that may still
        #: advance: iterator, length, how far it was, and when it was last the current one.
        self._created, self._advancing = [], []
        #: Least time between two timed calls on average.
        self.interval_ns = 0.0
        #: Numbers of timed calls: since the rate was last checked, and those that were searched for recursion.
        self.step_calls, self.searched = 0, 0
        self._step_ns, self._has_recursion = now_ns(), False
        #: True if calls of measured functions are made inside.
        self.calls_others = False
        #: True if the processor time of calls is read.
        self.reads_cpu = True
        #: Number of calls since the budget was last updated.
        self.recent_count, self.estimate = 0, Estimate()
        #: Processor time of the samples in which this function was running, and the position of its first instruction.
        self.sampled_ns, self.entry = 0.0, 0
        super().__init__(number, component, name, **options)

    def reset(self):
        super().reset()
        del self.calls[:], self.overflows[:], self.untimed[:]
        self._drain_skipped()
        if self.steps is not None:
            self.steps.reset()
        self.estimate.reset(self.steps is not None)
        self.recent_count, self.sampled_ns = 0, 0.0

    # Called by instrumented code.

    def begin(self):
        """Returns the start of a timed call, and chooses when the next call is timed."""
        entered_ns = now_ns()
        weight = self._gap + 1
        self.step_calls += 1
        if self.step_calls >= _CALLS_PER_STEP:
            self._limit_rate(entered_ns)
        if self.level or weight > 1:
            self._start_gap()
        frame = _getframe(1)
        parent, caller = caller_of(frame)
        is_nested = parent is self or (parent is not None and self._is_nested(frame.f_code, caller))
        if self.steps is not None:
            return self._begin_coroutine(weight, parent, is_nested, entered_ns, frame, caller)
        cpu_ns = thread_time_ns() if self.reads_cpu else -1
        return weight, parent, is_nested, costs.spent_ns, remaining_calls(), entered_ns, cpu_ns

    def end(self, call, depth=1):
        (call, start_ns), end_ns = call
        weight, parent, is_nested, spent_ns, remaining, entered_ns, cpu_ns = call
        # No `min` or `max`, because near the recursion limit this must not need a deeper call than `begin`.
        duration_ns = end_ns - start_ns - costs.inner_ns
        inner_calls = remaining - remaining_calls()
        if inner_calls:
            self.calls_others = True
        cost_ns = inner_calls * costs.count_ns + costs.spent_ns - spent_ns
        has_clock = cpu_ns >= 0
        if count_threads() > 1:
            costs.has_threads = True
        if has_clock:
            cpu_ns = thread_time_ns() - cpu_ns - costs.inner_cpu_ns
            if costs.has_threads and cpu_ns < duration_ns:
                # This thread has caused no more of the cost than it has run.
                cost_ns *= cpu_ns / duration_ns if cpu_ns > 0 else 0
            cpu_ns -= cost_ns
            costs.spent_ns += costs.clock_ns
        duration_ns -= cost_ns
        if duration_ns < 1:
            duration_ns = 1.0
        if not has_clock and duration_ns >= _LONG_CALL_NS:
            cpu_ns = UNREAD
        elif not has_clock or cpu_ns > duration_ns or duration_ns < _LONG_CALL_NS:
            # The clock of processor time is less precise, and a short call does not wait.
            cpu_ns = duration_ns
        elif cpu_ns < 0:
            cpu_ns = 0.0
        begin_ns = start_ns - entered_ns
        costs.spent_ns += (begin_ns if begin_ns < _MAX_BEGIN_NS else _MAX_BEGIN_NS) + costs.rest_ns
        if costs.has_threads or self.steps is not None:
            inner_calls = MIXED
        if self.steps is None:
            self.calls.extend((duration_ns, cpu_ns, weight, parent, is_nested, start_ns, inner_calls))
        else:
            self.steps.end(id(_getframe(depth)), (duration_ns, cpu_ns, weight, parent, is_nested, start_ns, inner_calls))

    def _begin_coroutine(self, weight, parent, is_nested, entered_ns, frame, caller):
        while parent is not None and parent.steps is not None and not HAS_TABLE:
            # Before Python 3.11, the time in which a coroutine awaits another one is not one of its steps.
            parent, caller = caller_of(caller)
        call = (weight, parent, is_nested, costs.spent_ns, remaining_calls(), entered_ns, thread_time_ns())
        self.steps.begin(id(frame))
        return call

    def raised(self, start, error):
        """Ends a call that raises an error. Before Python 3.11, `error` is a tuple of traceback, error and type."""
        # What can fail near the recursion limit comes first, because such a call is recorded by the instrumented code.
        kind = error[2] if type(error) is tuple else type(error)
        has_failed = issubclass(kind, Exception) and not issubclass(kind, _NO_ERRORS)
        if start is not None:
            self.end((start, now_ns()), 2)
        if has_failed:
            self.failures.append(kind.__name__)

    def _is_nested(self, code, caller):
        """Returns True if another call of this function is in progress further up on this thread's stack. Most calls are not
        searched if none of the first calls was nested.
        """
        if not self._has_recursion:
            self.searched += 1
            if self.searched > _SEARCHED_CALLS and self.searched % 8:
                return False
        for _ in _FRAMES:
            caller = caller.f_back
            if caller is None:
                return False
            if caller.f_code is code:
                self._has_recursion = True
                return True
        return False

    def _limit_rate(self, time_ns):
        """Times fewer calls if they follow each other faster than the budget allows."""
        elapsed_ns = time_ns - self._step_ns
        if elapsed_ns <= 0:  # Another thread has just done this.
            return
        if self.level < MAX_LEVEL and not self.is_exact and elapsed_ns < _CALLS_PER_STEP * self.interval_ns:
            self.level = min(MAX_LEVEL, self.level + levels_for(_CALLS_PER_STEP * self.interval_ns / elapsed_ns))
        if elapsed_ns < _CALLS_PER_STEP * _LONG_CALL_NS:
            self.reads_cpu = False
            if self.steps is not None:
                self.steps.use_fast_clock()
        self.step_calls, self._step_ns = 0, time_ns

    # Control.

    def _start_gap(self):
        gap = next_gap(self.level)
        if gap:
            self.leave_out(gap)
        else:
            self._gap, self._ticks, self.gate.ticks = 0, None, NO_TICKS

    def leave_out(self, calls):
        """Times none of the next calls."""
        ticks = repeat(True, calls)
        self._created.extend((ticks, calls))
        self._gap, self._ticks, self.gate.ticks = calls, ticks, count_along(ticks)

    def set_level(self, level):
        """Times fewer or more calls; see `pipescope_gaps.py`. Every call is still counted."""
        if level != self.level:
            self.level = level
            self._start_gap()

    def close(self):
        """Makes instrumented code call nothing, because a tracer would see it. Calls are not timed, and not all are counted."""
        if not self.gate.closed:
            self.gate.closed, self.is_incomplete = True, True

    def open(self):
        """Undoes `close`."""
        self.gate.closed = False

    def has_news(self):
        """Returns True if calls may have been made since the last `collect`."""
        return bool(self.calls or self.steps or self._created or self._advancing or self.untimed or self.overflows or self.failures
                    or self.hits or self.misses)

    def collect(self, is_last=False):
        super().collect(is_last)
        calls = self.drain_calls()
        count = len(calls) + len(drain(self.untimed)) + self._drain_skipped()
        if self.overflows:
            starts = drain(self.overflows)
            self.pending.add_errors('RecursionError', len(starts))
            count += len(starts) - starts.count(None)
        if calls:
            self._decide_clock(calls)
        self.estimate.add(self.pending, calls, count, count_threads(), is_last)
        self.recent_count += count
        if self.is_incomplete and self.pending.count:
            self.is_incomplete, self.pending.partial = False, True

    def track_steps(self):
        """Measures only the running parts of calls, because coroutines wait."""
        self.steps = Steps(self.gate)
        self.estimate.reset(True)

    def drain_calls(self):
        """Returns the timed calls since the last time, each as a tuple."""
        if self.steps is not None:
            return self.steps.drain_calls()
        return list(zip(*[iter(drain(self.calls))] * _VALUES)) if self.calls else []

    def has_changes(self):
        """Returns True if the next batch has something to say about this function."""
        return self.pending.has_changes() or (self.knows_own and self.estimate.unreported_ns() >= 1)

    def drain_delta(self):
        own_ns = (self.pending.own or 0) + self.estimate.drain_own_ns()
        self.pending.own = own_ns if self.knows_own else None
        return super().drain_delta()

    def _decide_clock(self, calls):
        """Reads processor time if calls take so long that they may have waited."""
        durations_ns = [call[0] for call in calls]
        self.reads_cpu = (max(durations_ns) > _LONGEST_SHORT_CALL_NS or sum(durations_ns) > _LONG_CALL_NS * len(calls))

    def _drain_skipped(self):
        """Returns how many calls were only counted since the last time."""
        skipped, time_ns = 0, now_ns()
        new = iter(drain(self._created))
        entries, self._advancing = self._advancing + [[ticks, gap, 0, time_ns] for ticks, gap in zip(new, new)], []
        for entry in entries:
            skipped += self._advance(entry)
            if entry[0] is self._ticks:
                entry[3] = time_ns
            # Another thread may have been interrupted just before it makes the iterator the current one.
            if entry[2] < entry[1] and time_ns - entry[3] < _MAX_PAUSE_NS:
                self._advancing.append(entry)
        return skipped

    @staticmethod
    def _advance(entry):
        """Returns how far an iterator has advanced since the last time."""
        ticks, gap, before, _time = entry
        entry[2] = gap - ticks.__length_hint__()
        return entry[2] - before
