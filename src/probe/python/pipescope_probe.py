"""What a Python program calls to be seen by Pipescope.

    from pipescope_probe import span, record, cache, gauge, count

    @span('parse', component='reader')          # or: with span('parse', component='reader'):
    def parse(text): ...

    record('fetch', duration_ns, component='network')
    cache('lookup').hit()
    gauge('queue', len(waiting))
    count('files')

This file can be copied beside any program: standard library only, Python 3.8 and later. Where no profiler started the
process the calls do nothing. They never throw errors of their own.
"""
import os
import sys
from time import perf_counter_ns as _now_ns

try:
    from pipescope_guest import guest as _guest
except ImportError:
    _guest = None

_operations = {}
_OPERATIONS_KEPT = 5000
#: Examples of one operation that wait for a batch; more are only counted.
_SPANS_WAITING = 64


def _named(name, component, depth=2):
    """The operation of that name; its place is the line that named it first."""
    if _guest is None or not _guest.active:
        return None
    name, component = str(name), str(component)
    if (component, name) not in _operations:
        if len(_operations) >= _OPERATIONS_KEPT:
            return None
        caller = sys._getframe(depth)
        file = os.path.abspath(caller.f_code.co_filename)
        _operations[component, name] = _guest.operation(component, name, file=file, line=caller.f_lineno)
    return _operations[component, name]


def _is_attribute(value):
    """A text, a truth or a finite number, as JSON knows them."""
    return isinstance(value, (str, bool)) or isinstance(value, (int, float)) and abs(value) < 1e300


class span:
    """One timed part, as `with span('parse'):`, or each call of a function, as `@span('parse')`."""

    def __init__(self, name, component='main', **attributes):
        self._operation = _named(name, component)
        self._attributes = {str(key)[:200]: value[:4096] if isinstance(value, str) else value
                            for key, value in attributes.items() if _is_attribute(value)}
        self._starts = []

    def __enter__(self):
        self._starts.append(_now_ns())
        return self

    def __exit__(self, error, _value, _trace):
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
        if len(operation.spans) < _SPANS_WAITING:
            told = {'id': operation.number, 'startNs': _guest.since(start_ns), 'durationNs': duration_ns}
            if error is not None:
                told['error'] = error.__name__
            if self._attributes:
                told['attributes'] = self._attributes
            operation.spans.append(told)

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
                except Exception as thrown:
                    error = type(thrown)
                    raise
                finally:
                    self._end(start_ns, error)
        else:
            @wraps(function)
            def timed(*arguments, **options):
                start_ns, error = _now_ns(), None
                try:
                    return function(*arguments, **options)
                except Exception as thrown:
                    error = type(thrown)
                    raise
                finally:
                    self._end(start_ns, error)
        return timed


def record(name, duration_ns, component='main', error=None):
    """One call of `name` that was timed elsewhere; `error` names its type where it failed."""
    operation = _named(name, component)
    if operation is not None:
        operation.durations.append(max(0, int(duration_ns)))
        if error is not None:
            operation.failures.append(str(error))


class cache:
    """A cache's lookups, counted on the operation of the same name."""

    def __init__(self, name, component='main'):
        self._operation = _named(name, component)

    def hit(self, times=1):
        if self._operation is not None and _guest.active:
            self._operation.hits.append(times)

    def miss(self, times=1):
        if self._operation is not None and _guest.active:
            self._operation.misses.append(times)


def gauge(name, value, component='main', unit='1'):
    """A value that goes up and down; `unit` is `1`, `ratio`, `bytes` or `ns`."""
    if _guest is not None and _guest.active and _is_attribute(value):
        _guest.gauge(str(component)[:200], str(name)[:200], value, str(unit))


def count(name, times=1, component='main'):
    """Adds to a counter named by a plural noun, such as `files`."""
    if _guest is not None and _guest.active and times > 0:
        _guest.count(str(component)[:200], str(name)[:200], times)
