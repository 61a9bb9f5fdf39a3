"""Totals of all calls of a function, estimated from those that were timed.

Each timed call stands for the calls that were left out before it. Because the gaps are random, that does not depend on what the
calls do, and the sum of the weighted durations is an unbiased estimate of the total. The weights are scaled so that they add
up to the exact number of calls. Own time is the processor time of all calls of a function minus that of the measured calls made
by it. The latter is estimated from the same timed calls, so that the own times of all functions add up to the processor time.
"""
from _bisect import bisect_right

from pipescope_intervals import Intervals
from pipescope_originals import now_ns

#: Any duration is shorter.
_ENDLESS = float('inf')
#: Processor time of a long call that was not read, because most calls of its function are short.
UNREAD = -1.0
#: A call is slow if it takes this many times as long as the median, and this time in addition.
_SLOW_FACTOR, _SLOW_NS = 10, 20_000
_MAX_SLOW_CALLS = 2
#: Number of estimates of the own time that are compared, and the share of the lowest that is reported before the end.
_RECENT, _CERTAIN_SHARE = 4, 0.9


class Estimate:
    def __init__(self):
        self.reset(False)

    def reset(self, is_coroutine):
        self._time_ns = now_ns()
        #: Calls without a timed call that could stand for them, and the timed calls seen last.
        self._unrepresented, self._last_calls = 0, ()
        #: Processor time of all calls, of the measured calls made by them, and what was reported as own time.
        self.processor_ns = self.children_ns = self.reported_ns = 0.0
        #: Number of measured calls made by all calls, and the variance of the difference of both times.
        self.children = self.variance = 0.0
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
        total_ns = measured_ns = all_ns = 0.0
        rest = self._bucket_rest
        for duration_ns, cpu_ns, weight, parent, is_nested, start_ns in calls:
            weight *= scale
            if cpu_ns == UNREAD:
                # A call that is much longer than the others has waited.
                cpu_ns = usual_ns if duration_ns > longest_ns and self._intervals is None else duration_ns
            extra_ns = (duration_ns if duration_ns <= limit_ns else usual_ns) * (weight - 1)
            extra_cpu_ns = (cpu_ns if duration_ns <= limit_ns else usual_ns) * (weight - 1)
            rest += weight
            whole = int(rest + 1e-6)
            rest -= whole
            pending.add_to_bucket(int(duration_ns), whole)
            all_ns += duration_ns + extra_ns
            self.processor_ns += cpu_ns + extra_cpu_ns
            if parent is not None:
                parent.estimate.children_ns += cpu_ns + extra_cpu_ns
                parent.estimate.children += weight
            # A recursive call is in both times, so its weight does not make their difference uncertain.
            if parent is not self:
                if parent is not None:
                    parent.estimate.variance += weight * (weight - 1) * cpu_ns * cpu_ns
                self.variance += weight * (weight - 1) * (cpu_ns - usual_ns) ** 2
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
        times_by_parent, calls_by_parent = {}, {}
        for call in calls:
            parent = call[3]
            times_by_parent[parent] = times_by_parent.get(parent, 0.0) + (call[0] if call[1] == UNREAD else call[1])
            calls_by_parent[parent] = calls_by_parent.get(parent, 0) + 1
        for parent, time_ns in times_by_parent.items():
            self.processor_ns += time_ns
            if parent is not None:
                parent.estimate.children_ns += time_ns
                parent.estimate.children += calls_by_parent[parent]
        pending.total += outer_ns
        pending.all_total += sum(durations)
        pending.add_to_buckets(list(map(int, durations)))

    def own_ns(self):
        """Returns the own time of all calls so far."""
        return max(0.0, self.processor_ns - self.children_ns)

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
