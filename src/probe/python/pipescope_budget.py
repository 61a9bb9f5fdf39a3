"""Keeps what measuring costs within its share of the time: a function that is called too often is timed now and then only,
and one for which even counting is far too much gets its own code back."""
from time import perf_counter_ns as now_ns

#: One call of so many is timed, less one; the steps from every call to hardly any.
_MASKS = (0, 63, 1023)
#: What counting costs of what timing costs.
_COUNTING = 0.4
#: A function that takes less than this share of what there is stays as it is, whatever the others take.
_SMALL = 0.02
#: How often over the share counting alone may take before a function is not counted any more: exact counts are worth more
#: than the last part of the share.
_PATIENCE = 2


class Budget:
    def __init__(self, record_ns, give_back):
        """`give_back(meter)` puts a function's own code back."""
        self.ratio, self._record_ns, self._give_back = 1.0, record_ns, give_back
        self._looked_ns, self._counts = now_ns(), {}
        #: Functions that are not counted any more.
        self.left_out = 0

    def look(self, meters):
        """Makes what costs most cheaper, until all together cost little enough; or takes it back where there is room."""
        before, self._looked_ns = self._looked_ns, now_ns()
        room_ns = all_ns = self.ratio * (self._looked_ns - before)
        costs = []
        for meter in meters:
            if not (meter.durations or meter.ways[1] or meter.gate.mask) or meter.off:
                continue
            meter.collect()
            calls = meter.whole.count + meter.fresh.count
            new = max(0, calls - self._counts.get(meter.number, 0))
            self._counts[meter.number] = calls
            room_ns -= self.cost_ns(new, meter.gate.mask)
            if not meter.exact:
                costs.append((self.cost_ns(new, meter.gate.mask), new, meter))
        if room_ns < 0:
            self._save(costs, room_ns, all_ns)
        else:
            self._spend(costs, room_ns)

    def cost_ns(self, calls, mask):
        return calls * self._record_ns * (_COUNTING + 1 / (mask + 1) if mask else 1)

    def forget(self):
        self._counts, self.left_out = {}, 0

    def _save(self, costs, room_ns, all_ns):
        for cost_ns, new, meter in sorted(costs, key=_first, reverse=True):
            if room_ns >= 0 or cost_ns < _SMALL * all_ns:
                return
            now = meter.gate.mask
            wider = [mask for mask in _MASKS if mask > now]
            if wider:
                enough = [mask for mask in wider if room_ns + cost_ns - self.cost_ns(new, mask) >= 0]
                meter.thin(enough[0] if enough else wider[-1])
                room_ns += cost_ns - self.cost_ns(new, meter.gate.mask)
            elif room_ns < -_PATIENCE * all_ns:
                meter.off = meter.fresh.partial = True
                self.left_out += 1
                self._give_back(meter)
                room_ns += cost_ns

    def _spend(self, costs, room_ns):
        for cost_ns, new, meter in sorted(costs, key=_first):
            # Half the room only, so that nothing swings from one look to the next.
            more_ns = self.cost_ns(new, 0) - cost_ns
            if meter.gate.mask and more_ns < room_ns / 2:
                meter.thin(0)
                room_ns -= more_ns


def _first(cost):
    return cost[0]
