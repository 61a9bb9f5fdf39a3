"""Numbers of one operation: what the program appends, what is pending for the next batch, and what has been sent."""
from itertools import count

from _collections import _count_elements

_MAX_NS = 2 ** 53 - 1
_MAX_ERROR_TYPES = 32
MAX_SPANS = 8


def bucket_of(value):
    """Returns the index in HdrHistogram's layout with two significant digits: see src/protocol/batch/buckets.ts."""
    value = min(value, _MAX_NS)
    shift = value.bit_length() - 8
    return value if shift <= 0 else (shift << 7) + (value >> shift)


def drain(values):
    """Returns the values and removes them, while other threads may append to the list."""
    drained = values[:]
    del values[:len(drained)]
    return drained


class HashableList(list):
    """A list that can be a constant: code objects are hashed together with their constants."""

    __slots__ = ()
    __hash__ = object.__hash__


class Numbers:
    """Counts and durations of one operation over some time."""

    __slots__ = ('count', 'timed', 'errors', 'total', 'all_total', 'own', 'min', 'max', 'hits', 'misses', 'buckets', 'types',
                 'partial')

    def __init__(self):
        self.count = self.timed = self.errors = self.total = self.max = self.hits = self.misses = 0
        #: Sum of the durations of all calls. `total` is less if calls overlap.
        self.all_total = 0
        #: Own time, or None if it is unknown.
        self.own = None
        self.min = _MAX_NS
        self.buckets, self.types = {}, {}
        #: True if some calls were not counted.
        self.partial = False

    def add_durations(self, durations):
        """Adds calls that were all timed."""
        total = sum(durations)
        self.count += len(durations)
        self.timed += len(durations)
        self.total += total
        self.all_total += total
        self.add_to_buckets(durations)

    def add_to_buckets(self, durations):
        """Adds timed calls, each of which stands for itself; the other numbers are added by the caller."""
        # Equal durations are counted in C first, because a fast function has few different ones.
        times_by_duration, buckets = {}, self.buckets
        _count_elements(times_by_duration, durations)
        for duration, times in times_by_duration.items():
            bucket = bucket_of(duration)
            buckets[bucket] = buckets.get(bucket, 0) + times
        self.min = min(self.min, min(durations))
        self.max = max(self.max, max(durations))

    def add_to_bucket(self, duration, calls):
        """Adds a timed call that stands for this number of calls; the other numbers are added by the caller."""
        if calls:
            bucket = bucket_of(duration)
            self.buckets[bucket] = self.buckets.get(bucket, 0) + calls
        if duration < self.min:
            self.min = duration
        if duration > self.max:
            self.max = duration

    def add_errors(self, name, times=1):
        name = name[:120] if name in self.types or len(self.types) < _MAX_ERROR_TYPES else 'other'
        self.types[name] = self.types.get(name, 0) + times
        self.errors += times

    def add(self, other):
        for key in ('count', 'timed', 'errors', 'total', 'all_total', 'hits', 'misses'):
            setattr(self, key, getattr(self, key) + getattr(other, key))
        self.min, self.max = min(self.min, other.min), max(self.max, other.max)
        self.partial = self.partial or other.partial
        self.own = other.own if self.own is None else self.own + (other.own or 0)
        for sums, added in ((self.buckets, other.buckets), (self.types, other.types)):
            for key, times in added.items():
                sums[key] = sums.get(key, 0) + times

    def has_changes(self):
        return self.count or self.timed or self.errors or self.hits or self.misses or self.partial or self.buckets

    def delta(self, number):
        """Returns the numbers as an OperationDelta of the protocol."""
        delta = {'id': number, 'count': self.count, 'errors': self.errors, 'totalNs': round(self.total),
                 'hits': min(self.hits, _MAX_NS), 'misses': min(self.misses, _MAX_NS),
                 'buckets': [part for pair in sorted(self.buckets.items()) for part in pair]}
        if self.partial:
            delta['partial'] = True
        if self.own is not None:
            delta['selfNs'] = self.own
        if self.all_total > self.total + 1:
            delta['durationsNs'] = round(self.all_total)
        if self.timed != self.count:
            delta['timed'] = self.timed
        if self.timed:
            delta['minNs'], delta['maxNs'] = self.min, self.max
        if self.types:
            delta['errorTypes'] = dict(self.types)
        return delta


class Operation:
    """An operation that is counted and timed. The program's threads only append to its lists, which is atomic."""

    def __init__(self, number, component, name, kind='function', file=None, line=None):
        self.number = number
        self.definition = {'id': number, 'component': component[:200], 'name': name[:200], 'kind': kind}
        if file is not None and len(file) <= 4096:
            self.definition['file'] = file
        if line:
            self.definition['line'] = line
        self.durations, self.failures, self.hits, self.misses, self.spans = [], [], [], [], []
        self.reset()

    def reset(self):
        for values in (self.durations, self.failures, self.hits, self.misses, self.spans):
            del values[:]
        self.pending, self.sent, self.is_defined = Numbers(), Numbers(), False
        #: Advanced for each span that is not kept, which is atomic.
        self.omissions, self._omissions_sent = count(), 0

    def drain_omissions(self):
        """Returns the number of spans that were not kept since the previous call."""
        previous, self._omissions_sent = self._omissions_sent, int(repr(self.omissions)[6:-1])
        return self._omissions_sent - previous

    def collect(self, is_last=False):
        """Adds what the program has appended to the pending numbers."""
        pending = self.pending
        if self.durations:
            pending.add_durations(drain(self.durations))
        if self.failures:
            for name in drain(self.failures):
                pending.add_errors(name)
        if self.hits or self.misses:
            pending.hits += sum(drain(self.hits))
            pending.misses += sum(drain(self.misses))

    def has_changes(self):
        """Returns True if the next batch has something to say about this operation."""
        return self.pending.has_changes()

    def resend_all(self):
        """Makes everything pending again, for a host that has no state."""
        self.sent.add(self.pending)
        self.pending, self.sent, self.is_defined = self.sent, Numbers(), False

    def drain_delta(self):
        pending, self.pending = self.pending, Numbers()
        self.sent.add(pending)
        return pending.delta(self.number)
