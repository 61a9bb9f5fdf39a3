"""Measures what it costs to time a call, which the budget of a program depends on."""
from pipescope_meter import Meter
from pipescope_originals import now_ns
from pipescope_wrap import instrument_one

_ROUNDS, _CALLS = 5, 40


def measure_record_ns():
    """Measures what timing a call costs here: the fastest of several rounds."""
    def plain(): pass
    def timed(): pass
    meter = Meter(0, '', 'timed')
    code = instrument_one(timed.__code__, lambda *_function: meter)
    if code is timed.__code__:
        return 100
    timed.__code__ = code
    return max(20, round(_fastest_ns(timed) - _fastest_ns(plain)))


def _fastest_ns(function):
    fastest = 1 << 62
    for _ in range(_ROUNDS):
        start_ns = now_ns()
        for _ in range(_CALLS):
            function()
        fastest = min(fastest, now_ns() - start_ns)
    return fastest / _CALLS
