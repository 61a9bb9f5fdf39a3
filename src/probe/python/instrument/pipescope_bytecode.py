"""Inserts instructions into a function's bytecode: moves jumps, line numbers and exception handlers along.

Code is cut into pieces: unchanged bytes, jumps and labels. A label is the old position of an instruction, or a tuple for a
place in inserted code. All positions are counted in code units of two bytes. Supports Python 3.8 to 3.13.
"""
from bisect import bisect_right

from pipescope_opcodes import (ABSOLUTE, BACKWARD, CACHES, EXTENDED_ARG, FIRST_BYTE, GEN_START, HAS_TABLE, OPS, READS_JUMP_BEFORE,
                               RESUME, RETURNS, SPECIAL, UNIT, VERSION, argument_at, find_marked, instruction)
from pipescope_tables import NO_LOCATION, add_range, encode_handler, location, parse_handlers, same_line, without


class Jump:
    """A jump to a label."""

    __slots__ = ('op', 'label', 'prefixes')

    def __init__(self, op, label):
        self.op, self.label, self.prefixes = op, label, 0


class Rewriter:
    """Bytecode of one function with room for insertions before its first instruction and before every return."""

    def __init__(self, code):
        self._code = code
        self._bytes = code.co_code
        self._size = len(self._bytes) // 2
        self._jumps, self._returns = {}, {}
        #: Positions at which a coroutine is suspended, and those at which it continues afterwards.
        self._pauses, self._resumes = set(), set()
        self._handlers = parse_handlers(code) if HAS_TABLE else []
        self.entry = self._find_entry()
        self._scan()

    def _find_entry(self):
        """Returns the position of the first instruction of the body."""
        ops = self._bytes[::2]
        if HAS_TABLE:
            unit = 0
            while ops[unit] != RESUME:
                unit += 1 + CACHES.get(ops[unit], 0)
            return unit + 1
        return 1 if ops[0] == GEN_START else 0

    def _scan(self):
        data = self._bytes
        for unit in find_marked(data[::2], SPECIAL):
            op = data[2 * unit]
            arg, start = argument_at(data, unit)
            if op in RETURNS:
                self._returns[start] = (unit, op, arg)
                continue
            end = unit + 1 + CACHES.get(op, 0)
            if op in ABSOLUTE:
                target = arg // UNIT
            else:
                target = end + (-arg if op in BACKWARD else arg // UNIT)
            self._jumps[start] = (end, op, target)

    def find_suspensions(self):
        """Makes `rewrite` insert code around each suspension of a coroutine. Python before 3.11 has one instruction for all
        suspensions of an `await` expression, so there they begin and end with it.
        """
        name, length = ('YIELD_VALUE', 2) if HAS_TABLE else ('YIELD_FROM', 1)
        for unit in find_marked(self._bytes[::2], bytes(op == OPS[name] for op in range(256))):
            if READS_JUMP_BEFORE and self._jumps.get(unit - 1, (unit, None))[1] != OPS['SEND']:
                continue  # No compiler makes such code, but a tool that changes bytecode could.
            self._pauses.add(unit)
            self._resumes.add(unit + length)

    def loops(self):
        """Returns the first and last position of each loop."""
        return [(target, end) for end, _op, target in self._jumps.values() if target < end]

    def count(self, op):
        """Returns how many instructions have this opcode."""
        return self._bytes[::2].count(bytes((op,)))

    def rewrite(self, enter, leave, handlers, covers, pause, resume):
        """Returns the changed parts of the code object.

        `enter` is inserted before the body, `leave(number)` before each return, `handlers` at the end; they are lists of
        bytes, jumps and labels. `covers` lists inserted ranges that have a handler: (start, end, handler, depth, lasti) with
        labels; the range None is the whole body. `pause(number)` is inserted before each suspension of a coroutine, and
        `resume(number)` after it.
        """
        cuts = {self.entry, self._size} | self._pauses | self._resumes
        for start, (end, _op, target) in self._jumps.items():
            cuts.update((start, end, target))
        cuts.update(self._returns)
        for start, end, target, _depth, _lasti in self._handlers:
            cuts.update((start, end, target))
        pieces, cuts = [], sorted(cuts | {0})
        for cut, following in zip(cuts, cuts[1:] + [self._size]):
            if cut == self.entry:
                pieces += [('enter', 0)] + enter
            if cut in self._resumes:
                # Before the label, because a jump to this place does not come from the suspension.
                pieces += resume(('resume', cut))
            pieces.append(cut)
            if cut in self._pauses:
                pieces += pause(('pause', cut))
                if READS_JUMP_BEFORE:
                    # The instruction that reads the value to wait for, `SEND`, is expected directly before the suspension. It
                    # is repeated there, but never executed. Its jump is short, because only `resume` lies between.
                    _end, op, target = self._jumps[cut - 1]
                    pieces += [Jump(OPS['JUMP_FORWARD'], ('suspended', cut)), Jump(op, target), ('suspended', cut)]
            if cut in self._jumps:
                _end, op, target = self._jumps[cut]
                pieces.append(Jump(op, target))
                continue
            if cut in self._returns:
                unit, op, arg = self._returns[cut]
                if op != OPS['RETURN_VALUE']:
                    pieces.append(instruction(OPS['LOAD_CONST'], arg))
                pieces += [('leave', cut)] + leave(cut) + [('return', cut), instruction(OPS['RETURN_VALUE'])]
                cut = unit + 1
            pieces.append(self._bytes[2 * cut:2 * following])
        pieces += [('handlers', 0)] + handlers + [('end', 0)]
        positions = _lay_out(pieces)
        changes = {'co_code': _emit(pieces, positions)}
        self._cuts, self._positions = cuts, positions
        if HAS_TABLE:
            changes['co_exceptiontable'] = self._move_handlers(covers)
            changes['co_linetable'] = self._move_locations()
        elif VERSION >= (3, 10):
            changes['co_linetable'] = self._move_ranges()
        else:
            changes['co_lnotab'] = self._move_lines()
        return changes

    def _moved(self, unit):
        """Returns the new position of an old one: of the code inserted before a return, or after that before the body."""
        cut = self._cuts[bisect_right(self._cuts, unit) - 1]
        return self._positions[cut] + unit - cut

    def _moved_end(self, unit):
        """Returns the new position of the end of a range."""
        return self._positions['enter', 0] if unit == self.entry else self._moved(unit)

    # Exception handlers, from Python 3.11 on.

    def _move_handlers(self, covers):
        positions = self._positions
        body_start, body_end = positions[self.entry], positions['handlers', 0]
        entries = []
        inserted = sorted((positions['leave', unit], positions['return', unit] + 1) for unit in self._returns)
        for start, end, target, depth, lasti in self._handlers:
            start, end = max(self._moved(start), body_start), self._moved_end(end)
            entries += [(first, last, self._moved(target), depth + 1, lasti)
                        for first, last in without(inserted, start, end)]
        for label, end, target, depth, lasti in covers:
            if label is not None:
                entries.append((positions[label], positions[end], positions[target], depth, lasti))
                continue
            taken = sorted(inserted + [entry[:2] for entry in entries if entry[0] >= body_start])
            entries += [(first, last, positions[target], depth, lasti)
                        for first, last in without(taken, body_start, body_end)]
        return b''.join(encode_handler(*entry) for entry in sorted(entries) if entry[0] < entry[1])

    # Line numbers. Instructions before the body have none, those before a return have the line of the return.

    def _move_locations(self):
        """Returns the table of Python 3.11 and later, whose entries span up to eight units."""
        positions, parts, unit, has_entered = self._positions, [], 0, False
        table = self._code.co_linetable
        starts = list(find_marked(table, FIRST_BYTE))
        for entry in map(table.__getitem__, map(slice, starts, starts[1:] + [len(table)])):
            kind, payload = entry[0] >> 3 & 15, entry[1:]
            end = unit + (entry[0] & 7) + 1
            while unit < end:
                if unit == self.entry and not has_entered:
                    has_entered = True
                    parts.append(location(NO_LOCATION, b'', positions[unit] - positions['enter', 0]))
                part_end = self.entry if unit < self.entry < end else end
                parts.append(location(kind, payload, self._moved_end(part_end) - self._moved(unit)))
                kind, payload = same_line(kind, payload)
                unit = part_end
        parts.append(location(NO_LOCATION, b'', positions['end', 0] - positions['handlers', 0]))
        return b''.join(parts)

    def _move_ranges(self):
        """Returns the table of Python 3.10: pairs of a length in bytes and the change of the line."""
        table, parts, unit, has_entered = self._code.co_linetable, bytearray(), 0, False
        pairs = list(zip(table[::2], table[1::2]))
        for index, (length, change) in enumerate(pairs):
            end = unit + length // 2
            while True:
                if unit == self.entry and not has_entered:
                    has_entered = True
                    add_range(parts, 2 * (self._positions[unit] - self._positions['enter', 0]), 128)
                part_end = self.entry if unit < self.entry < end else end
                is_last = index == len(pairs) - 1 and part_end == end
                new_end = self._positions['end', 0] if is_last else self._moved_end(part_end)
                add_range(parts, 2 * (new_end - self._moved(unit)), change)
                change, unit = (change if change == 128 else 0), part_end
                if unit >= end:
                    break
        return bytes(parts)

    def _move_lines(self):
        """Returns the table before Python 3.10: pairs of the bytes and lines to the next line. It cannot leave out lines."""
        table, parts, address, new_address = self._code.co_lnotab, bytearray(), 0, 0
        for step, change in zip(table[::2], table[1::2]):
            address += step
            moved = 2 * self._moved(address // 2) if address else 0
            step, new_address = moved - new_address, moved
            while step > 255:
                parts += b'\xff\0'
                step -= 255
            parts += bytes((step, change))
        return bytes(parts)


def _lay_out(pieces):
    """Returns the positions of labels, after giving each jump as many prefixes as it needs."""
    while True:
        positions, unit, is_stable = {}, 0, True
        for piece in pieces:
            if type(piece) is bytes:
                unit += len(piece) // 2
            elif type(piece) is Jump:
                unit += 1 + piece.prefixes + CACHES.get(piece.op, 0)
            else:
                positions[piece] = unit
        unit = 0
        for piece in pieces:
            if type(piece) is bytes:
                unit += len(piece) // 2
            elif type(piece) is Jump:
                unit += 1 + piece.prefixes + CACHES.get(piece.op, 0)
                prefixes = (max(1, _distance(piece, unit, positions).bit_length()) - 1) // 8
                if prefixes > piece.prefixes:
                    piece.prefixes, is_stable = prefixes, False
        if is_stable:
            return positions


def _distance(jump, end, positions):
    """Returns the argument of a jump that ends at this position."""
    target = positions[jump.label]
    if jump.op in ABSOLUTE:
        return target * UNIT
    return (end - target) if jump.op in BACKWARD else (target - end) * UNIT


def _emit(pieces, positions):
    parts, unit = [], 0
    for piece in pieces:
        if type(piece) is Jump:
            unit += 1 + piece.prefixes + CACHES.get(piece.op, 0)
            arg = _distance(piece, unit, positions)
            if arg < 0:
                raise ValueError('jump in the wrong direction')
            prefixes = [bytes((EXTENDED_ARG, arg >> 8 * n & 255)) for n in range(piece.prefixes, 0, -1)]
            piece = b''.join(prefixes) + bytes((piece.op, arg & 255)) + b'\0\0' * CACHES.get(piece.op, 0)
            parts.append(piece)
        elif type(piece) is bytes:
            unit += len(piece) // 2
            parts.append(piece)
    return b''.join(parts)
