"""The instructions of this Python and what they do: jumps, returns and inline caches.

Positions are counted in units of two bytes.
"""
import sys

VERSION = sys.version_info[:2]
IS_SUPPORTED = (3, 8) <= VERSION <= (3, 13)
#: From Python 3.11 on: a table of handlers, inline caches, relative jumps only.
HAS_TABLE = VERSION >= (3, 11)
#: Jumps count bytes before Python 3.10.
UNIT = 1 if VERSION >= (3, 10) else 2


def _opcodes():
    """Returns the interpreter's own list of instructions. The program does not find it among the modules unless it was there."""
    before = set(sys.modules)
    import opcode
    for name in {'opcode', '_opcode', '_opcode_metadata'} - before:
        sys.modules.pop(name, None)
    return opcode


_opcode = _opcodes()
OPS = dict(_opcode.opmap)
EXTENDED_ARG = OPS['EXTENDED_ARG']
RELATIVE, ABSOLUTE = set(_opcode.hasjrel), set(_opcode.hasjabs)
BACKWARD = {op for name, op in OPS.items() if 'JUMP_BACKWARD' in name}
_entries = getattr(_opcode, '_inline_cache_entries', {})
CACHES = {op: (_entries.get(name, 0) if isinstance(_entries, dict) else _entries[op])
           for name, op in OPS.items() if op < 256} if HAS_TABLE else {}
RETURNS = {OPS[name] for name in ('RETURN_VALUE', 'RETURN_CONST') if name in OPS}
JUMPS = {op for op in RELATIVE | ABSOLUTE if op < 256}
#: Finds the instructions that matter among the opcodes of a function.
SPECIAL = bytes(op in JUMPS or op in RETURNS for op in range(256))
RESUME = OPS.get('RESUME')
GEN_START = OPS.get('GEN_START')
#: Python 3.11 reads the jump of the instruction before a suspension, to skip the loop of an `await` expression if an exception was
#: thrown into the awaited coroutine and this one has returned (`_gen_throw` in Objects/genobject.c). Others have a handler for it.
READS_JUMP_BEFORE = VERSION == (3, 11)
#: The first byte of each entry of a table of locations.
FIRST_BYTE = bytes(byte >= 128 for byte in range(256))


def instruction(op, arg=0):
    """Returns the bytes of an instruction, with its inline caches."""
    prefix = b''.join(bytes((EXTENDED_ARG, arg >> shift & 255)) for shift in (24, 16, 8) if arg >> shift)
    return prefix + bytes((op, arg & 255)) + b'\0\0' * CACHES.get(op, 0)


def argument_at(code, unit):
    """Returns the argument of the instruction at this unit and the unit at which its prefixes begin."""
    arg, shift, start = code[2 * unit + 1], 8, unit
    while start and code[2 * start - 2] == EXTENDED_ARG:
        start -= 1
        arg |= code[2 * start + 1] << shift
        shift += 8
    return arg, start


def find_marked(data, marks):
    """Yields the positions of bytes that are marked. `marks` has a one for each marked byte. (The module `re` would take as
    long to import as the whole probe.)
    """
    flags = data.translate(marks)
    position = flags.find(1)
    while position >= 0:
        yield position
        position = flags.find(1, position + 1)
