"""Compiles instrumented code objects, which time themselves, for the functions of a file.

The code of the module and of classes stays as it was compiled. Only the code objects of functions are replaced, so that
cached bytecode, warnings and line numbers do not change. Instrumented code finds the probe's objects among its constants:
the program sees no new global name, and one local name that no program can write.
"""
import sys
from time import perf_counter_ns as now_ns

from _ast import AsyncFunctionDef, ClassDef, Constant, Expr, FunctionDef, Name, PyCF_ONLY_AST

_CODE = type((lambda: None).__code__)
_GENERATOR = 0x20 | 0x200
_LOCAL = '.pipescope'
#: Names used by functions that may list their locals. Those are timed without a local variable, which is slower.
_INTROSPECTION = {'locals', 'vars', 'dir', 'eval', 'exec', '_getframe', 'currentframe', 'f_locals'}
#: Constants that only instrumented code has.
_MARKERS = {'\0gate', '\0call'}
_BEGIN = '''
    t = "\0now"() if not "\0gate".level else (
        (0 if "\0next"("\0ticks") & "\0gate".mask else "\0begin"(1)) if "\0gate".mask else "\0begin"(0))
    if t: "\0gate".level += 1
'''
#: Near the recursion limit a call is not timed, so that the program does not fail earlier than without the probe. Python 3.8
#: aborts if that error is caught and the recursion continues, so there it is not caught.
_SAFE_BEGIN = 'try:' + _BEGIN + 'except "\0recursion": t = 0' if sys.version_info >= (3, 9) else 'if 1:' + _BEGIN
_TEMPLATE = (_SAFE_BEGIN + '''
try: pass
except "\0recursion":
    "\0gate".overflows += 1
    raise
except "\0exception":
    try: "\0fail"()
    except "\0recursion": pass
    raise
finally:
    if t:
        "\0gate".level -= 1
        try: "\0append"("\0now"() - t) if t > 0 else "\0end"(t)
        except "\0recursion": pass
''').replace('\0', '\\0')
_INTROSPECTION_TEMPLATE = 'with "\\0call"(): pass'
_SHARED = {'\0now': now_ns, '\0next': next, '\0recursion': RecursionError, '\0exception': Exception}


class Mismatch(Exception):
    """The code was compiled from another source."""


def _nested_codes(code):
    """Returns the code objects nested in this one."""
    return [constant for constant in code.co_consts if type(constant) is _CODE]


def _text(constant):
    return constant if type(constant) is str else ''


def _key(code):
    return code.co_name, code.co_firstlineno


def _collect(code, codes_by_key):
    for nested in _nested_codes(code):
        codes_by_key.setdefault(_key(nested), []).append(nested)
        _collect(nested, codes_by_key)
    return codes_by_key


def _first_line(node):
    return node.decorator_list[0].lineno if node.decorator_list else node.lineno


def _parse_template(template, line):
    """Returns the template's statements, all on this line. The body of the last one is to be replaced."""
    statements = compile(template, '', 'exec', PyCF_ONLY_AST, True).body
    stack = list(statements)
    while stack:
        node = stack.pop()
        if 'lineno' in node._attributes:
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0
        if type(node) is Name:
            node.id = _LOCAL
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                stack.extend(value)
            elif hasattr(value, '_fields'):
                stack.append(value)
    return statements


def _can_instrument(codes):
    """False for generators, because their calls end before their work is done."""
    return bool(codes) and not any(code.co_flags & _GENERATOR for code in codes)


class InstrumentedFile:
    """Instrumented code of one file."""

    def __init__(self, code, source, meter_for):
        """`meter_for(name, line, code)` returns the meter of a function, or None to leave the function as it is."""
        self._meter_for = meter_for
        self._codes, self._lines = _collect(code, {}), {}
        #: Lines on which the functions and classes at module level are declared, and the end of the last one.
        self.header_lines, self.last_line = set(), 0
        if not any(_can_instrument([nested]) for codes in self._codes.values() for nested in codes):
            self.code = code
            return
        tree = compile(source, code.co_filename, 'exec', PyCF_ONLY_AST, True)
        self._visit(tree.body, True)
        self.code = self._merge(code, compile(tree, code.co_filename, 'exec', 0, True), '')

    def _visit(self, statements, is_top_level):
        for node in statements:
            kind = type(node)
            if kind is FunctionDef or kind is AsyncFunctionDef or kind is ClassDef:
                if is_top_level:
                    self.header_lines.update(range(_first_line(node), node.lineno + 1))
                    self.last_line = max(self.last_line, node.end_lineno)
                self._visit(node.body, False)
                if kind is not ClassDef:
                    self._instrument(node)
                continue
            for field in ('body', 'orelse', 'finalbody'):
                block = getattr(node, field, None)
                if type(block) is list:
                    self._visit(block, is_top_level)
            for part in getattr(node, 'handlers', None) or getattr(node, 'cases', None) or ():
                self._visit(part.body, is_top_level)

    def _instrument(self, node):
        """Puts the body of a function into the template, after the docstring."""
        key = (node.name, _first_line(node))
        if not _can_instrument(self._codes.get(key)):
            return
        self._lines[key] = node.lineno
        first = node.body[0]
        has_docstring = type(first) is Expr and type(first.value) is Constant and type(first.value.value) is str
        docstring = node.body[:1] if has_docstring else []
        body = node.body[len(docstring):]
        is_introspective = not _INTROSPECTION.isdisjoint(name for code in self._codes[key] for name in code.co_names)
        template = _INTROSPECTION_TEMPLATE if is_introspective else _TEMPLATE
        statements = _parse_template(template, (body or docstring)[0].lineno)
        if body:
            statements[-1].body = body
        node.body = docstring + statements

    def _merge(self, original, compiled, path):
        """Returns the compiled code if it is an instrumented function, otherwise the original code; functions in either
        are merged in the same way.
        """
        originals, compileds = _nested_codes(original), _nested_codes(compiled)
        if list(map(_key, originals)) != list(map(_key, compileds)):
            raise Mismatch
        prefix = path + '.' if path else ''
        merged = [self._merge(before, after, prefix + before.co_name) for before, after in zip(originals, compileds)]
        meter = None
        if not _MARKERS.isdisjoint(map(_text, compiled.co_consts)):
            if (original.co_freevars, original.co_varnames[:original.co_argcount]) != (
                    compiled.co_freevars, compiled.co_varnames[:compiled.co_argcount]) or (
                    original.co_flags != compiled.co_flags):
                raise Mismatch
            meter = self._meter_for(path, self._lines[_key(original)], original)
        base, objects = (original, {}) if meter is None else (compiled, dict(_SHARED, **{
            '\0gate': meter.gate, '\0call': meter.call, '\0ticks': meter.ticks, '\0begin': meter.begin, '\0end': meter.end,
            '\0fail': meter.fail, '\0append': meter.durations.append}))
        remaining = iter(merged)
        constants = tuple(next(remaining) if type(constant) is _CODE
                          else objects.get(constant, constant) if type(constant) is str else constant
                          for constant in base.co_consts)
        result = base.replace(co_consts=constants)
        if meter is not None:
            meter.original, meter.instrumented = original, result
        return result


def instrument(code, source, meter_for):
    """Instruments a file. Silences compiler warnings, because Python has already shown them for the original code."""
    module = sys.modules.get('warnings')
    if module is None:
        import _warnings as module
    silence = ('ignore', None, Warning, None, 0)
    filters = module.filters
    filters.insert(0, silence)
    try:
        return InstrumentedFile(code, source, meter_for)
    finally:
        filters.remove(silence)
