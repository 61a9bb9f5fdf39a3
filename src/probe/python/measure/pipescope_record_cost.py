"""Measures what the instrumented code of a call costs here, to subtract it from durations and to keep within the budget."""
from pipescope_costs import costs
from pipescope_meter import Meter
from pipescope_originals import now_ns
from pipescope_wrap import instrument_one

#: Rounds with timed calls, which take a microsecond each, and with others. The first rounds run slowly, because Python has not
#: specialized the code yet.
_TIMED_ROUNDS, _ROUNDS, _CALLS = 4, 40, 32
#: Number of calls that the search for recursion has been made for.
_MANY = 1 << 20


def measure_costs():
    """Measures the costs of a call that is only counted and of one that is timed: the fastest of several rounds."""
    def plain(): pass
    def counted(): pass
    def timed(): pass

    def call(function):
        for _ in _REPEATED:
            function()

    meters = [_instrument(function) for function in (timed, counted, call)]
    if None in meters:
        return
    timing = meters[0]
    for meter in meters[1:]:
        meter.leave_out(_MANY)
    costs.count_ns = costs.rest_ns = costs.clock_ns = costs.inner_ns = costs.inner_cpu_ns = 0.0
    nothing_ns, plain_ns = _fastest_ns(_do_nothing, None), _fastest_ns(call, plain)
    costs.count_ns = max(1.0, _fastest_ns(call, counted) - plain_ns)
    both_ns = _fastest_ns(call, timed, _TIMED_ROUNDS)
    inner_cpu_ns = _median([cpu_ns for _duration, cpu_ns, *_rest in timing.drain_calls()])
    timing.reads_cpu, spent_ns = False, costs.spent_ns
    timed_ns = _fastest_ns(call, timed, _TIMED_ROUNDS)
    calls = timing.drain_calls()
    begin_ns = (costs.spent_ns - spent_ns) / len(calls)
    # One half of a call belongs to the caller, which prepares it, and the other to the called function.
    call_ns = max(0.0, plain_ns - nothing_ns) / 2
    costs.inner_ns = _median([duration_ns for duration_ns, *_rest in calls]) - call_ns
    costs.inner_cpu_ns = inner_cpu_ns - call_ns
    costs.record_ns = max(20.0, timed_ns - plain_ns)
    costs.rest_ns = max(0.0, costs.record_ns - costs.count_ns - begin_ns)
    costs.clock_ns = max(0.0, both_ns - timed_ns) / 2
    costs.spent_ns = 0.0


_REPEATED = range(_CALLS)


def _instrument(function):
    """Instruments a function. Returns its meter, or None if this Python is not supported."""
    meter = Meter(0, '', function.__name__)
    meter.is_exact, meter.searched, meter.step_calls = True, _MANY, -_MANY
    code = instrument_one(function.__code__, lambda *_function: meter)
    if code is function.__code__:
        return None
    function.__code__ = code
    return meter


def _median(values):
    return sorted(values)[len(values) // 2]


def _do_nothing(_function):
    for _ in _REPEATED:
        pass


def _fastest_ns(call, function, rounds=_ROUNDS):
    """Returns the time of one of the calls that `call(function)` makes."""
    fastest = 1 << 62
    for _ in range(rounds):
        start_ns = now_ns()
        call(function)
        fastest = min(fastest, now_ns() - start_ns)
    return fastest / _CALLS
