"""Makes instrumented code objects, which time themselves, for the functions in a code object.

The bytecode of the function is kept. Instructions are added before it, before each return and for exceptions: see
`pipescope_templates.py`. They have no line numbers of their own and keep the start of the call on the value stack, so a
tracer sees the same lines and a frame has the same variables. The last constant leads to the original code, which
`pipescope_precedence.py` puts back when the program reads `function.__code__`.
"""
from pipescope_bytecode import Rewriter
from pipescope_opcodes import HAS_TABLE, IS_SUPPORTED, OPS, VERSION, argument_at
from pipescope_originals import now_ns
from pipescope_steps import FRAME_NUMBERS
from pipescope_templates import (CHECK, CONSTANTS, COVERS, ENTER, HANDLERS, LEAVE, NAMES, PAUSE, RESUME, STACK_SIZE, STEP_STACK_SIZE,
                                 Template, label_of)
from pipescope_twin import Twin, twin_of

_CODE = type((lambda: None).__code__)
_FUNCTION_FLAGS, _GENERATOR, _COROUTINE = 0x3, 0x20 | 0x200, 0x80
_LOAD_CONST = OPS['LOAD_CONST']
_MAKES_FUNCTION = {OPS[name] for name in ('LOAD_CONST', 'MAKE_FUNCTION', 'SET_FUNCTION_ATTRIBUTE', 'EXTENDED_ARG') if name in OPS}
_TYPE_USES = {OPS[name] for name in ('BUILD_TUPLE', 'CALL_INTRINSIC_2')} if 'CALL_INTRINSIC_2' in OPS else set()
_enter, _leave, _handlers = Template(ENTER), Template(LEAVE), Template(HANDLERS)
_check = Template(CHECK)
_pause, _resume = Template(PAUSE), Template(RESUME)
_covers = [tuple(label_of(part, 'handlers', None) if type(part) is str and part != 'body' else part for part in cover)
           for cover in COVERS]
#: Instructions after which a thread may give up Python's lock, at most how many others there are between one of them and a return
#: for which that is enough, and how much space those take at most.
_CALLS = {op for name, op in OPS.items() if name.startswith('CALL') and not name.startswith('CALL_INTRINSIC')}
_FEW, _UNITS_BEFORE = 6, 40
#: Before Python 3.11 a frame has room for 20 nested blocks, of which instrumented code needs one.
_MAX_BLOCKS = 19


def can_instrument(code):
    """False for modules, classes, lambdas and comprehensions, and for generators, whose calls end before their work is done."""
    return (IS_SUPPORTED and code.co_flags & _FUNCTION_FLAGS == _FUNCTION_FLAGS and not code.co_flags & _GENERATOR
            and not code.co_name.startswith('<'))


def _instrument_function(code, meter):
    rewriter = Rewriter(code)
    if not HAS_TABLE and rewriter.count(OPS['SETUP_FINALLY']) + rewriter.count(OPS['SETUP_WITH']) >= _MAX_BLOCKS:
        return code
    if code.co_flags & _COROUTINE:
        meter.track_steps()
        rewriter.find_suspensions()
    at = len(code.co_consts), len(code.co_names)
    entry = rewriter.entry
    covers = [tuple(entry if part == 'body' else part for part in cover) for cover in _covers]

    def leave(unit):
        pieces = _leave.pieces(*at, unit, entry)
        return pieces if _gives_way(code.co_code[::2], unit) else pieces + _check.pieces(*at, unit, entry)

    changes = rewriter.rewrite(
        _enter.pieces(*at, 'enter', entry), leave,
        _handlers.pieces(*at, 'handlers', entry), covers, lambda unit: _pause.pieces(*at, unit, entry),
        lambda unit: _resume.pieces(*at, unit, entry))
    values = {
        'gate': meter.gate, 'begin': meter.begin, 'end': meter.end, 'raised': meter.raised,
        'overflows': meter.overflows, 'untimed': meter.untimed, 'recursion': RecursionError, 'none': None, 'one': 1,
        'frame': FRAME_NUMBERS, 'steps': getattr(meter.steps, 'events', None), 'step': getattr(meter.steps, 'step', None),
        'now': now_ns, 'twin': Twin(code, meter)}
    result = code.replace(
        co_consts=code.co_consts + tuple(values[name] for name in CONSTANTS), co_names=code.co_names + NAMES,
        co_stacksize=max(code.co_stacksize + STEP_STACK_SIZE, STACK_SIZE) + 1, **changes)
    meter.original, meter.instrumented, meter.entry = code, result, 2 * entry
    return result


def _gives_way(ops, unit):
    """Returns True if the thread could give up Python's lock shortly before this instruction."""
    if VERSION < (3, 10):
        return True  # It can before almost every instruction.
    before = [op for op in ops[max(0, unit - _UNITS_BEFORE):unit] if op]
    return any(op in _CALLS for op in before[-_FEW:])


class InstrumentedFile:
    """Instrumented code of a module, or of anything else that defines functions."""

    def __init__(self, code, meter_for):
        """`meter_for(name, line, code)` returns the meter of a function, or None to leave the function as it is."""
        self._meter_for = meter_for
        #: Names of functions that cannot be instrumented.
        self.skipped = []
        self.code = self._visit(code, '')

    def _visit(self, code, path):
        """Returns the code with instrumented functions among its constants."""
        nested = [constant for constant in code.co_consts if type(constant) is _CODE]
        if not nested:
            return code
        lines = _lines_of_nested(code)
        constants, prefix = list(code.co_consts), path + '.' if path else ''
        for index, constant in enumerate(constants):
            if type(constant) is not _CODE:
                continue
            line = lines.get(index, constant.co_firstlineno)
            name = _name_of(constant, prefix)
            changed = self._visit(constant, path if constant.co_name.startswith('<') else name)
            if line and can_instrument(constant):
                meter = self._meter_for(name, line, constant)
                if meter is not None:
                    changed = self._instrument(constant, changed, meter)
            constants[index] = changed
        changed = tuple(constants)
        return code if all(map(_is_same, changed, code.co_consts)) else code.replace(co_consts=changed)

    def _instrument(self, original, changed, meter):
        """Returns instrumented code whose twin has the original constants, also those of functions inside."""
        result = _instrument_function(changed, meter)
        if result is changed:
            self.skipped.append(meter.definition['name'])
        else:
            meter.original = twin_of(result).original = original
            # With instrumented functions inside, the program could see them.
            meter.uncounted = original if changed is original else None
        return result


def _is_same(first, second):
    return first is second


def _name_of(code, prefix):
    qualified = getattr(code, 'co_qualname', None)
    return prefix + code.co_name if qualified is None else qualified.replace('<locals>.', '')


def _lines_of_nested(code):
    """Returns the line at which each nested code object is loaded, by constant. It is that of `def` or `class`; 0 if the code
    belongs to neither but computes the value of a type alias or the bound of a type parameter.
    """
    data, lines = code.co_code, {}
    line_at = _line_reader(code)
    position = -1
    ops = data[::2]
    while True:
        position = ops.find(_LOAD_CONST, position + 1)
        if position < 0:
            return lines
        index = argument_at(data, position)[0]
        if index < len(code.co_consts) and type(code.co_consts[index]) is _CODE:
            line = line_at(2 * position) or code.co_consts[index].co_firstlineno
            lines[index] = 0 if _next_use(ops, position) in _TYPE_USES else line


def _next_use(ops, position):
    """Returns the instruction that uses the function whose code is loaded at this position."""
    while ops[position] in _MAKES_FUNCTION:
        position += 1
    return ops[position]


def _line_reader(code):
    """Returns a function that returns the line of an address. Addresses must be ascending."""
    ranges = iter(code.co_lines() if hasattr(code, 'co_lines') else _old_ranges(code))
    state = [0, None]

    def line_at(address):
        while address >= state[0]:
            _start, state[0], state[1] = next(ranges)
        return state[1]

    return line_at


def _old_ranges(code):
    """Yields (start, end, line) as `code.co_lines` does, before Python 3.10."""
    line, start, address = code.co_firstlineno, 0, 0
    for step, change in zip(code.co_lnotab[::2], code.co_lnotab[1::2]):
        if step:
            yield start, address + step, line
            start = address = address + step
        line += change - 256 if change > 127 else change
    yield start, len(code.co_code), line


def instrument(code, meter_for):
    """Instruments the functions of a code object. Returns None if this Python is not supported."""
    return InstrumentedFile(code, meter_for) if IS_SUPPORTED else None


#: Code without constants, which loads none.
_HOLDER = (lambda value: value).__code__


def instrument_one(code, meter_for):
    """Returns the instrumented code of a function, or the same code."""
    holder = _HOLDER.replace(co_consts=(code,))
    instrumented = instrument(holder, meter_for)
    return code if instrumented is None else instrumented.code.co_consts[0]
