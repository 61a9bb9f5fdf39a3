"""Stops counting functions that are called so often that counting them costs more than the budget.

The host reads the stacks of this process from outside, so that their times are known. Such a function gets code that does not
count; its number of calls is a lower bound from then on. Functions that are timed at every call are kept.
"""
from pipescope_costs import costs
from pipescope_originals import now_ns

#: Length of a window in which calls are added up, so that a short program is counted completely.
_WINDOW_NS = 500_000_000
#: How often is tried to replace the code of a function, which may be where it is not found.
_MAX_TRIES = 3


class Relief:
    def __init__(self, functions):
        """`functions()` returns the functions of the program that can be reached from its modules."""
        self._functions = functions
        self._start_ns, self._counts, self._tries = now_ns(), {}, {}

    def update(self, meters, ratio):
        """Chooses the functions that are not counted any more. `ratio` is the budget as a part of the time."""
        time_ns = now_ns()
        elapsed_ns = time_ns - self._start_ns
        if elapsed_ns < _WINDOW_NS:
            return
        recent = []
        for meter in meters:
            total = meter.sent.count + meter.pending.count
            # The cost of others does not become less if these are given up.
            if self._can_stop(meter):
                recent.append((total - self._counts.get(meter.number, 0), meter.number, meter))
            self._counts[meter.number] = total
        self._start_ns = time_ns
        chosen = _most_expensive(recent, ratio * elapsed_ns / max(costs.count_ns, 1.0))
        for meter in chosen:
            self._tries[meter.number] = self._tries.get(meter.number, 0) + 1
        if chosen:
            self._stop_counting(set(chosen))

    def _can_stop(self, meter):
        return (not meter.is_exact and meter.uncounted is not None
                and self._tries.get(meter.number, 0) < _MAX_TRIES)

    def _stop_counting(self, meters):
        codes = {id(meter.instrumented): meter for meter in meters}
        for function in self._functions():
            meter = codes.get(id(function.__code__))
            if meter is not None:
                function.__code__ = meter.uncounted
                meter.pending.partial = True


def _most_expensive(recent, room):
    """Returns the functions with the most calls, without which the other calls fit into the room."""
    calls, chosen = sum([count for count, _number, _meter in recent]), []
    for count, _number, meter in sorted(recent, reverse=True):
        if calls <= room:
            break
        calls -= count
        chosen.append(meter)
    return chosen
