"""Finds functions where a program keeps them: in a module's names, its classes, decorators' closures and caches.

Only types are asked, never the program's own code, and only what a module holds: a look at every object of a large program
would stop it for longer than is bearable.
"""
from _functools import _lru_cache_wrapper as LRU_CACHE
from _functools import partial

FUNCTION = type(lambda: None)
_DEPTH = 6


def functions_in(names, module):
    """Functions and lru_caches that these names of a module lead to, each once."""
    found, seen = [], set()
    _reach(list(names.values()), module, found, seen, _DEPTH)
    return found


def _reach(values, module, found, seen, depth):
    for value in values:
        kind = type(value)
        if id(value) in seen or depth == 0:
            continue
        if kind is FUNCTION or kind is LRU_CACHE:
            seen.add(id(value))
            found.append(value)
        inner = _inside(value, kind, module)
        if inner:
            seen.add(id(value))
            _reach(inner, module, found, seen, depth - 1)


def _inside(value, kind, module):
    if kind is FUNCTION:
        return _contents(value.__closure__ or ())
    if kind is LRU_CACHE:
        return [value.__wrapped__]
    if kind is staticmethod or kind is classmethod:
        return [value.__func__]
    if kind is property:
        return [value.fget, value.fset, value.fdel]
    if kind is partial:
        return [value.func]
    if kind.__name__ == 'cached_property':
        return [vars(value).get('func')] if hasattr(value, '__dict__') else []
    if issubclass(kind, type):
        names = type.__dict__['__dict__'].__get__(value)
        return list(names.values()) if names.get('__module__') == module else []
    return []


def _contents(cells):
    inner = []
    for cell in cells:
        try:
            inner.append(cell.cell_contents)
        except ValueError:  # Not filled yet.
            continue
    return inner
