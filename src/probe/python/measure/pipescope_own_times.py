"""Estimates own times from two measurements, each weighted by how certain it is.

Timed calls are many, but timing a short call changes it, and what a function does besides calling others is the difference of two
estimates, which is uncertain for functions high in the tree of calls. Samples have no such errors, but a short run has few.
So samples also show by how much the durations of timed calls are too long on average.
"""
from pipescope_costs import costs
from pipescope_difference import mean_call_ns

#: By what share more the instructions around a timed call take than when they were measured, where nothing else ran in between;
#: the standard deviation is as much. Standard deviation of what a call still reads too long after it was corrected, in ns.
_COLD_SHARE, _MIN_INNER_NS, _REST_NS = 0.4, 10.0, 8.0
#: With fewer samples, a function that was not seen may still be the one that runs most of the time.
_MIN_SAMPLES = 8


def own_times(meters, samples):
    """Returns the own time of each function, in ns of processor time. That of the time without samples, and of a run with few
    samples, is what the timed calls say.
    """
    mean_ns = mean_call_ns([meter.estimate.difference for meter in meters])
    counts = [meter.sent.count + meter.pending.count for meter in meters]
    expected_ns = _COLD_SHARE * max(_MIN_INNER_NS, costs.inner_ns)
    if samples.count < _MIN_SAMPLES:
        return [max(0.0, difference.own_ns(mean_ns) - expected_ns * (count - difference.children))
                for difference, count in zip([meter.estimate.difference for meter in meters], counts)]
    covered_ns = samples.sampled_ns + samples.missed_ns
    # The less processor time has no samples, the more likely is it that the program did the same as at other times.
    known = 1 - (samples.unknown_ns / (covered_ns + samples.unknown_ns)) ** 2
    scale = known * (covered_ns + samples.unknown_ns) / samples.sampled_ns
    unit_ns = samples.sampled_ns / samples.count * scale
    rows, product, weights = [], 1 / expected_ns, 1 / expected_ns ** 2
    for meter, count in zip(meters, counts):
        difference, times = meter.estimate.difference, scale * meter.sampled_ns / unit_ns
        timed_ns = difference.own_ns(mean_ns)
        sampled_ns = max(0.0, scale * meter.sampled_ns - known * count * costs.count_ns)
        sampled_variance = unit_ns * unit_ns * (times + 1) * (1 - times / (samples.count + 1))
        timed_variance = known * known * difference.variance(mean_ns)
        # Each call reads too long, and that is subtracted from its caller.
        surplus, calls = count - difference.children, known * (count + difference.children)
        rows.append((timed_ns, timed_variance + (_REST_NS * calls) ** 2, sampled_ns, sampled_variance, surplus))
        variance = timed_variance + sampled_variance
        product += known * surplus * (known * timed_ns - sampled_ns) / variance
        weights += (known * surplus) ** 2 / variance
    excess_ns = product / weights
    own = []
    for timed_ns, timed_variance, sampled_ns, sampled_variance, surplus in rows:
        timed_ns = max(0.0, timed_ns - excess_ns * surplus)
        weight = timed_variance / (timed_variance + sampled_variance)
        own.append(weight * sampled_ns + (1 - weight * known) * timed_ns)
    return own
