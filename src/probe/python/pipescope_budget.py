"""Keeps what measuring costs within its share of the time: a function that is called too often is timed now and then only,
and one for which even counting is too much gets its own code back."""
from time import perf_counter_ns as now_ns

#: One call of so many is timed, less one; the steps from every call to hardly any.
_MASKS = (0, 63, 1023)
#: What counting costs of what timing costs.
_COUNTING = 0.4
#: A function that takes less than this share of what there is stays as it is, whatever the others take.
_SMALL = 0.02


class Budget:
    def __init__(self, record_ns, give_back):
        """`give_back(meter)` puts a function's own code back."""
        self.ratio, self._record_ns, self._give_back = 1.0, record_ns, give_back
        self._beat_ns, self._seen, self._counts = now_ns(), now_ns(), {}
        #: Functions that are not counted any more.
        self.left_out = 0

    def tick(self, meters):
        """Looks after what grows fast between two beats."""
        seen, self._seen = self._seen, now_ns()
        most = max(2000, self.ratio * (self._seen - seen) / self._record_ns)
        for meter in meters:
            waiting = len(meter.durations) + len(meter.ways[1])
            if waiting > most and not meter.exact:
                meter.thin(_MASKS[1])
            elif waiting > 4096:
                meter.collect()

    def beat(self, meters):
        """Makes what costs most cheaper, until all together cost little enough; or takes it back where there is room."""
        beat, self._beat_ns = self._beat_ns, now_ns()
        room_ns = self.ratio * (self._beat_ns - beat)
        small_ns = room_ns * _SMALL
        costs = []
        for meter in meters:
            meter.collect()
            calls = meter.whole.count + meter.fresh.count
            new = max(0, calls - self._counts.get(meter.number, 0))
            self._counts[meter.number] = calls
            if not new or meter.off:
                continue
            room_ns -= self.cost_ns(new, meter.gate.mask)
            if not meter.exact:
                costs.append((self.cost_ns(new, meter.gate.mask), new, meter))
        costs.sort(key=lambda cost: cost[0], reverse=True)
        for cost_ns, new, meter in costs:
            if room_ns >= 0 or cost_ns < small_ns:
                break
            wider = next((mask for mask in _MASKS if mask > meter.gate.mask), None)
            if wider is None:
                self._leave_out(meter)
                room_ns += cost_ns
            else:
                meter.thin(wider)
                room_ns += cost_ns - self.cost_ns(new, wider)
        for cost_ns, new, meter in reversed(costs):
            # Half the room only, so that nothing swings from one beat to the next.
            more_ns = self.cost_ns(new, 0) - cost_ns
            if meter.gate.mask and not meter.off and more_ns < room_ns / 2:
                meter.thin(0)
                room_ns -= more_ns

    def cost_ns(self, calls, mask):
        if mask == 0:
            return calls * self._record_ns
        return calls * self._record_ns * (_COUNTING + 1 / (mask + 1))

    def forget(self):
        self._counts, self.left_out = {}, 0

    def _leave_out(self, meter):
        meter.off = True
        self.left_out += 1
        self._give_back(meter)
