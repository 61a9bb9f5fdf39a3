"""The own time of a function: the processor time of its calls minus that of the measured calls made by them.

Both are estimated from different timed calls, and for a function high in the tree of calls they are nearly equal, so that their
difference would be uncertain. But each timed call also has the number n of measured calls inside of it, and the sum of n over the
calls of a function equals the sum of n + 1 over the calls made by them. The estimates of these two sums differ only because of
which calls were timed. So the time of the calls made by a function is scaled to the number of calls inside of the function (a
ratio estimate, as in W. G. Cochran, Sampling Techniques, chapter 6). What both times have in common then cancels.
"""

#: Numbers of calls inside of a call that several threads or tasks have made.
MIXED = -1
#: Number of timed calls that say as much about the calls made by a function as the mean of all functions does; and the standard
#: deviation of the time of a call as a share of it, if only that mean is known.
_PRIOR_CALLS, _DEVIATION = 2.0, 0.3


class Difference:
    """Sums over the calls of a function and over the measured calls made by them."""

    __slots__ = ('ns', 'inner', 'children_ns', 'children_inner', 'children', 'ns_squared', 'ns_inner', 'inner_squared', 'ns_twice',
                 'inner_twice', 'twice', 'child_ns_squared', 'child_ns_inner', 'child_inner_squared', 'nested', 'calls',
                 'children_timed', 'is_mixed')

    def __init__(self):
        #: Processor time of all calls, and number of measured calls inside of them.
        self.ns = self.inner = self.calls = 0.0
        #: Processor time of the measured calls made by them, number of those and all calls inside of them, number of those.
        self.children_ns = self.children_inner = self.children = 0.0
        #: Sums of squares and products, each with w (w - 1) for a call of weight w, from which variances are computed.
        self.ns_squared = self.ns_inner = self.inner_squared = self.ns_twice = self.inner_twice = self.twice = 0.0
        self.child_ns_squared = self.child_ns_inner = self.child_inner_squared = self.nested = 0.0
        #: Number of timed calls made by this function. True if calls of other threads or tasks are among those inside.
        self.children_timed, self.is_mixed = 0, False

    def add(self, ns, inner, weight, parent):
        """Adds a timed call that stands for `weight` calls and was made by the function `parent` or by none (None)."""
        if inner < 0:
            inner = self._mix(parent)
        self.ns += ns * weight
        self.inner += inner * weight
        self.calls += weight
        twice = weight * (weight - 1)
        if parent is not None:
            made_by = parent.estimate.difference
            made_by.children_ns += ns * weight
            made_by.children_inner += (inner + 1) * weight
            made_by.children += weight
            made_by.children_timed += 1
            if made_by is self:
                # A recursive call is in both times.
                self.nested += twice
                return
            if twice:
                made_by.child_ns_squared += twice * ns * ns
                made_by.child_ns_inner += twice * ns * (inner + 1)
                made_by.child_inner_squared += twice * (inner + 1) * (inner + 1)
        if twice:
            self.twice += twice
            self.ns_twice += twice * ns
            self.inner_twice += twice * inner
            self.ns_squared += twice * ns * ns
            self.ns_inner += twice * ns * inner
            self.inner_squared += twice * inner * inner

    def add_exact(self, ns, inner, calls, parent):
        """Adds sums of timed calls that stand for themselves and were made by the function `parent` or by none (None)."""
        if inner < 0:
            inner = self._mix(parent)
        self.ns += ns
        self.inner += inner
        self.calls += calls
        if parent is not None:
            made_by = parent.estimate.difference
            made_by.children_ns += ns
            made_by.children_inner += inner + calls
            made_by.children += calls
            made_by.children_timed += calls

    def _mix(self, parent):
        self.is_mixed = True
        if parent is not None:
            parent.estimate.difference.is_mixed = True
        return 0

    def inner_ns(self, mean_ns):
        """Returns the processor time of the calls made by this function. `mean_ns` is the time of a call of the program, which
        counts as much as a few timed calls of these.
        """
        if self.is_mixed or not self.inner:
            return min(self.children_ns, self.ns)
        return self._slope(mean_ns) * self.inner

    def _slope(self, mean_ns):
        """Returns the time of the calls made by this function, for each call inside of it."""
        is_exact = not (self.child_inner_squared or self.nested) and self.inner == self.children_inner
        known = 1.0 if is_exact else self.children_timed / (self.children_timed + _PRIOR_CALLS)
        return (known * self.children_ns / self.children_inner if self.children_inner else 0.0) + (1 - known) * mean_ns

    def own_ns(self, mean_ns):
        """Returns the own time. It is negative if the calls made by this function read too long."""
        return self.ns - self.inner_ns(mean_ns)

    def variance(self, mean_ns):
        """Returns the variance of the own time, in ns²."""
        slope = 0.0 if self.is_mixed or not self.inner else self._slope(mean_ns)
        mean = self.own_ns(mean_ns) / self.calls if self.calls else 0.0
        calls = (self.ns_squared - 2 * slope * self.ns_inner + slope * slope * self.inner_squared
                 - 2 * mean * (self.ns_twice - slope * self.inner_twice) + mean * mean * self.twice)
        children = (self.child_ns_squared - 2 * slope * self.child_ns_inner + slope * slope * self.child_inner_squared)
        few = _DEVIATION * self.inner_ns(mean_ns) / (1 + self.children_timed)
        return max(0.0, calls) + max(0.0, children) + self.nested * (slope - mean) ** 2 + few * few


def mean_call_ns(differences):
    """Returns the time of a call for each call inside of it and itself, of all functions."""
    calls = sum([difference.inner + difference.calls for difference in differences])
    return sum([difference.ns for difference in differences]) / calls if calls else 0.0
