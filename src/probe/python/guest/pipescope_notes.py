"""Counters, gauges, notices and losses that wait for the next batch. Their number is limited; what exceeds it is counted."""
from pipescope_originals import RLock

_MAX_NAMES = 1000
_MAX_NOTICES = 100
_MAX_NOTICE_LENGTH = 1000


class Notes:
    def __init__(self):
        self.reset()

    def reset(self):
        """Forgets everything: at the start, and in the child of a fork."""
        # Reentrant, because a signal handler may count while the interrupted code is counting.
        self._lock = RLock()
        self._counters, self._counter_totals, self._gauges = {}, {}, {}
        self._notices, self._notices_sent = [], 0
        self._dropped, self._dropped_before = {'calls': 0, 'values': 0}, {'calls': 0, 'values': 0}

    def count(self, component, name, times):
        with self._lock:
            for counters in (self._counters, self._counter_totals):
                if (component, name) in counters or len(counters) < _MAX_NAMES:
                    counters[component, name] = counters.get((component, name), 0) + times
                elif counters is self._counter_totals:
                    self._dropped['values'] += 1

    def gauge(self, component, name, value, unit, rule=None):
        with self._lock:
            if (component, name) in self._gauges or len(self._gauges) < _MAX_NAMES:
                self._gauges[component, name] = (value, unit, rule)
            else:
                self._dropped['values'] += 1

    def drop(self, calls=0, values=0):
        """Counts what cannot be kept or sent."""
        with self._lock:
            self._dropped['calls'] += calls
            self._dropped['values'] += values

    def notice(self, text):
        """Tells the user, once, what cannot be measured and why."""
        text = text[:_MAX_NOTICE_LENGTH]
        with self._lock:
            if text not in self._notices and len(self._notices) < _MAX_NOTICES:
                self._notices.append(text)

    def drain_notices(self):
        with self._lock:
            notices = self._notices[self._notices_sent:]
            self._notices_sent += len(notices)
            return notices

    def drain(self):
        """Returns what is new since the last batch, as parts of one."""
        with self._lock:
            counters, self._counters = self._counters, {}
            gauges, self._gauges = self._gauges, {}
            dropped, self._dropped = self._dropped, {'calls': 0, 'values': 0}
            for kind, number in dropped.items():
                self._dropped_before[kind] += number
        return {
            'counters': [{'component': component, 'name': name, 'delta': delta}
                         for (component, name), delta in counters.items()],
            'gauges': [{'component': component, 'name': name, 'value': value, 'unit': unit,
                        **({'rule': rule} if rule else {})}
                       for (component, name), (value, unit, rule) in gauges.items()],
            'dropped': dropped if any(dropped.values()) else None,
            'notices': self.drain_notices(),
        }

    def resend_all(self):
        """Makes the totals pending again, for a host that has no state."""
        with self._lock:
            self._counters, self._notices_sent = dict(self._counter_totals), 0
            for kind, number in self._dropped_before.items():
                self._dropped[kind] += number
            self._dropped_before = {'calls': 0, 'values': 0}
