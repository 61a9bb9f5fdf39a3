"""Makes code objects that time themselves out of a file's source, one for each of its functions.

The module's and the classes' own code stays as it was compiled; only code objects of functions are exchanged, so that
cached bytecode, warnings and line numbers are the program's. What the wrapped code needs stands among its constants: the
program sees no new global name, and one local name that no program can write.
"""
import sys
from time import perf_counter_ns as now_ns

from _ast import AsyncFunctionDef, ClassDef, Constant, Expr, FunctionDef, Name, PyCF_ONLY_AST

_CODE = type((lambda: None).__code__)
_GENERATOR = 0x20 | 0x200
_LOCAL = '.pipescope'
#: Functions that may show their locals are timed without a local of ours, which takes longer.
_LOOKING = {'locals', 'vars', 'dir', 'eval', 'exec', '_getframe', 'currentframe', 'f_locals'}
_MARKS = {'\0gate', '\0call'}
_BEGIN = '''
    t = "\0now"() if not "\0gate".level else (
        (0 if "\0next"("\0ticks") & "\0gate".mask else "\0begin"(1)) if "\0gate".mask else "\0begin"(0))
    if t: "\0gate".level += 1
'''
#: Near the limit of recursion nothing is timed rather than failing earlier than the program would. Python 3.8 gives up
#: when that error is caught and the recursion goes on.
_SAFELY = 'try:' + _BEGIN + 'except "\0recursion": t = 0' if sys.version_info >= (3, 9) else 'if 1:' + _BEGIN
_TEMPLATE = (_SAFELY + '''
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
_LOOKING_TEMPLATE = 'with "\\0call"(): pass'
_SHARED = {'\0now': now_ns, '\0next': next, '\0recursion': RecursionError, '\0exception': Exception}


class Mismatch(Exception):
    """The source is not what the code was compiled from."""


def _children(code):
    return [constant for constant in code.co_consts if type(constant) is _CODE]


def _text(constant):
    return constant if type(constant) is str else ''


def _key(code):
    return code.co_name, code.co_firstlineno


def _flatten(code, into):
    for child in _children(code):
        into.setdefault(_key(child), []).append(child)
        _flatten(child, into)
    return into


def _first_line(node):
    return node.decorator_list[0].lineno if node.decorator_list else node.lineno


def _placed(template, line):
    """The template's statements, all on that line; the last one's body is to be filled."""
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


def _is_wrappable(codes):
    return bool(codes) and not any(code.co_flags & _GENERATOR for code in codes)


class Wrapping:
    """One file's wrapped code."""

    def __init__(self, code, source, meter_of):
        """`meter_of(name, line, code)` gives the meter of a function, or nothing where it is to stay as it is."""
        self._meter_of = meter_of
        self._known, self._lines = _flatten(code, {}), {}
        #: Lines on which the module's own functions and classes are declared, and where the last of them ends.
        self.headers, self.last_line = set(), 0
        if not any(_is_wrappable([one]) for codes in self._known.values() for one in codes):
            self.code = code
            return
        tree = compile(source, code.co_filename, 'exec', PyCF_ONLY_AST, True)
        self._visit(tree.body, True)
        self.code = self._graft(code, compile(tree, code.co_filename, 'exec', 0, True), '')

    def _visit(self, statements, top):
        for node in statements:
            kind = type(node)
            if kind is FunctionDef or kind is AsyncFunctionDef or kind is ClassDef:
                if top:
                    self.headers.update(range(_first_line(node), node.lineno + 1))
                    self.last_line = max(self.last_line, node.end_lineno)
                self._visit(node.body, False)
                if kind is not ClassDef:
                    self._wrap(node)
                continue
            for field in ('body', 'orelse', 'finalbody'):
                inner = getattr(node, field, None)
                if type(inner) is list:
                    self._visit(inner, top)
            for part in getattr(node, 'handlers', None) or getattr(node, 'cases', None) or ():
                self._visit(part.body, top)

    def _wrap(self, node):
        key = (node.name, _first_line(node))
        if not _is_wrappable(self._known.get(key)):
            return
        self._lines[key] = node.lineno
        first = node.body[0]
        described = type(first) is Expr and type(first.value) is Constant and type(first.value.value) is str
        kept = node.body[:1] if described else []
        body = node.body[len(kept):]
        looks = not _LOOKING.isdisjoint(name for code in self._known[key] for name in code.co_names)
        around = _placed(_LOOKING_TEMPLATE if looks else _TEMPLATE, (body or kept)[0].lineno)
        if body:
            around[-1].body = body
        node.body = kept + around

    def _graft(self, code, other, path):
        """The code with those of its functions exchanged, and itself if it is a wrapped function."""
        mine, theirs = _children(code), _children(other)
        if list(map(_key, mine)) != list(map(_key, theirs)):
            raise Mismatch
        inside = path + '.' if path else ''
        grafted = [self._graft(a, b, inside + a.co_name) for a, b in zip(mine, theirs)]
        meter = None
        if not _MARKS.isdisjoint(map(_text, other.co_consts)):
            if (code.co_freevars, code.co_varnames[:code.co_argcount]) != (
                    other.co_freevars, other.co_varnames[:other.co_argcount]) or code.co_flags != other.co_flags:
                raise Mismatch
            meter = self._meter_of(path, self._lines[_key(code)], code)
        base, table = (code, {}) if meter is None else (other, dict(_SHARED, **{
            '\0gate': meter.gate, '\0call': meter.call, '\0ticks': meter.ticks, '\0begin': meter.begin, '\0end': meter.end,
            '\0fail': meter.fail, '\0append': meter.durations.append}))
        following = iter(grafted)
        constants = tuple(next(following) if type(constant) is _CODE
                          else table.get(constant, constant) if type(constant) is str else constant
                          for constant in base.co_consts)
        made = base.replace(co_consts=constants)
        if meter is not None:
            meter.original, meter.wrapped = code, made
        return made


def wrap(code, source, meter_of):
    """The file's wrapping. Warnings of the compiler were told when the program's own code was compiled."""
    module = sys.modules.get('warnings')
    if module is None:
        import _warnings as module
    silence = ('ignore', None, Warning, None, 0)
    filters = module.filters
    filters.insert(0, silence)
    try:
        return Wrapping(code, source, meter_of)
    finally:
        filters.remove(silence)
