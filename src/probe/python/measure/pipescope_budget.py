"""Keeps the cost of timing calls within its share of the time. All calls are counted, whatever that costs.

Functions that are called seldom are timed at every call. What they leave of the budget is divided equally among the others.
"""
from pipescope_costs import costs
from pipescope_gaps import level_for
from pipescope_originals import now_ns

#: Cost of adding up a timed call, in the probe's thread.
_SUMMING_NS = 1000


class Budget:
    def __init__(self):
        self.ratio, self._updated_ns = 1.0, now_ns()

    def interval_ns(self):
        """Returns the average time between two timed calls that the budget allows."""
        return (costs.record_ns + _SUMMING_NS) / max(self.ratio, 1e-6)

    def update(self, meters):
        """Chooses how many calls of each function are timed, from the number of its calls since the last time."""
        previous_ns, self._updated_ns = self._updated_ns, now_ns()
        elapsed_ns = self._updated_ns - previous_ns
        room = elapsed_ns / self.interval_ns()
        called = sorted([(meter.recent_count, meter.number, meter) for meter in meters
                         if not meter.is_exact and (meter.recent_count or meter.level)])
        for index, (count, _number, meter) in enumerate(called):
            share = room / (len(called) - index)
            room -= min(count, share)
            meter.recent_count, meter.interval_ns = 0, elapsed_ns / max(share, 1e-6)
            level = level_for(count / max(share, 1e-6))
            # Levels are raised at once but lowered only if there is ample room, so that they do not alternate.
            if level > meter.level or level_for(2 * count / max(share, 1e-6)) < meter.level:
                meter.set_level(level)
