"""Measures what the instrumented code of a call costs here, to subtract it from durations and to keep within the budget."""
from pipescope_costs import costs
from pipescope_meter import Meter
from pipescope_originals import now_ns
from pipescope_wrap import instrument_one

#: Rounds with timed calls, which take a microsecond each, and with others. The first rounds run slowly, because Python has not
#: specialized the code yet.
_TIMED_ROUNDS, _ROUNDS, _CALLS = 4, 24, 32
#: One of this many calls is timed on average, so that it runs as slowly as in a program: after other code than that of the probe.
_LEVEL = 2
#: Number of calls that the search for recursion has been made for.
_MANY = 1 << 20


class _Example:
    __slots__ = ('words', 'position')

    def __init__(self):
        self.words, self.position = list(range(2)), 0


def measure_costs():
    """Measures the costs of a call that is only counted and of one that is timed: the fastest of several rounds."""
    def empty(example): pass

    def plain(example):
        example.position += 1
        return example.words[example.position - 1] if example.position < 3 else None

    counted, timed = (type(plain)(plain.__code__, globals()) for _ in range(2))

    def call(function):
        example = _Example()
        for _ in _REPEATED:
            example.position = 0
            function(example)
            if example.position < 2:
                function(example)

    meters = [_instrument(function) for function in (timed, counted, call)]
    if None in meters:
        return
    timing = meters[0]
    for meter in meters[1:]:
        meter.leave_out(_MANY)
    costs.count_ns = costs.rest_ns = costs.clock_ns = costs.inner_ns = costs.inner_cpu_ns = 0.0
    nothing_ns, empty_ns, plain_ns = _fastest_ns(_call_nothing, None), _fastest_ns(call, empty), _fastest_ns(call, plain)
    costs.count_ns = max(1.0, _fastest_ns(call, counted) - plain_ns)
    both_ns = _fastest_ns(call, timed, _TIMED_ROUNDS)
    added_cpu_ns = _usual([cpu_ns - duration_ns for duration_ns, cpu_ns, *_rest in timing.drain_calls()])
    timing.reads_cpu, spent_ns = False, costs.spent_ns
    timed_ns = _fastest_ns(call, timed, _TIMED_ROUNDS)
    begin_ns = (costs.spent_ns - spent_ns) / len(timing.drain_calls())
    timing.set_level(_LEVEL)
    _fastest_ns(call, timed)
    # One half of a call belongs to the caller, which prepares it, and the other to the called function.
    own_ns = max(0.0, plain_ns - empty_ns) + max(0.0, empty_ns - nothing_ns) / 2
    costs.inner_ns = _usual([duration_ns for duration_ns, *_rest in timing.drain_calls()]) - own_ns
    costs.inner_cpu_ns = costs.inner_ns + added_cpu_ns
    costs.record_ns = max(20.0, timed_ns - plain_ns)
    costs.rest_ns = max(0.0, costs.record_ns - costs.count_ns - begin_ns)
    costs.clock_ns = max(0.0, both_ns - timed_ns) / 2
    costs.spent_ns = 0.0


_REPEATED = range(_CALLS // 2)


def _instrument(function):
    """Instruments a function. Returns its meter, or None if this Python is not supported."""
    meter = Meter(0, '', function.__name__)
    meter.is_exact, meter.searched, meter.step_calls = True, _MANY, -_MANY
    code = instrument_one(function.__code__, lambda *_function: meter)
    if code is function.__code__:
        return None
    function.__code__ = code
    return meter


def _usual(values):
    """Returns the mean of the middle half of the values, because a clock may be coarse."""
    values = sorted(values)
    middle = values[len(values) // 4:len(values) - len(values) // 4]
    return sum(middle) / len(middle)


def _call_nothing(_function):
    example = _Example()
    for _ in _REPEATED:
        example.position = 0
        if example.position < 2:
            pass


def _fastest_ns(call, function, rounds=_ROUNDS):
    """Returns the time of one of the calls that `call(function)` makes."""
    fastest = 1 << 62
    for _ in range(rounds):
        start_ns = now_ns()
        call(function)
        fastest = min(fastest, now_ns() - start_ns)
    return fastest / _CALLS
