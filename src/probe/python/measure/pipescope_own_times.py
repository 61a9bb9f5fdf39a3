"""Estimates own times from two measurements, each weighted by how certain it is.

Timed calls are many, but timing a short call changes it, and what a function does besides calling others is the difference of two
estimates, which is uncertain for functions high in the tree of calls. Samples have no such errors, but a short run has few.
So samples also show by how much the durations of timed calls are too long on average.
"""
from pipescope_costs import costs

#: Standard deviation of what a timed call reads too long: before and after it is corrected.
_EXCESS_NS, _REST_NS = 40.0, 8.0
#: Standard deviation of the time of the calls inside of a function, if not all of them are timed.
_INNER_SHARE = 0.3
#: With fewer samples, a function that was not seen may still be the one that runs most of the time.
_MIN_SAMPLES = 8


def own_times(meters, samples):
    """Returns the own time of each function, in ns of processor time. That of the time without samples, and of a run with few
    samples, is what the timed calls say.
    """
    timed = [meter.estimate.own_ns() for meter in meters]
    if samples.count < _MIN_SAMPLES:
        return timed
    covered_ns = samples.sampled_ns + samples.missed_ns
    # The less processor time has no samples, the more likely is it that the program did the same as at other times.
    known = 1 - (samples.unknown_ns / (covered_ns + samples.unknown_ns)) ** 2
    scale = known * (covered_ns + samples.unknown_ns) / samples.sampled_ns
    unit_ns = samples.sampled_ns / samples.count * scale
    counts = [meter.sent.count + meter.pending.count for meter in meters]
    left_out = 1 - sum([meter.sent.timed + meter.pending.timed for meter in meters]) / max(1, sum(counts))
    rows, product, weights = [], 0.0, 1 / _EXCESS_NS ** 2
    for meter, timed_ns, count in zip(meters, timed, counts):
        estimate, times = meter.estimate, scale * meter.sampled_ns / unit_ns
        sampled_ns = max(0.0, scale * meter.sampled_ns - known * count * costs.count_ns)
        sampled_variance = unit_ns * unit_ns * (times + 1) * (1 - times / (samples.count + 1))
        inner_ns = left_out * _INNER_SHARE * estimate.processor_ns if meter.calls_others else 0.0
        timed_variance = known * known * (estimate.variance + inner_ns * inner_ns)
        # Each call reads too long, and that is subtracted from its caller.
        surplus, calls = count - estimate.children, known * (count + estimate.children)
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
