"""Totals of all calls of a function, estimated from those that were timed.

Each timed call stands for the calls that were left out before it. Because the gaps are random, that does not depend on what the
calls do, and the sum of the weighted durations is an unbiased estimate of the total. The weights are scaled so that they add
up to the exact number of calls. Own time is the processor time of all calls of a function minus that of the measured calls made
by it: see `pipescope_difference.py`.
"""
from _bisect import bisect_right

from pipescope_difference import Difference
from pipescope_intervals import Intervals
from pipescope_originals import now_ns

#: Any duration is shorter.
_ENDLESS = float('inf')
#: Processor time of a long call that was not read, because most calls of its function are short.
UNREAD = -1.0
#: A call is slow if it takes this many times as long as the median, and this time in addition.
_SLOW_FACTOR, _SLOW_NS = 10, 20_000
_MAX_SLOW_CALLS = 2
#: So many times as long as its calls inside explain is a call that has waited.
_WAIT_FACTOR = 3
#: Number of estimates of the own time that are compared, and the share of the lowest that is reported before the end.
_RECENT, _CERTAIN_SHARE = 4, 0.9


class Estimate:
    def __init__(self):
        self.reset(False)

    def reset(self, is_coroutine):
        self._time_ns = now_ns()
        #: Calls without a timed call that could stand for them, and the timed calls seen last.
        self._unrepresented, self._last_calls = 0, ()
        #: Processor time of all calls and of the measured calls made by them, and what was reported as own time.
        self.difference, self.reported_ns = Difference(), 0.0
        #: The last estimates of the own time, and how much of it may be reported.
        self._recent_ns, self._settled_ns = [0.0], 0.0
        #: Part of a call that is not in a bucket yet, because buckets hold whole calls.
        self._bucket_rest = 0.0
        self._intervals = Intervals() if is_coroutine else None

    def add(self, pending, calls, count, threads, is_last):
        """Adds a number of calls, some of which were timed, to the pending numbers."""
        pending.count += count
        pending.timed += len(calls)
        elapsed_ns, self._time_ns = now_ns() - self._time_ns, now_ns()
        self._unrepresented += count
        if not self._unrepresented:
            return
        if calls:
            self._last_calls = calls
        elif is_last:
            calls = self._last_calls
        if calls:
            self._represent(pending, calls, self._unrepresented, elapsed_ns * max(1, threads))
            self._unrepresented = 0

    def _represent(self, pending, calls, count, available_ns):
        durations, weights = [call[0] for call in calls], [call[2] for call in calls]
        usual_ns, longest_ns, slow = _usual_durations(durations)
        if len(calls) == count and self._intervals is None and not slow:
            self._add_all(pending, calls, durations)
            return
        scale = count / sum(weights)
        expected_ns = sum([call[0] * call[2] for call in calls if not call[4]]) * scale
        # A slow call that is the only one stands for itself, and the others that it would stand for are usual ones. If there
        # are more, and there was time for as many as they stand for, they are part of how the function behaves.
        limit_ns = longest_ns if slow <= _MAX_SLOW_CALLS or expected_ns > available_ns else _ENDLESS
        usual_inner = max(0.0, sum([call[6] for call in calls if call[0] <= longest_ns]) / (len(calls) - slow))
        total_ns = measured_ns = all_ns = 0.0
        rest = self._bucket_rest
        for duration_ns, cpu_ns, weight, parent, is_nested, start_ns, inner in calls:
            weight *= scale
            if cpu_ns == UNREAD:
                # A call that is much longer than others with as many calls inside has waited.
                likely_ns = usual_ns if inner <= usual_inner else usual_ns * (inner + 1) / (usual_inner + 1)
                has_waited = duration_ns > longest_ns and duration_ns > _WAIT_FACTOR * likely_ns + _SLOW_NS
                cpu_ns = likely_ns if has_waited and self._intervals is None else duration_ns
            is_usual = duration_ns <= limit_ns
            extra_ns = (duration_ns if is_usual else usual_ns) * (weight - 1)
            rest += weight
            whole = int(rest + 1e-6)
            rest -= whole
            pending.add_to_bucket(int(duration_ns), whole)
            all_ns += duration_ns + extra_ns
            if is_usual:
                self.difference.add(cpu_ns, inner, weight, parent)
            else:
                self.difference.add(cpu_ns, inner, 1.0, parent)
                self.difference.add(usual_ns, usual_inner, weight - 1, parent)
            if self._intervals is not None:
                duration_ns = self._intervals.add(start_ns, start_ns + duration_ns)
            elif is_nested:
                continue
            measured_ns += duration_ns
            total_ns += duration_ns + extra_ns
        self._bucket_rest = rest
        # No estimate exceeds the time that all threads had.
        total_ns = min(total_ns, max(measured_ns, available_ns))
        pending.total += total_ns
        pending.all_total += max(total_ns, all_ns)

    def _add_all(self, pending, calls, durations):
        """Adds calls that were all timed; faster, because there are many of a function that is timed exactly."""
        outer_ns = sum([call[0] for call in calls if not call[4]])
        sums_by_parent = {}
        for duration_ns, cpu_ns, _weight, parent, _is_nested, _start_ns, inner in calls:
            sums = sums_by_parent.setdefault(parent, [0.0, 0, 0])
            sums[0] += duration_ns if cpu_ns == UNREAD else cpu_ns
            sums[1] += inner
            sums[2] += 1
        for parent, sums in sums_by_parent.items():
            self.difference.add_exact(*sums, parent)
        pending.total += outer_ns
        pending.all_total += sum(durations)
        pending.add_to_buckets(list(map(int, durations)))

    def settle(self, is_last, own_ns):
        """Decides how much own time may be reported. What was reported cannot be taken back when the estimate becomes more
        precise, so before the end it is less than all recent estimates.
        """
        self._recent_ns = self._recent_ns[1 - _RECENT:] + [own_ns]
        self._settled_ns = own_ns if is_last else _CERTAIN_SHARE * min(self._recent_ns)

    def unreported_ns(self):
        """Returns the own time that can be reported now."""
        return max(0.0, self._settled_ns - self.reported_ns)

    def limit(self, share):
        """Lets only a share of that be reported."""
        self._settled_ns = self.reported_ns + self.unreported_ns() * share

    def drain_own_ns(self):
        """Returns the own time that can be reported now."""
        own_ns = int(self.unreported_ns())
        self.reported_ns += own_ns
        return own_ns


def _usual_durations(durations):
    """Returns the mean duration of calls that are not slow, the longest such duration, and the number of slow calls.

    Slow are calls that take many times as long as most: interrupted by the system, or the first to load something.
    """
    durations = sorted(durations)
    longest_ns = _SLOW_FACTOR * durations[len(durations) // 2] + _SLOW_NS
    usual = durations[:bisect_right(durations, longest_ns)]
    return sum(usual) / len(usual), longest_ns, len(durations) - len(usual)
