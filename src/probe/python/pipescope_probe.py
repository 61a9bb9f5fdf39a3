"""Functions that a Python program calls to show up in a Pipescope profile.

    from pipescope_probe import span, record, cache, gauge, count

    @span('parse', component='reader')          # or: with span('parse', component='reader'):
    def parse(text): ...

    record('fetch', duration_ns, component='network')
    cache('lookup').hit()
    gauge('queue', len(waiting))
    count('files')

You can copy this file next to any program: it needs only the standard library and Python 3.8 or later. If the process was
not started by a profiler, the calls do nothing. They never raise, whatever their arguments are. A value that cannot be
reported is left out; the profile shows how many were.
"""
import os
import sys
from time import perf_counter_ns as _now_ns

from _operator import index as _index

try:
    from pipescope_guest import guest as _guest
except ImportError:
    _guest = None

_operations = {}
#: Maximum number of operations; further ones are counted together as `other`.
_MAX_OPERATIONS = 4500
_CROWDED = ('The program uses more than %d operations, so further ones are counted together as "other". Use fewer distinct '
            'names, such as a route instead of a URL.' % _MAX_OPERATIONS)
#: Maximum number of spans of an operation that wait for the next batch; further calls are only counted.
_MAX_WAITING_SPANS = 64
_MAX_NAME_LENGTH, _MAX_UNIT_LENGTH, _MAX_ERROR_LENGTH = 200, 40, 120
_GAUGE_RULES = ('sum', 'max', 'total')
#: Limits of the attributes of one span.
_MAX_ATTRIBUTES, _MAX_KEY_LENGTH, _MAX_TEXT_LENGTH, _MAX_ATTRIBUTE_CHARACTERS = 64, 200, 4096, 16_384
#: The largest whole number that every reader of JSON keeps exactly. Sums of such numbers stay finite.
_MAX_NUMBER = (1 << 53) - 1


# Values of the program. They can be anything, and even reading them may raise.

def _text(value, limit):
    """Returns a value as a string of at most `limit` characters, or None if it has no text."""
    try:
        if isinstance(value, (bytes, bytearray)) or value is None:
            return None
        # The text may be an instance of a subclass, which could do anything when it is compared.
        return str.__str__(value if isinstance(value, str) else str(value))[:limit]
    except (Exception, SystemExit):
        return None


def _number(value):
    """Returns a value as a finite int or float, or None if it is not one. Also for numbers of numpy and `decimal`."""
    try:
        if isinstance(value, (bool, str, bytes, bytearray)):
            return None
        try:
            number = _index(value)
        except TypeError:
            number = float(value)
        return number if -1e300 < number < 1e300 else None
    except (Exception, SystemExit):
        return None


def _amount(value):
    """Returns a number from zero to `_MAX_NUMBER`, or None if the value is not one."""
    if type(value) is int and 0 <= value <= _MAX_NUMBER:
        return value
    number = _number(value)
    return number if number is not None and 0 <= number <= _MAX_NUMBER else None


def _drop_value():
    _guest.drop(values=1)


def _name(value, fallback, limit=_MAX_NAME_LENGTH):
    """Returns a name as a string. Counts a value that cannot be a name, and returns the fallback."""
    if type(value) is str and len(value) <= limit:
        return value
    text = _text(value, limit)
    if text is None:
        _drop_value()
    return fallback if text is None else text


def _type_name(error):
    try:
        return str.__str__(error.__name__)[:_MAX_ERROR_LENGTH]
    except Exception:  # A metaclass may do anything.
        return 'Exception'


def _is_active():
    return _guest is not None and _guest.active


def _operation_for(name, component, depth=2):
    """Returns the operation with this name. Its source location is the line that uses the name first. Returns None if the
    program is not profiled or has too many operations.
    """
    if _guest is None or not _guest.active:
        return None
    name, component = _name(name, '(unnamed)'), _name(component, 'main')
    operation = _operations.get((component, name))
    if operation is not None:
        return operation
    if len(_operations) >= _MAX_OPERATIONS:
        component, name = 'main', 'other'
        if (component, name) not in _operations:
            _guest.notice(_CROWDED)
            _operations[component, name] = _guest.operation(component, name)
        return _operations[component, name]
    try:
        caller = sys._getframe(depth)
        location = {'file': os.path.abspath(caller.f_code.co_filename), 'line': caller.f_lineno}
    except Exception:  # There is no caller, or the current folder was removed.
        location = {}
    operation = _guest.operation(component, name, **location)
    if operation is not None:
        _operations[component, name] = operation
    return operation


def _attribute(value):
    """Returns a value that JSON can hold: a string, a boolean or a finite number. Returns None for other values."""
    try:
        if isinstance(value, str):
            text = str.__str__(value)
            return text if len(text) <= _MAX_TEXT_LENGTH else None
        return value if type(value) is bool else _number(value)
    except Exception:
        return None


def _accepted_attributes(attributes):
    """Returns the attributes that can be sent and their length. Counts the others."""
    accepted, characters = {}, 0
    for key, value in attributes.items():
        value = _attribute(value)
        characters_added = len(key) + (len(value) if isinstance(value, str) else 8)
        if value is None or len(key) > _MAX_KEY_LENGTH or len(accepted) >= _MAX_ATTRIBUTES \
                or characters + characters_added > _MAX_ATTRIBUTE_CHARACTERS:
            _drop_value()
            continue
        accepted[str.__str__(key)] = value
        characters += characters_added
    return accepted, characters


class span:
    """Times a block, as in `with span('parse'):`, or every call of a function, as in `@span('parse')`.

    An exception that leaves the block or function is counted by its type and passed on. Further keyword arguments are
    recorded as attributes of the span.
    """

    def __init__(self, name, component='main', **attributes):
        self._operation = _operation_for(name, component)
        self._attributes, self._characters = _accepted_attributes(attributes) if attributes and _is_active() else ({}, 0)
        self._starts = []

    def __enter__(self):
        self._starts.append(_now_ns())
        return self

    def __exit__(self, error, _value, _traceback):
        if self._starts:
            self._end(self._starts.pop(), error)
        return False

    def _end(self, start_ns, error):
        operation = self._operation
        if operation is None or not _guest.active:
            if _is_active():
                _guest.drop(calls=1)
            return
        duration_ns = _now_ns() - start_ns
        operation.durations.append(duration_ns)
        if error is not None:
            operation.failures.append(_type_name(error))
        if len(operation.spans) >= _MAX_WAITING_SPANS:
            next(operation.omissions)
            return
        recorded = {'id': operation.number, 'startNs': _guest.since_start(start_ns), 'durationNs': duration_ns}
        if error is not None:
            recorded['error'] = _type_name(error)
        if self._attributes:
            if _guest.reserve_attributes(self._characters):
                recorded['attributes'] = self._attributes
            else:
                _guest.drop(values=len(self._attributes))
        operation.spans.append(recorded)

    def __call__(self, function):
        from functools import wraps
        from inspect import iscoroutinefunction

        if self._operation is None:
            return function
        try:
            wrap = self._wrap_coroutine if iscoroutinefunction(function) else self._wrap_function
            return wraps(function)(wrap(function)) if callable(function) else function
        except Exception:  # Not every callable has a name that can be read.
            _drop_value()
            return function

    def _wrap_coroutine(self, function):
        async def timed(*arguments, **options):
            start_ns, error = _now_ns(), None
            try:
                return await function(*arguments, **options)
            except Exception as exception:
                error = type(exception)
                raise
            finally:
                self._end(start_ns, error)
        return timed

    def _wrap_function(self, function):
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
    if operation is None and not _is_active():
        return
    duration = _amount(duration_ns)
    if duration is None:
        _drop_value()
    elif operation is None:
        _guest.drop(calls=1)
    else:
        operation.durations.append(int(duration))
        if error is not None:
            operation.failures.append(_name(error, 'Exception', _MAX_ERROR_LENGTH))


class cache:
    """Counts the lookups of a cache. The operation of the same name shows the hit ratio."""

    def __init__(self, name, component='main'):
        self._operation = _operation_for(name, component)

    def hit(self, times=1):
        if self._operation is not None and _guest.active:
            is_usual = type(times) is int and 0 <= times <= _MAX_NUMBER
            self._operation.hits.append(times if is_usual else _lookups(times))

    def miss(self, times=1):
        if self._operation is not None and _guest.active:
            is_usual = type(times) is int and 0 <= times <= _MAX_NUMBER
            self._operation.misses.append(times if is_usual else _lookups(times))


def _lookups(times):
    """Returns a whole number of lookups. Counts any other value, and returns 0."""
    lookups = _amount(times)
    if lookups is None or lookups != int(lookups):
        _drop_value()
        return 0
    return int(lookups)


def gauge(name, value, component='main', unit='1', rule=None):
    """Sets the current value of a gauge, such as a queue length. `unit` is `1`, `ratio`, `bytes` or `ns`.

    Values of several processes under one name become one by the `rule`: their `sum` or the highest (`max`) of those that
    run, or a `total` that keeps the values of those that have ended. By default `sum` for the units `1` and `bytes`, and
    `max` for others.
    """
    if not _is_active():
        return
    number = _number(value)
    if number is None:
        _drop_value()
        return
    if rule is not None and (type(rule) is not str or rule not in _GAUGE_RULES):
        _drop_value()
        rule = None
    unit = _name(unit, '1', _MAX_UNIT_LENGTH)
    _guest.gauge(_name(component, 'main'), _name(name, '(unnamed)'), number, unit, rule)


def count(name, times=1, component='main'):
    """Adds `times` to a counter. Name it with a plural noun, such as `files`."""
    if not _is_active():
        return
    number = _amount(times)
    if number is None:
        _drop_value()
    elif number > 0:
        _guest.count(_name(component, 'main'), _name(name, '(unnamed)'), number)
