"""The instructions that an instrumented function executes before its body, before each return and for each exception.

Every call advances an iterator that ends when the next call of this function is to be timed, and that also advances the number
of calls of the whole program. It is written in C, so that counting a call costs little and no thread can interrupt it. The start of a call
lies at the bottom of the value stack, so that the function has no additional variable. It is what `Meter.begin` has returned,
or None if the call is not timed. If the gate is closed, nothing is called that a tracer could see.
"""

from pipescope_bytecode import Jump
from pipescope_opcodes import HAS_TABLE, OPS, VERSION, instruction

#: The objects that instrumented code has among its constants, in this order, and the attributes of a gate.
CONSTANTS = ('gate', 'begin', 'end', 'raised', 'overflows', 'untimed', 'recursion', 'none', 'one', 'frame',
             'steps', 'step', 'now', 'twin')
NAMES = ('ticks', 'closed', 'clock')
#: Minimum stack size, for the deepest handler; and what is needed beside the values of the body.
STACK_SIZE, STEP_STACK_SIZE = 16, 8

_BEGIN = '''
    get ticks; each select; swap; POP_TOP
    jump entered
select:
    over
    get closed; true unselected
    {}call begin; call now{}; BUILD_TUPLE 2
    jump entered
unselected:
    const none
entered:
'''
_END = '''
    swap; dup; none drop
    get closed; true uncount
    call now; BUILD_TUPLE 2; call1 end; POP_TOP
    jump done
uncount:
    const one; append untimed
drop:
    POP_TOP
done:
'''
#: A place before a return at which a thread may give up Python's lock: see `pipescope_samples.py`. Tracers see it.
CHECK = '''
    get closed; true return
    RESUME 0
return:
''' if HAS_TABLE else '''
    jump checked
check:
    jump return
checked:
    get closed; true return
    back check
return:
'''
#: Executed by a coroutine before it is suspended (with `one`) and after it was resumed (with `none`). Clock and frame are read
#: by iterators, because Python runs signal handlers after calls: an exception that one raises belongs to the innermost coroutine.
_STEP = '''
    get closed; true unseen
    const {}; get clock; next; const frame; next; BUILD_TUPLE 3; extend
unseen:
'''
PAUSE, RESUME = _STEP.format('one'), _STEP.format('none')
#: Near the recursion limit a call is not timed, so that the program does not fail earlier than without the probe. Python 3.8
#: aborts if that error is caught and the recursion continues, so there it is not caught.
if HAS_TABLE:
    ENTER, LEAVE = _BEGIN.format('', ''), _END
    HANDLERS = '''
unentered:
    const recursion; CHECK_EXC_MATCH; is_false other_error
    POP_TOP
    const one; append untimed
    const none
    back body
other_error:
    RERAISE 0
failed:
    get closed; true quiet
    prepare raised; COPY 5; COPY 4; finish 2; POP_TOP
reported:
    RERAISE 1
quiet:
    COPY 3; none leave
    const one; append untimed
leave:
    RERAISE 1
unreported:
    const recursion; CHECK_EXC_MATCH; is_false new_error
    POP_TOP
    COPY 3; append overflows
    RERAISE 1
new_error:
    RERAISE 0
'''
    COVERS = ((('enter', 0), 'body', 'unentered', 0, 0), ('failed', 'reported', 'unreported', 3, 0),
              (None, None, 'failed', 1, 1))
else:
    _CAN_CATCH = VERSION >= (3, 9)
    _RERAISE = 'RERAISE 0' if _CAN_CATCH else 'END_FINALLY'
    ENTER = _BEGIN.format(*('handle unentered; ', '; POP_BLOCK') if _CAN_CATCH else ('', '')) + '''
armed:
    handle failed
'''
    LEAVE = 'POP_BLOCK' + _END
    _UNENTERED = '''
unentered:
    DUP_TOP; const recursion; unmatched other_error
    POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT
    const one; append untimed
    const none
    back armed
other_error:
    RERAISE 0
'''
    #: The handler begins with the start, three values of the previous exception and three of this one. From Python 3.10 on
    #: the block of the handler is kept until the end, because it restores the line of the frame.
    _KEEPS_BLOCK = VERSION >= (3, 10)
    HANDLERS = (_UNENTERED if _CAN_CATCH else '') + '''
failed:
    BUILD_TUPLE 3
    ''' + ('ROT_N 5; ROT_N 5; ROT_N 5; ROT_N 5' if _KEEPS_BLOCK else 'ROT_FOUR; POP_EXCEPT; swap') + '''
    get closed; true quiet
    handle unreported
    DUP_TOP_TWO; swap; const raised; ROT_THREE; CALL_FUNCTION 2; POP_TOP
    POP_BLOCK
    jump leave
quiet:
    dup; none leave
    const one; append untimed
    jump leave
unreported:
    DUP_TOP; const recursion; unmatched new_error
    POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT
    dup; append overflows
leave:
    ''' + ('ROT_N 5' if _KEEPS_BLOCK else 'POP_TOP') + '''
    UNPACK_SEQUENCE 3; ROT_THREE; ROT_TWO
    ''' + ('RERAISE 1' if _KEEPS_BLOCK else _RERAISE) + '''
new_error:
    ''' + _RERAISE
    COVERS = ()


def _plain(name, arg=0):
    return instruction(OPS[name], arg)


def _conditional(value):
    for name in ('POP_JUMP_FORWARD_IF_' + value, 'POP_JUMP_IF_' + value):
        if name in OPS:
            return OPS[name]
    raise ValueError(value)


_SWAP = _plain('SWAP', 2) if HAS_TABLE else _plain('ROT_TWO')
_FIXED = {
    'swap': _SWAP,
    'dup': _plain('COPY', 1) if HAS_TABLE else _plain('DUP_TOP'),
    # Python 3.12 and 3.13 skip these instructions after the end of an iterator.
    'over': (_plain('END_FOR') if 'END_FOR' in OPS else b'') + (_plain('POP_TOP') if VERSION >= (3, 13) else b''),
}


class Template:
    """One of the texts above, as pieces for `Rewriter.rewrite`."""

    def __init__(self, text):
        lines = text.replace(';', '\n').split('\n')
        self._operations = [line.split() for line in lines if line.strip()]
        self._pieces = {}

    def pieces(self, first_constant, first_name, number, entry):
        """Returns the pieces for a function with this many constants and names; `number` makes the labels unique."""
        key = first_constant, first_name
        if key not in self._pieces:
            if len(self._pieces) > 500:
                self._pieces.clear()
            self._pieces[key] = self._assemble(first_constant, first_name)
        return [piece if type(piece) is bytes
                else Jump(piece[0], label_of(piece[1], number, entry)) if type(piece) is tuple
                else label_of(piece, number, entry) for piece in self._pieces[key]]

    def _assemble(self, first_constant, first_name):
        pieces = []

        def add(data):
            if pieces and type(pieces[-1]) is bytes:
                data = pieces.pop() + data
            pieces.append(data)

        def const(name):
            return _plain('LOAD_CONST', first_constant + CONSTANTS.index(name))

        def get(name):
            index = first_name + NAMES.index(name)
            return const('gate') + _plain('LOAD_ATTR', index << 1 if VERSION >= (3, 12) else index)

        def prepare(name):
            if not HAS_TABLE:
                return const(name)
            return const(name) + _plain('PUSH_NULL') if VERSION >= (3, 13) else _plain('PUSH_NULL') + const(name)

        def finish(count):
            if not HAS_TABLE:
                return _plain('CALL_FUNCTION', count)
            return (_plain('PRECALL', count) if 'PRECALL' in OPS else b'') + _plain('CALL', count)

        for name, *args in self._operations:
            arg = args[0] if args else ''
            if name.endswith(':'):
                pieces.append(name[:-1])
            elif name in _FIXED:
                add(_FIXED[name])
            elif name == 'const':
                add(const(arg))
            elif name == 'get':
                add(get(arg))
            elif name == 'next':
                # The iterator never ends.
                pieces.append((OPS['FOR_ITER'], 'unseen'))
                add(_SWAP + _plain('POP_TOP'))
            elif name == 'extend':
                if 'LIST_EXTEND' in OPS:
                    add(const('steps') + _SWAP + _plain('LIST_EXTEND', 1) + _plain('POP_TOP'))
                else:
                    add(const('step') + _SWAP + finish(1) + _plain('POP_TOP'))
            elif name == 'append':
                add(const(arg) + _SWAP + _plain('LIST_APPEND', 1) + _plain('POP_TOP'))
            elif name == 'prepare':
                add(prepare(arg))
            elif name == 'finish':
                add(finish(int(arg)))
            elif name == 'call':
                add(prepare(arg) + finish(0))
            elif name == 'call1':
                add(const(arg) + _SWAP + finish(1) if not HAS_TABLE else
                    (_plain('PUSH_NULL') + const(arg) if VERSION >= (3, 13) else const(arg) + _plain('PUSH_NULL'))
                    + _plain('SWAP', 3) + finish(1))
            elif name in ('true', 'false'):
                pieces.append((_conditional(name.upper()), arg))  # Gates have booleans, which Python 3.13 need not convert.
            elif name == 'none':
                pieces.append((_conditional('NONE') if HAS_TABLE else _conditional('FALSE'), arg))
            elif name == 'each':
                pieces.append((OPS['FOR_ITER'], arg))
            elif name == 'is_false':
                pieces.append((_conditional('FALSE'), arg))
            elif name == 'unmatched':
                if 'JUMP_IF_NOT_EXC_MATCH' in OPS:
                    pieces.append((OPS['JUMP_IF_NOT_EXC_MATCH'], arg))
                else:
                    add(_plain('COMPARE_OP', 10))
                    pieces.append((OPS['POP_JUMP_IF_FALSE'], arg))
            elif name == 'jump':
                pieces.append((OPS['JUMP_FORWARD'], arg))
            elif name == 'back':
                pieces.append((OPS['JUMP_BACKWARD' if HAS_TABLE else 'JUMP_ABSOLUTE'], arg))
            elif name == 'handle':
                pieces.append((OPS['SETUP_FINALLY'], arg))
            else:
                add(_plain(name, int(arg or 0)))
        return pieces


def label_of(name, number, entry):
    """Returns the label of a template's name. Names of handlers are the same in all parts of a function."""
    if name == 'body':
        return entry
    return ('once', name) if name in _ONCE else (number, name)


_ONCE = {'unentered', 'failed', 'unreported', 'armed'}
