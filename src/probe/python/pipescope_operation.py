"""The numbers of one operation: what the program appends, what changed since the last batch, and all of it so far."""
from _collections import _count_elements

_HIGHEST_NS = 3_600_000_000_000
_TYPES_KEPT = 32
SPANS_KEPT = 8


def bucket_of(value):
    """Index in HdrHistogram's layout for two significant digits, as in src/probe/record/buckets.ts."""
    value = min(value, _HIGHEST_NS)
    shift = value.bit_length() - 8
    return value if shift <= 0 else (shift << 7) + (value >> shift)


def take(values):
    """Empties a list that others append to meanwhile."""
    taken = values[:]
    del values[:len(taken)]
    return taken


class Numbers:
    """What was counted of one operation over some time."""

    __slots__ = ('count', 'timed', 'errors', 'total', 'least', 'most', 'hits', 'misses', 'buckets', 'types', 'partial')

    def __init__(self):
        self.count = self.timed = self.errors = self.total = self.most = self.hits = self.misses = 0
        self.least = _HIGHEST_NS
        self.buckets, self.types = {}, {}
        #: Not every call was counted.
        self.partial = False

    def observe(self, durations):
        # Equal durations are counted in C first: a fast function has few different ones.
        times_of, buckets = {}, self.buckets
        _count_elements(times_of, durations)
        for duration, times in times_of.items():
            bucket = bucket_of(duration)
            buckets[bucket] = buckets.get(bucket, 0) + times
        self.timed += len(durations)
        self.least = min(self.least, min(durations))
        self.most = max(self.most, max(durations))

    def fail(self, name, times=1):
        name = name[:120] if name in self.types or len(self.types) < _TYPES_KEPT else 'other'
        self.types[name] = self.types.get(name, 0) + times
        self.errors += times

    def add(self, other):
        for key in ('count', 'timed', 'errors', 'total', 'hits', 'misses'):
            setattr(self, key, getattr(self, key) + getattr(other, key))
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)
        self.partial = self.partial or other.partial
        for mine, theirs in ((self.buckets, other.buckets), (self.types, other.types)):
            for key, times in theirs.items():
                mine[key] = mine.get(key, 0) + times

    def changed(self):
        return self.count or self.timed or self.errors or self.hits or self.misses or self.partial

    def delta(self, number):
        """As the protocol's OperationDelta."""
        told = {'id': number, 'count': self.count, 'errors': self.errors, 'totalNs': self.total, 'hits': self.hits,
                'misses': self.misses, 'buckets': [part for pair in sorted(self.buckets.items()) for part in pair]}
        if self.partial:
            told['partial'] = True
        if self.timed != self.count:
            told['timed'] = self.timed
        if self.timed:
            told['minNs'], told['maxNs'] = self.least, self.most
        if self.types:
            told['errorTypes'] = dict(self.types)
        return told


class Operation:
    """One thing that is timed. The program's threads only append to its lists, which Python does undivided."""

    def __init__(self, number, component, name, kind='function', file=None, line=None):
        self.number = number
        self.definition = {'id': number, 'component': component[:200], 'name': name[:200], 'kind': kind}
        if file is not None and len(file) <= 4096:
            self.definition['file'] = file
        if line:
            self.definition['line'] = line
        self.durations, self.failures, self.hits, self.misses, self.spans = [], [], [], [], []
        self.forget()

    def forget(self):
        for values in (self.durations, self.failures, self.hits, self.misses, self.spans):
            del values[:]
        self.fresh, self.whole, self.told = Numbers(), Numbers(), False

    def collect(self):
        """Takes over what the program appended."""
        fresh = self.fresh
        if self.durations:
            durations = take(self.durations)
            fresh.count += len(durations)
            fresh.total += sum(durations)
            fresh.observe(durations)
        if self.failures:
            for name in take(self.failures):
                fresh.fail(name)
        if self.hits or self.misses:
            fresh.hits += sum(take(self.hits))
            fresh.misses += sum(take(self.misses))

    def start_over(self):
        """All so far counts as new."""
        self.whole.add(self.fresh)
        self.fresh, self.whole, self.told = self.whole, Numbers(), False

    def take_delta(self):
        fresh, self.fresh = self.fresh, Numbers()
        self.whole.add(fresh)
        return fresh.delta(self.number)
