"""Instruments the program's main file, which Python reads by itself and not through the import system.

While the statements of the file run, each function that a statement has defined is instrumented before the next statement;
then the observation ends. From Python 3.12 on, `sys.monitoring` reports the lines of the file and slows down nothing else.
Before, `sys.settrace` does. All other frames get `getattr` as trace function, the fastest callable that declines to trace.
"""
import sys

from _frozen_importlib_external import SourceFileLoader

_TOOL = 4
#: Modules with which multiprocessing starts a child; the child loads the program's file later, as `__mp_main__`.
_SPAWNERS = {'multiprocessing.spawn', 'multiprocessing.forkserver'}
_NEXT_LINE_TOOL = 3


class Main:
    def __init__(self, instrument_code, install):
        """`instrument_code(code)` instruments a file if it is the user's; `install(frame, last)` replaces functions."""
        self._instrument_code, self._install = instrument_code, install
        self._file, self._code, self._is_due, self._is_spawned = None, None, False, False
        if hasattr(sys, 'monitoring'):
            self._monitor()
        else:
            sys.settrace(self._trace_calls)
            _stop_tracing_imports()

    def _begin(self, frame):
        """Returns whether to observe the lines of this frame, or None to keep searching for the main file."""
        code, name = frame.f_code, frame.f_globals.get('__name__')
        if code.co_name != '<module>' or name not in ('__main__', '__mp_main__'):
            return False if (code.co_name == '_bootstrap' if self._is_spawned else name == 'runpy') else None
        if name == '__main__' and not _SPAWNERS.isdisjoint(code.co_names):
            self._is_spawned = True
            return None
        self._file, self._code = self._instrument_code(code), code
        return self._file is not None and self._file.last_line > 0

    def _before_line(self, frame, line):
        """Called before a line of the file runs. Returns False once all its functions are instrumented."""
        is_last = line > self._file.last_line
        if self._is_due or is_last:
            self._install(frame, is_last)
        self._is_due = line in self._file.header_lines
        return not is_last

    # Before Python 3.12.

    def _trace_calls(self, frame, _event, _value):
        is_observed = self._begin(frame)
        if is_observed is not None:
            sys.settrace(getattr if is_observed else None)
        return self._trace_lines if is_observed else None

    def _trace_lines(self, frame, event, _value):
        if event != 'line' or self._before_line(frame, frame.f_lineno):
            return self._trace_lines
        if sys.gettrace() is getattr:
            sys.settrace(None)
        frame.f_trace = None
        return None

    # From Python 3.12 on.

    def _monitor(self):
        monitoring = sys.monitoring
        if monitoring.get_tool(_TOOL) is None:
            monitoring.use_tool_id(_TOOL, 'pipescope')
            monitoring.register_callback(_TOOL, monitoring.events.PY_START, self._on_start)
            monitoring.register_callback(_TOOL, monitoring.events.LINE, self._on_line)
            monitoring.set_events(_TOOL, monitoring.events.PY_START)

    def _on_start(self, code, _offset):
        is_observed = self._begin(sys._getframe(1))
        if is_observed is not None:
            sys.monitoring.set_events(_TOOL, 0)
            self._observe_lines(code, is_observed)
        return sys.monitoring.DISABLE

    def _on_line(self, code, line):
        if code is self._code and not self._before_line(sys._getframe(1), line):
            self._observe_lines(code, False)

    def _observe_lines(self, code, is_observed):
        sys.monitoring.set_local_events(_TOOL, code, sys.monitoring.events.LINE if is_observed else 0)
        if not is_observed:
            sys.monitoring.free_tool_id(_TOOL)


def _stop_tracing_imports():
    """Runs modules that the main file imports without tracing, which would make them several times slower."""
    load = SourceFileLoader.exec_module

    def exec_module(self, module):
        is_tracing = sys.gettrace() is getattr
        if is_tracing:
            sys.settrace(None)
        try:
            load(self, module)
        finally:
            if is_tracing and sys.gettrace() is None:
                sys.settrace(getattr)

    exec_module.__code__ = exec_module.__code__.replace(co_filename='<frozen importlib._bootstrap_external>')
    SourceFileLoader.exec_module = exec_module


def call_at_next_line(callback):
    """Calls back when the next line of Python code begins, so that the current call does not notice. From Python 3.12 on."""
    monitoring = sys.monitoring
    line_event = monitoring.events.LINE

    def on_line(_code, _line):
        monitoring.set_events(_NEXT_LINE_TOOL, 0)
        monitoring.free_tool_id(_NEXT_LINE_TOOL)
        callback()

    if monitoring.get_tool(_NEXT_LINE_TOOL) is not None:
        callback()
        return
    monitoring.use_tool_id(_NEXT_LINE_TOOL, 'pipescope')
    monitoring.register_callback(_NEXT_LINE_TOOL, line_event, on_line)
    monitoring.set_events(_NEXT_LINE_TOOL, line_event)
