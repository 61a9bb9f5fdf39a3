"""Finds the functions of a module: in its names, classes, closures of decorators, and caches.

Runs none of the program's own code. It may be called on the probe's thread, which must never have the last reference to an
object of the program, or the object's finalizer would run there. So values are selected by their type within one call into
C, and only functions, classes and the like are kept. Types are compared by name or by ID, because the program may load
modules again that the probe has loaded and hidden.
"""
from itertools import compress, repeat

FUNCTION = type(lambda: None)
_MAX_DEPTH = 6
_CELL = type((lambda value: lambda: value)(0).__closure__[0])
_KIND_IDS = {id(kind) for kind in (FUNCTION, staticmethod, classmethod, property)}
_KIND_NAMES = {'_lru_cache_wrapper', 'partial', 'cached_property'}
_name_of_type = type.__dict__['__name__'].__get__


def is_cache(value):
    return _name_of_type(type(value)) == '_lru_cache_wrapper'


def functions_in(names, module):
    """Returns the functions and lru_caches that the names of a module lead to, each once."""
    functions, seen = [], set()
    _visit(_select(names), module, functions, seen, _MAX_DEPTH)
    return functions


def _select(names):
    """Returns those values of a dict that may lead to functions."""
    for _ in range(3):
        try:
            return (list(compress(names.values(), map(_KIND_IDS.__contains__, map(id, map(type, names.values())))))
                    + list(compress(names.values(), map(_KIND_NAMES.__contains__, map(_name_of_type, map(type, names.values())))))
                    + list(compress(names.values(), map(issubclass, map(type, names.values()), repeat(type)))))
        except RuntimeError:  # Another thread has added a name.
            continue
    return []


def _visit(values, module, functions, seen, depth):
    for value in values:
        if id(value) in seen or depth == 0:
            continue
        if type(value) is FUNCTION or is_cache(value):
            seen.add(id(value))
            functions.append(value)
        children = _children_of(value, type(value), module)
        if children:
            seen.add(id(value))
            _visit(children, module, functions, seen, depth - 1)


def _children_of(value, kind, module):
    if kind is FUNCTION:
        return [content for content in map(_content_of, value.__closure__ or ()) if content is not None]
    if kind is staticmethod or kind is classmethod:
        return _relevant(value.__func__)
    if kind is property:
        return _relevant(value.fget, value.fset, value.fdel)
    name = _name_of_type(kind)
    if name == '_lru_cache_wrapper':
        return _relevant(value.__wrapped__)
    if name == 'partial':
        return _relevant(value.func)
    if name == 'cached_property':
        return _relevant(vars(value).get('func')) if hasattr(value, '__dict__') else []
    if issubclass(kind, type):
        names = type.__dict__['__dict__'].__get__(value)
        return _select(names) if names.get('__module__') == module else []
    return []


def _relevant(*values):
    return [value for value in values if _is_relevant(type(value))]


def _is_relevant(kind):
    return id(kind) in _KIND_IDS or _name_of_type(kind) in _KIND_NAMES or issubclass(kind, type)


def _content_of(cell):
    """Returns what a closure has in a variable if it may lead to functions."""
    return next(iter(_relevant(*_contents(cell))), None)


def _contents(cell):
    try:
        return (cell.cell_contents,)
    except ValueError:  # The variable has no value yet.
        return ()
