"""Instruments the program's main file, which Python reads by itself and not through the import system.

While the statements of the file and of its classes run, each function gets its instrumented code as soon as it exists:
before its decorators are called, and before the next statement. After the last definition, the observation ends. From
Python 3.12 on, `sys.monitoring` reports the lines of these statements and slows down nothing else. Before, `sys.settrace`
does; all other frames get `getattr` as trace function, the fastest callable that declines to trace.
"""
import sys

from _frozen_importlib_external import SourceFileLoader

from pipescope_bytecode import Rewriter
from pipescope_opcodes import OPS
from pipescope_hooks import replace
from pipescope_audit import probing
from pipescope_replace import Replacement

_CODE = type((lambda: None).__code__)
_TOOL = 4
_NEXT_LINE_TOOL = 3
#: Before Python 3.11, no line begins between the creation of a function and the call of its decorators.
_MAKE_FUNCTION = OPS['MAKE_FUNCTION'] if sys.version_info < (3, 11) else None


class Body:
    """Statements of the module or of a class that define functions."""

    def __init__(self, code, definitions):
        """`definitions` are the code objects of the functions and classes in it that matter."""
        self.code = code
        #: Positions among the definitions by the lines of their declarations.
        self._definitions, self._by_line, self._due = definitions, {}, ()
        for index, definition in enumerate(definitions):
            for line in range(definition.co_firstlineno, _first_body_line(definition) + 1):
                self._by_line.setdefault(line, []).append(index)
        self._end = _end_of_definitions(code, definitions)

    @property
    def is_due(self):
        """True while a declaration runs."""
        return bool(self._due)

    def before_line(self, line, replacement):
        """Called before a line of the body runs."""
        next_due = self._by_line.get(line, ())
        if self._due:
            self._install(replacement, next_due[:1] != self._due[:1])
        self._due = next_due

    def after_creation(self, replacement):
        """Called after a function was created, before its decorators are called."""
        self._install(replacement, True)

    def at_end(self, replacement):
        if self._due:
            self._install(replacement, True)
        self._due = ()

    def is_over(self, offset):
        return offset > self._end and not self._due

    def _install(self, replacement, is_complete):
        replacement.install([self._definitions[index] for index in self._due], is_complete)


def _first_body_line(code):
    """Returns the first line after the declaration of a function or class, or the line of both."""
    lines = [line for _start, _end, line in code.co_lines()] if hasattr(code, 'co_lines') else _old_lines(code)
    return min([line for line in lines if line is not None and line > code.co_firstlineno], default=code.co_firstlineno)


def _old_lines(code):
    line, lines = code.co_firstlineno, []
    for change in code.co_lnotab[1::2]:
        line += change - 256 if change > 127 else change
        lines.append(line)
    return lines


def _end_of_definitions(code, definitions):
    """Returns the offset of the last definition, or of the end of the outermost loop around it."""
    end, wanted = 0, set(map(id, definitions))
    for index, constant in enumerate(code.co_consts):
        if id(constant) in wanted:
            end = max(end, _last_load(code, index))
    for start, stop in sorted(Rewriter(code).loops(), key=max):
        if 2 * start <= end:
            end = max(end, 2 * stop)
    return end


def _last_load(code, index):
    """Returns an offset at or behind the last instruction that loads this constant."""
    data, load, position = code.co_code, OPS['LOAD_CONST'], len(code.co_code) - 2
    while position >= 0 and not (data[position] == load and data[position + 1] == index & 255):
        position -= 2
    return max(0, position)


class Main:
    def __init__(self, instrument_code, on_other, precedence):
        """`instrument_code(code)` returns the code of the main file with instrumented functions, or None if it is not the
        user's; `on_other(code)` is called for a main program that is no file.
        """
        self._instrument_code, self._on_other = instrument_code, on_other
        self._replacement, self._bodies = Replacement(precedence), {}
        precedence.on_step_back.append(self._stop)
        if hasattr(sys, 'monitoring'):
            self._monitor()
        elif sys.gettrace() is None:
            probing(sys.settrace, self._trace_start)
            _stop_tracing_imports()

    def _begin(self, frame):
        """Returns True to observe this frame, False to observe none, or None to keep searching for the main file."""
        code, name = frame.f_code, frame.f_globals.get('__name__')
        if code.co_name != '<module>' or name != '__main__':
            return False if name == 'runpy' else None
        changed = self._instrument_code(code)
        if changed is None:
            self._on_other(code)
            return False
        if changed is code:
            return False
        definitions_by_body = self._replacement.add(code, changed)
        self._bodies = {id(body): Body(body, definitions) for body, definitions in definitions_by_body}
        return True

    def _stop(self):
        """Ends the observation before the main file does."""
        if hasattr(sys, 'monitoring'):
            if sys.monitoring.get_tool(_TOOL) == 'pipescope':
                sys.monitoring.set_events(_TOOL, 0)
                self._observe(False)
        elif self._is_tracing() or sys.gettrace() == self._trace_start:
            try:
                probing(sys.settrace, None)
            except RuntimeError:  # The program is just replacing it.
                pass

    # Before Python 3.12.

    def _trace_start(self, frame, _event, _value):
        is_observed = self._begin(frame)
        if is_observed is None:
            return None
        if not is_observed:
            probing(sys.settrace, None)
            return None
        probing(sys.settrace, getattr)
        return self._trace_body(frame, self._bodies[id(frame.f_code)], True)

    def _trace_classes(self, frame, _event, _value):
        body = self._bodies.get(id(frame.f_code)) if frame.f_code.co_name != '<module>' else None
        return None if body is None else self._trace_body(frame, body, False)

    def _trace_body(self, frame, body, is_module):
        replacement = self._replacement

        def trace(frame, event, _value):
            if event == 'opcode':
                if body.code.co_code[frame.f_lasti - 2] == _MAKE_FUNCTION:
                    body.after_creation(replacement)
                return trace
            if event == 'return':
                body.at_end(replacement)
            elif event == 'line':
                body.before_line(frame.f_lineno, replacement)
            frame.f_trace_opcodes = body.is_due and _MAKE_FUNCTION is not None
            if not is_module:
                return trace
            if event == 'return' or body.is_over(frame.f_lasti):
                if self._is_tracing():
                    probing(sys.settrace, None)
                frame.f_trace = None
                return None
            if self._is_tracing():
                # A class body runs during its declaration.
                probing(sys.settrace, self._trace_classes if body.is_due else getattr)
            return trace

        return trace

    def _is_tracing(self):
        return sys.gettrace() in (getattr, self._trace_classes)

    # From Python 3.12 on.

    def _monitor(self):
        monitoring = sys.monitoring
        if monitoring.get_tool(_TOOL) is None:
            events = monitoring.events
            monitoring.use_tool_id(_TOOL, 'pipescope')
            probing(monitoring.register_callback, _TOOL, events.PY_START, self._on_start)
            probing(monitoring.register_callback, _TOOL, events.LINE, self._on_line)
            probing(monitoring.register_callback, _TOOL, events.PY_RETURN, self._on_return)
            monitoring.set_events(_TOOL, events.PY_START)

    def _on_start(self, code, _offset):
        is_observed = self._begin(sys._getframe(1))
        if is_observed is not None:
            sys.monitoring.set_events(_TOOL, 0)
            self._observe(is_observed)
        return sys.monitoring.DISABLE

    def _on_line(self, code, line):
        body = self._bodies.get(id(code))
        if body is None:
            return
        body.before_line(line, self._replacement)
        if code.co_name == '<module>' and body.is_over(sys._getframe(1).f_lasti):
            self._observe(False)

    def _on_return(self, code, _offset, _value):
        body = self._bodies.get(id(code))
        if body is not None:
            body.at_end(self._replacement)
            if code.co_name == '<module>':
                self._observe(False)

    def _observe(self, is_observed):
        monitoring = sys.monitoring
        for body in self._bodies.values():
            monitoring.set_local_events(
                _TOOL, body.code, monitoring.events.LINE | monitoring.events.PY_RETURN if is_observed else 0)
        if not is_observed:
            monitoring.free_tool_id(_TOOL)


def _stop_tracing_imports():
    """Runs modules that the main file imports without tracing, which would make them several times slower."""
    load = SourceFileLoader.exec_module

    def exec_module(self, module):
        is_tracing = sys.gettrace() is getattr
        if is_tracing:
            probing(sys.settrace, None)
        try:
            load(self, module)
        finally:
            if is_tracing and sys.gettrace() is None:
                probing(sys.settrace, getattr)

    exec_module.__code__ = exec_module.__code__.replace(co_filename='<frozen importlib._bootstrap_external>')
    replace(SourceFileLoader, 'exec_module', exec_module)


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
    probing(monitoring.register_callback, _NEXT_LINE_TOOL, line_event, on_line)
    monitoring.set_events(_NEXT_LINE_TOOL, line_event)
