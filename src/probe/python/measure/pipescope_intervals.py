"""The time in which at least one call was in progress, of calls that overlap."""

#: Maximum number of separate intervals that are kept. Calls that have begun before the oldest of them are cut.
_MAX_INTERVALS = 500


class Intervals:
    def __init__(self):
        #: Disjoint intervals in ascending order.
        self._intervals = []

    def add(self, start, end):
        """Adds an interval that ends after all before, or hardly earlier. Returns by how much the covered time has grown."""
        intervals, covered = self._intervals, 0
        while intervals and intervals[-1][1] >= start:
            first, last = intervals.pop()
            covered += last - first
            start, end = min(start, first), max(end, last)
        intervals.append((start, end))
        if len(intervals) > _MAX_INTERVALS:
            # The oldest two become one; the time between them counts as covered from now on, but was not added.
            (first, _last), (_first, last) = intervals[:2]
            intervals[:2] = [(first, last)]
        return end - start - covered
