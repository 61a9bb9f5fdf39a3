"""Keeps the cost of measuring within its share of the time.

Functions that are called too often are timed only now and then. If even counting a function costs far too much, the
function gets its original code back.
"""
from time import perf_counter_ns as now_ns

#: Masks of a function, from timing every call to timing hardly any: one of `mask` + 1 calls is timed.
_MASKS = (0, 63, 1023)
#: Cost of counting a call, as a share of the cost of timing it.
_COUNTING_RATIO = 0.4
#: Functions that take less than this share of the budget stay as they are.
_MIN_RATIO = 0.02
#: A function is disabled only if the budget is exceeded by this factor, because exact counts are worth some overhead.
_MAX_OVERRUN = 2


class Budget:
    def __init__(self, record_ns, disable):
        """`disable(meter)` gives a function its original code back."""
        self.ratio, self._record_ns, self._disable = 1.0, record_ns, disable
        self._updated_ns, self._counts = now_ns(), {}
        #: Number of functions that are not counted, because there are too many or counting them costs too much.
        self.disabled_count = 0

    def update(self, meters):
        """Times the most expensive functions less often until the cost fits, or more often if there is room."""
        previous_ns, self._updated_ns = self._updated_ns, now_ns()
        room_ns = total_ns = self.ratio * (self._updated_ns - previous_ns)
        costs = []
        for meter in meters:
            if not (meter.durations or meter.durations_by_kind[1] or meter.gate.mask) or meter.is_disabled:
                continue
            meter.collect()
            count = meter.sent.count + meter.pending.count
            calls = max(0, count - self._counts.get(meter.number, 0))
            self._counts[meter.number] = count
            room_ns -= self.cost_ns(calls, meter.gate.mask)
            if not meter.is_exact:
                costs.append((self.cost_ns(calls, meter.gate.mask), calls, meter))
        if room_ns < 0:
            self._reduce(costs, room_ns, total_ns)
        else:
            self._restore(costs, room_ns)

    def cost_ns(self, calls, mask):
        return calls * self._record_ns * (_COUNTING_RATIO + 1 / (mask + 1) if mask else 1)

    def reset(self):
        self._counts, self.disabled_count = {}, 0

    def _reduce(self, costs, room_ns, total_ns):
        for cost_ns, calls, meter in sorted(costs, key=_first, reverse=True):
            if room_ns >= 0 or cost_ns < _MIN_RATIO * total_ns:
                return
            larger = [mask for mask in _MASKS if mask > meter.gate.mask]
            if larger:
                sufficient = [mask for mask in larger if room_ns + cost_ns - self.cost_ns(calls, mask) >= 0]
                meter.set_mask(sufficient[0] if sufficient else larger[-1])
                room_ns += cost_ns - self.cost_ns(calls, meter.gate.mask)
            elif room_ns < -_MAX_OVERRUN * total_ns:
                meter.is_disabled = meter.pending.partial = True
                self.disabled_count += 1
                self._disable(meter)
                room_ns += cost_ns

    def _restore(self, costs, room_ns):
        for cost_ns, calls, meter in sorted(costs, key=_first):
            # Use only half of the room, so that masks do not alternate from one update to the next.
            added_ns = self.cost_ns(calls, 0) - cost_ns
            if meter.gate.mask and added_ns < room_ns / 2:
                meter.set_mask(0)
                room_ns -= added_ns


def _first(cost):
    return cost[0]
