"""Functions of Python itself that the probe has replaced. A profiler or tracer would list their calls, so the originals are
put back while one is active.
"""
import sys

_MISSING = object()
#: Tuples of the holder, the name, the original in the holder's dictionary, and the replacement.
_replaced = []
#: Modules that the program finds through a replaced function, by name. They are visible while it is suspended.
importable = {}


def replace(holder, name, replacement):
    """Replaces an attribute of a module or class."""
    _replaced.append((holder, name, vars(holder).get(name, _MISSING), replacement))
    setattr(holder, name, replacement)


def suspend():
    """Puts the originals back, unless other code has replaced the function, too."""
    for holder, name, original, replacement in reversed(_replaced):
        if vars(holder).get(name) is not replacement:
            continue
        if original is _MISSING:
            delattr(holder, name)
        else:
            setattr(holder, name, original)
    for name, module in importable.items():
        sys.modules.setdefault(name, module)


def resume():
    for holder, name, original, replacement in _replaced:
        if vars(holder).get(name, _MISSING) is original:
            setattr(holder, name, replacement)
