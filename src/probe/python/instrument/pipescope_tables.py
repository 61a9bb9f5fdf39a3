"""Reads and writes the tables of a code object: handlers of exceptions and locations in the source."""

#: Kind of an entry of the table of locations that has no line.
NO_LOCATION = 15


def without(taken, start, end):
    """Returns the parts of a range that none of the sorted ranges covers."""
    parts = []
    for first, last in taken:
        if last <= start or first >= end:
            continue
        if first > start:
            parts.append((start, first))
        start = max(start, last)
    return parts + [(start, end)] if start < end else parts


def parse_handlers(code):
    """Returns the entries of a table of handlers: start, end, handler, depth, and whether it restores the line."""
    entries, values = [], iter(code.co_exceptiontable)

    def read():
        byte = next(values)
        value = byte & 63
        while byte & 64:
            byte = next(values)
            value = value << 6 | byte & 63
        return value

    while True:
        try:
            start = read()
        except StopIteration:
            return entries
        length, target, depth = read(), read(), read()
        entries.append((start, start + length, target, depth >> 1, depth & 1))


def encode_handler(start, end, target, depth, lasti):
    """Returns an entry of a table of handlers."""
    parts = bytearray()
    for value in (start, end - start, target, depth << 1 | lasti):
        groups = [value & 63]
        while value > 63:
            value >>= 6
            groups.append(value & 63 | 64)
        parts += bytes(reversed(groups))
    parts[0] |= 128
    return bytes(parts)


def location(kind, payload, length):
    """Returns an entry of a table of locations, or several if it is longer than eight units."""
    parts = b''
    while length > 0:
        parts += bytes((128 | kind << 3 | min(length, 8) - 1,)) + payload
        kind, payload = same_line(kind, payload)
        length -= 8
    return parts


def same_line(kind, payload):
    """Returns the location for instructions that follow on the same line."""
    if kind in (11, 12):
        return 10, payload
    if kind == 13:
        return 13, b'\0'
    if kind == 14:
        size = 1
        while payload[size - 1] & 64:
            size += 1
        return 14, b'\0' + payload[size:]
    return kind, payload


def add_range(parts, length, change):
    """Adds an entry to a table of Python 3.10, or several if it is longer than 254 bytes."""
    while length > 254:
        parts += bytes((254, change))
        length, change = length - 254, change if change == 128 else 0
    parts += bytes((length, change))
