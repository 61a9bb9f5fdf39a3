"""The only audit hook of the probe. Python calls it before the program does something, and no tracer sees that it runs.

Every audit event costs time as soon as there is a hook, and a hook cannot be removed. So it is installed only before code
runs that may look at functions or start a tracer.
"""
import sys
from _functools import partial
from _thread import get_ident

_OUR_EVENT = 'pipescope'
#: Functions that are called with the arguments of an event.
_listeners = {}
#: Threads whose next event is of interest, whatever it is; and the function that is called with the thread.
_awaited, _on_awaited = set(), []
#: Threads on which the probe itself does what it listens to.
_probing = set()
#: What `untraced` has returned before the hook was installed, each with its callback; and what to call then.
_callables, _on_install = [], []
_installed = []


def probing(action, *arguments):
    """Returns `action(*arguments)`, during which the probe does not listen to this thread."""
    ident = get_ident()
    if ident in _probing:
        return action(*arguments)
    _probing.add(ident)
    try:
        return action(*arguments)
    finally:
        _probing.discard(ident)


def untraced(callback):
    """Returns a callable that Python may call at any time without a tracer or profiler seeing the callback. There can be
    none before the hook is installed.
    """
    call = partial(callback)
    _callables.append((call, callback))
    if is_installed():
        _hide_callbacks()
    return call


def _hide_callbacks():
    while _callables:
        call, callback = _callables.pop()
        call.__setstate__((sys.audit, (_OUR_EVENT, callback), {}, None))


def is_installed():
    return bool(_installed)


def on_install(callback):
    """Calls back once, after the hook was installed."""
    _on_install.append(callback)


def install():
    """Installs the hook unless it is installed."""
    if is_installed():
        return
    _installed.append(True)
    sys.addaudithook(_hook)
    _hide_callbacks()
    for callback in _on_install:
        callback()


def listen(event, listener):
    _listeners[event] = listener


def stop_listening():
    """Leaves all further events to the program's own hooks."""
    _listeners.clear()
    _awaited.clear()


def await_event(ident, listener):
    """Calls `listener(ident)` when the next event happens on this thread."""
    _on_awaited[:] = [listener]
    _awaited.add(ident)


def forget_threads(idents):
    """Stops waiting for threads other than these."""
    _awaited.intersection_update(idents)


def _hook(event, arguments):
    if event == 'object.__getattr__':
        if arguments[1] != '__code__' and not _awaited:
            return
    elif event == _OUR_EVENT:
        try:
            arguments[0]()
        except Exception:
            pass
        return
    elif event not in _listeners and not _awaited:
        return
    try:
        ident = get_ident()
        if ident not in _probing:
            probing(_on_event, event, arguments, ident)
    except Exception:  # Also near the recursion limit: the program must not notice.
        pass


def _on_event(event, arguments, ident):
    if ident in _awaited:
        _awaited.discard(ident)
        _on_awaited[0](ident)
    if event in _listeners:
        _listeners[event](arguments)
