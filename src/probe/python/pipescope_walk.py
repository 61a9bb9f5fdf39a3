"""Finds the functions of a module: in its names, classes, closures of decorators, and caches.

Reads only types, so that none of the program's own code runs. Follows only what a module holds, because a search through
all objects of a large program would stop it for too long.
"""
from _functools import _lru_cache_wrapper as LRU_CACHE
from _functools import partial

FUNCTION = type(lambda: None)
_MAX_DEPTH = 6


def functions_in(names, module):
    """Returns the functions and lru_caches that the names of a module lead to, each once."""
    functions, seen = [], set()
    _visit(list(names.values()), module, functions, seen, _MAX_DEPTH)
    return functions


def _visit(values, module, functions, seen, depth):
    for value in values:
        kind = type(value)
        if id(value) in seen or depth == 0:
            continue
        if kind is FUNCTION or kind is LRU_CACHE:
            seen.add(id(value))
            functions.append(value)
        children = _children_of(value, kind, module)
        if children:
            seen.add(id(value))
            _visit(children, module, functions, seen, depth - 1)


def _children_of(value, kind, module):
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
    contents = []
    for cell in cells:
        try:
            contents.append(cell.cell_contents)
        except ValueError:  # The variable has no value yet.
            continue
    return contents
