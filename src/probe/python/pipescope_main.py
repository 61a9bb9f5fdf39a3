"""Gets at a program's own file before its functions run: Python reads that one by itself, not through the import system.

While the file's own statements run, each function that one of them has defined is exchanged before the next one; then the
looking ends. From Python 3.12 on it is `sys.monitoring` that tells of the file's lines and slows nothing else; before, it is
`sys.settrace`, with `getattr` for all other frames: the quickest call that says "not this one".
"""
import sys

from _frozen_importlib_external import SourceFileLoader

_TOOL = 4
#: Commands by which multiprocessing starts a child, which loads the program's file later as `__mp_main__`.
_SPAWNERS = {'multiprocessing.spawn', 'multiprocessing.forkserver'}
_LATER_TOOL = 3


class Main:
    def __init__(self, open_code, look):
        """`open_code(code)` gives a file's wrapping if it is the user's; `look(frame, last)` exchanges functions."""
        self._open, self._look = open_code, look
        self._wrapping, self._code, self._due, self._spawned = None, None, False, False
        if hasattr(sys, 'monitoring'):
            self._monitor()
        else:
            sys.settrace(self._called)
            _untraced_imports()

    def _begins(self, frame):
        """Whether this frame's lines are to be looked at; nothing while the search goes on."""
        code, name = frame.f_code, frame.f_globals.get('__name__')
        if code.co_name != '<module>' or name not in ('__main__', '__mp_main__'):
            return False if (code.co_name == '_bootstrap' if self._spawned else name == 'runpy') else None
        if name == '__main__' and not _SPAWNERS.isdisjoint(code.co_names):
            self._spawned = True
            return None
        self._wrapping, self._code = self._open(code), code
        return self._wrapping is not None and self._wrapping.last_line > 0

    def _passes(self, frame, line):
        """A line of the file is about to run. False when all its functions are known."""
        last = line > self._wrapping.last_line
        if self._due or last:
            self._look(frame, last)
        self._due = line in self._wrapping.headers
        return not last

    # Before Python 3.12.

    def _called(self, frame, _event, _value):
        begins = self._begins(frame)
        if begins is not None:
            sys.settrace(getattr if begins else None)
        return self._ran if begins else None

    def _ran(self, frame, event, _value):
        if event != 'line' or self._passes(frame, frame.f_lineno):
            return self._ran
        if sys.gettrace() is getattr:
            sys.settrace(None)
        frame.f_trace = None
        return None

    # Since.

    def _monitor(self):
        monitoring = sys.monitoring
        if monitoring.get_tool(_TOOL) is None:
            monitoring.use_tool_id(_TOOL, 'pipescope')
            monitoring.register_callback(_TOOL, monitoring.events.PY_START, self._started)
            monitoring.register_callback(_TOOL, monitoring.events.LINE, self._reached)
            monitoring.set_events(_TOOL, monitoring.events.PY_START)

    def _started(self, code, _offset):
        begins = self._begins(sys._getframe(1))
        if begins is not None:
            sys.monitoring.set_events(_TOOL, 0)
            self._watch(code, begins)
        return sys.monitoring.DISABLE

    def _reached(self, code, line):
        if code is self._code and not self._passes(sys._getframe(1), line):
            self._watch(code, False)

    def _watch(self, code, lines):
        sys.monitoring.set_local_events(_TOOL, code, sys.monitoring.events.LINE if lines else 0)
        if not lines:
            sys.monitoring.free_tool_id(_TOOL)


def _untraced_imports():
    """A module that the program's file imports is run without the looking, which would make it several times slower."""
    load = SourceFileLoader.exec_module

    def exec_module(self, module):
        looking = sys.gettrace() is getattr
        if looking:
            sys.settrace(None)
        try:
            load(self, module)
        finally:
            if looking and sys.gettrace() is None:
                sys.settrace(getattr)

    exec_module.__code__ = exec_module.__code__.replace(co_filename='<frozen importlib._bootstrap_external>')
    SourceFileLoader.exec_module = exec_module


def after_this_line(call):
    """Calls when the next line of Python begins, so that what runs now does not see it; from Python 3.12 on."""
    monitoring = sys.monitoring
    line = monitoring.events.LINE

    def reached(_code, _line):
        monitoring.set_events(_LATER_TOOL, 0)
        monitoring.free_tool_id(_LATER_TOOL)
        call()

    if monitoring.get_tool(_LATER_TOOL) is not None:
        call()
        return
    monitoring.use_tool_id(_LATER_TOOL, 'pipescope')
    monitoring.register_callback(_LATER_TOOL, line, reached)
    monitoring.set_events(_LATER_TOOL, line)
