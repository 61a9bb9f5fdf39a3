"""Functions that a Python program calls to show up in a Pipescope profile.

    from pipescope_probe import span, record, cache, gauge, count

    @span('parse', component='reader')          # or: with span('parse', component='reader'):
    def parse(text): ...

    record('fetch', duration_ns, component='network')
    cache('lookup').hit()
    gauge('queue', len(waiting))
    count('files')

You can copy this file next to any program: it needs only the standard library and Python 3.8 or later. If the process was
not started by a profiler, the calls do nothing. They never raise.
"""
import os
import sys
from time import perf_counter_ns as _now_ns

try:
    from pipescope_guest import guest as _guest
except ImportError:
    _guest = None

_operations = {}
_MAX_OPERATIONS = 5000
#: Maximum number of spans of an operation that wait for the next batch; further calls are only counted.
_MAX_WAITING_SPANS = 64


def _operation_for(name, component, depth=2):
    """Returns the operation with this name. Its source location is the line that uses the name first."""
    if _guest is None or not _guest.active:
        return None
    name, component = str(name), str(component)
    if (component, name) not in _operations:
        if len(_operations) >= _MAX_OPERATIONS:
            return None
        caller = sys._getframe(depth)
        file = os.path.abspath(caller.f_code.co_filename)
        _operations[component, name] = _guest.operation(component, name, file=file, line=caller.f_lineno)
    return _operations[component, name]


def _is_attribute(value):
    """True for values that JSON can hold: strings, booleans and finite numbers."""
    return isinstance(value, (str, bool)) or isinstance(value, (int, float)) and abs(value) < 1e300


class span:
    """Times a block, as in `with span('parse'):`, or every call of a function, as in `@span('parse')`.

    An exception that leaves the block or function is counted by its type and passed on. Further keyword arguments are
    recorded as attributes of the span.
    """

    def __init__(self, name, component='main', **attributes):
        self._operation = _operation_for(name, component)
        self._attributes = {str(key)[:200]: value[:4096] if isinstance(value, str) else value
                            for key, value in attributes.items() if _is_attribute(value)}
        self._starts = []

    def __enter__(self):
        self._starts.append(_now_ns())
        return self

    def __exit__(self, error, _value, _traceback):
        self._end(self._starts.pop(), error)
        return False

    def _end(self, start_ns, error):
        operation = self._operation
        if operation is None or not _guest.active:
            return
        duration_ns = _now_ns() - start_ns
        operation.durations.append(duration_ns)
        if error is not None:
            operation.failures.append(error.__name__)
        if len(operation.spans) < _MAX_WAITING_SPANS:
            recorded = {'id': operation.number, 'startNs': _guest.since_start(start_ns), 'durationNs': duration_ns}
            if error is not None:
                recorded['error'] = error.__name__
            if self._attributes:
                recorded['attributes'] = self._attributes
            operation.spans.append(recorded)

    def __call__(self, function):
        from functools import wraps
        from inspect import iscoroutinefunction

        if self._operation is None:
            return function

        if iscoroutinefunction(function):
            @wraps(function)
            async def timed(*arguments, **options):
                start_ns, error = _now_ns(), None
                try:
                    return await function(*arguments, **options)
                except Exception as exception:
                    error = type(exception)
                    raise
                finally:
                    self._end(start_ns, error)
        else:
            @wraps(function)
            def timed(*arguments, **options):
                start_ns, error = _now_ns(), None
                try:
                    return function(*arguments, **options)
                except Exception as exception:
                    error = type(exception)
                    raise
                finally:
                    self._end(start_ns, error)
        return timed


def record(name, duration_ns, component='main', error=None):
    """Records one call of `name` that you timed yourself. If it failed, set `error` to the name of the error type."""
    operation = _operation_for(name, component)
    if operation is not None:
        operation.durations.append(max(0, int(duration_ns)))
        if error is not None:
            operation.failures.append(str(error))


class cache:
    """Counts the lookups of a cache. The operation of the same name shows the hit ratio."""

    def __init__(self, name, component='main'):
        self._operation = _operation_for(name, component)

    def hit(self, times=1):
        if self._operation is not None and _guest.active:
            self._operation.hits.append(times)

    def miss(self, times=1):
        if self._operation is not None and _guest.active:
            self._operation.misses.append(times)


def gauge(name, value, component='main', unit='1'):
    """Sets the current value of a gauge, such as a queue length. `unit` is `1`, `ratio`, `bytes` or `ns`."""
    if _guest is not None and _guest.active and _is_attribute(value):
        _guest.gauge(str(component)[:200], str(name)[:200], value, str(unit))


def count(name, times=1, component='main'):
    """Adds `times` to a counter. Name it with a plural noun, such as `files`."""
    if _guest is not None and _guest.active and times > 0:
        _guest.count(str(component)[:200], str(name)[:200], times)
