"""The way to the host: a socket that is found in the environment, one JSON object a line each way, never waiting.

As few modules are loaded as can be, so that a program's own modules of the same names are found as ever: sockets and JSON
are used by their C parts alone.
"""
import os
import stat
from time import perf_counter_ns as now_ns

import _json
import _socket

_RETRY_NS = (250_000_000, 2_000_000_000)
_LONGEST_LINE = 1_000_000
#: Bytes given to the system at once.
_PORTION = 262_144
#: From here on no program expects the number of a file of its own.
_LOWEST_DESCRIPTOR = 400

_encode = _json.make_encoder(None, repr, _json.encode_basestring_ascii, None, ':', ',', False, False, False)


class _Reading:
    """How JSON's scanner reads."""

    strict, object_hook, object_pairs_hook = True, None, None
    parse_float, parse_int, parse_constant = float, int, float


_scan = _json.make_scanner(_Reading)


def parse(text):
    """The value of a JSON text, or nothing where it is none."""
    try:
        return _scan(text.strip(), 0)[0]
    except (StopIteration, ValueError, RecursionError):
        return None


def _raised(number):
    """A second, high number of an open file; nothing where the system has no such."""
    try:
        from fcntl import F_DUPFD_CLOEXEC, fcntl

        return fcntl(number, F_DUPFD_CLOEXEC, _LOWEST_DESCRIPTOR)
    except (ImportError, OSError):
        return None


def _high(made):
    """The same socket under a high number."""
    number = _raised(made.fileno())
    if number is None:
        return made
    moved = _socket.socket(made.family, made.type, made.proto, number)
    made.close()
    return moved


def open_high(path):
    """The number of a file opened for reading, out of the program's way; -1 where it cannot be."""
    try:
        low = os.open(path, os.O_RDONLY)
    except OSError:
        return -1
    number = _raised(low)
    os.close(low)
    return -1 if number is None else number


def _identity_of(connected):
    """Which file a socket's number stands for; nothing where it is no socket any more."""
    try:
        status = os.fstat(connected.fileno())
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISSOCK(status.st_mode) else None


class Link:
    """A line to a host, made anew when it breaks. What was not taken before is sent again from its beginning."""

    def __init__(self, obey, start_over):
        self._obey, self._start_over = obey, start_over
        self._socket, self._identity, self._host, self._greeted = None, None, None, False
        self._heard, self._pending, self._sent = b'', b'', 0
        self._next_try, self._pause = 0, _RETRY_NS[0]

    @property
    def ready(self):
        """Whether a batch can be taken now."""
        return self._socket is not None and self._greeted and not self._pending

    @property
    def connected(self):
        return self._socket is not None

    @property
    def welcomed(self):
        """Whether a host has spoken. One that has not yet would find a line that is closed, and read nothing from it."""
        return self._host is not None

    def give(self, batch):
        self._pending, self._sent = (''.join(_encode(batch, 0)) + '\n').encode(), 0

    def connect(self):
        """Tries to reach the host; one that is not there is tried again later, less and less often."""
        if self._socket is not None or now_ns() < self._next_try:
            return
        self._next_try = now_ns() + self._pause
        self._pause = min(2 * self._pause, _RETRY_NS[1])
        made = None
        try:
            path, address = os.environ.get('PIPESCOPE_SOCKET', ''), os.environ.get('PIPESCOPE_TCP', '')
            if path.startswith('/') and hasattr(_socket, 'AF_UNIX'):
                made = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
                made.settimeout(0.2)
                made.connect(path)
            else:
                host, _, port = (address or path).rpartition(':')
                made = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
                made.settimeout(0.2)
                made.connect((host, int(port)))
            made = _high(made)
            made.setblocking(False)
        except (OSError, ValueError, OverflowError):
            if made is not None:
                made.close()
            return
        self._socket, self._identity = made, _identity_of(made)
        # The first host may be told at once; a later one has to give its name first.
        self._heard, self._sent, self._greeted = b'', 0, self._host is None

    def listen(self):
        """Hears what the host says."""
        while self._socket is not None:
            try:
                heard = self._socket.recv(65_536) if self._is_ours() else b''
            except BlockingIOError:
                return
            except OSError:
                heard = b''
            if not heard:
                self._hang_up()
                return
            *lines, rest = (self._heard + heard).split(b'\n')
            self._heard = rest[-_LONGEST_LINE:]
            for line in lines:
                control = parse(line.decode('utf-8', 'replace'))
                if isinstance(control, dict):
                    self._hear(control)

    def push(self):
        """Sends as much as the system takes; true where nothing is left."""
        if self._socket is None or not self._greeted:
            return not self._pending
        try:
            while self._sent < len(self._pending):
                if not self._is_ours():
                    raise OSError
                self._sent += self._socket.send(self._pending[self._sent:self._sent + _PORTION])
        except BlockingIOError:
            return False
        except OSError:
            self._hang_up()
            return False
        self._pending, self._sent = b'', 0
        return True

    def drop(self):
        """Closes this process's end: for good, or because a fork has left it to the parent."""
        if self._socket is not None and self._is_ours():
            self._socket.close()
        self._socket = None

    def _hear(self, control):
        if control.get('type') != 'welcome':
            self._obey(control)
            return
        host = control.get('host')
        if self._host is not None and host != self._host:
            self._pending, self._sent = b'', 0
            self._start_over()
        self._host, self._greeted, self._pause = host, True, _RETRY_NS[0]

    def _is_ours(self):
        return _identity_of(self._socket) == self._identity

    def _hang_up(self):
        if self._is_ours():
            self._socket.close()
        else:
            self._socket.detach()  # The program closed it, and its number may be another file's now.
        self._socket = None
