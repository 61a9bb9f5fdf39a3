"""How many calls are left out before the next one is timed.

The lengths of the gaps are random, so that a program whose calls alternate is sampled without bias. Their mean depends on the
level of a function: at each level half as many calls are timed as at the one below.
"""
from itertools import cycle, repeat

from pipescope_costs import count_along

#: Mean length of a gap at each level. It is bounded, because one slow call stands for all those of the gap before it.
MEANS = 0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023
MAX_LEVEL = len(MEANS) - 1
#: Number of random gaps of a level; a prime, so that the sequence does not follow the program's own rhythm.
_VARIANTS = 61
#: Ticks of a function that times every call.
NO_TICKS = count_along(repeat(True, 0))


def _random_gaps(mean):
    """Returns gaps that are uniformly distributed between 0 and twice the mean, in pairs whose mean is exact."""
    gaps, seed = [mean], mean * 7919 + 1
    while len(gaps) < _VARIANTS:
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        gap = (seed >> 8) % (2 * mean + 1)
        gaps += [gap, 2 * mean - gap]
    # A pair must not follow one another, or every other gap would depend on the one before.
    return gaps[::2] + gaps[1::2]


_cycles = [None] + [cycle(_random_gaps(mean)) for mean in MEANS[1:]]


def next_gap(level):
    return next(_cycles[level]) if level else 0


def level_for(ratio):
    """Returns the lowest level at which no more than one of `ratio` calls is timed, or the highest one."""
    for level, mean in enumerate(MEANS):
        if mean + 1 >= ratio:
            return level
    return MAX_LEVEL


def levels_for(ratio):
    """Returns by how many levels the rate is lowered if it is too high by this ratio."""
    return 1 if ratio < 4 else 2 if ratio < 8 else 3
