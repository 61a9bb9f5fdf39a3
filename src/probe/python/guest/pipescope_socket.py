"""Connection to the host: a non-blocking socket with one JSON object per line in each direction.

Imports as few modules as possible, so that a program's own modules with the same names are still found. Sockets and JSON
are therefore used through their C modules.
"""
import os
import stat
import sys

import _json
import _socket
from pipescope_originals import now_ns

try:
    from fcntl import F_DUPFD_CLOEXEC, fcntl
except ImportError:  # Windows
    fcntl = None

try:
    from select import POLLIN
    from select import poll as create_poll

    if type(create_poll) is not type(len):  # gevent has replaced it.
        create_poll = None
except ImportError:  # Windows
    create_poll = None

_FIRST_RETRY_NS = 250_000_000
_MAX_RETRY_NS = 2_000_000_000
_MAX_LINE_BYTES = 1_000_000
#: Sent lines kept for a reconnect; more than the socket of a local host can hold unread.
_MAX_RESEND_BYTES = 524_288
#: Where the host listens. Kept from the start, because programs clear their environment.
_SOCKET, _TCP = os.environ.get('PIPESCOPE_SOCKET', ''), os.environ.get('PIPESCOPE_TCP', '')
TOKEN = os.environ.get('PIPESCOPE_TOKEN', '')
#: Maximum number of bytes passed to the system at once.
_MAX_SEND_BYTES = 262_144
#: Socket option that Linux gives a different value for each socket. Python has no name for it.
_SO_COOKIE = 57 if sys.platform == 'linux' else None
#: No program expects its own files to have numbers as high as this.
_MIN_DESCRIPTOR = 400

_encode = _json.make_encoder(None, repr, _json.encode_basestring_ascii, None, ':', ',', False, False, False)


class _ScannerOptions:
    """Options that the C scanner of JSON reads."""

    strict, object_hook, object_pairs_hook = True, None, None
    parse_float, parse_int, parse_constant = float, int, float


_scan = _json.make_scanner(_ScannerOptions)


def parse(text):
    """Parses JSON text. Returns None if it is not valid."""
    try:
        return _scan(text.strip(), 0)[0]
    except (StopIteration, ValueError, RecursionError):
        return None


def _duplicate_high(descriptor):
    """Duplicates a file descriptor under a high number. Returns None if the system cannot."""
    try:
        return fcntl(descriptor, F_DUPFD_CLOEXEC, _MIN_DESCRIPTOR) if fcntl else None
    except OSError:  # The system allows this process fewer files.
        return None


def _move_high(connection):
    """Moves a socket to a high number if the system can."""
    descriptor = _duplicate_high(connection.fileno())
    if descriptor is None:
        return connection
    moved = _socket.socket(connection.family, connection.type, connection.proto, descriptor)
    connection.close()
    return moved


def open_high(path):
    """Opens a file for reading under a high number. Returns the number, or -1 if that is not possible."""
    try:
        low = os.open(path, os.O_RDONLY)
    except OSError:
        return -1
    descriptor = _duplicate_high(low)
    os.close(low)
    return -1 if descriptor is None else descriptor


def _identity_of(connection):
    """Identifies the socket behind a descriptor. Returns None if the descriptor does not refer to a socket any more."""
    try:
        if _SO_COOKIE is not None:
            return connection.getsockopt(_socket.SOL_SOCKET, _SO_COOKIE, 8)
        status = os.fstat(connection.fileno())
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISSOCK(status.st_mode) else None


class Link:
    """Connection that is reopened when it breaks.

    If the same host answers, the last batches are sent again; it ignores repeats by their sequence numbers.
    """

    def __init__(self, on_control, on_new_host, on_same_host, system_call):
        """`system_call(function, *arguments)` makes a call during which other threads may run."""
        self._on_control, self._on_new_host, self._on_same_host = on_control, on_new_host, on_same_host
        self._system_call, self._recent, self._recent_bytes = system_call, [], 0
        self._socket, self._identity, self._host, self._can_send = None, None, None, False
        self._received, self._pending, self._sent, self._is_stalled = b'', b'', 0, False
        self._next_try, self._retry_ns, self._poll = 0, _FIRST_RETRY_NS, None

    @property
    def ready(self):
        """True if a batch can be accepted now."""
        return self._socket is not None and self._can_send and not self._pending

    @property
    def connected(self):
        return self._socket is not None

    @property
    def welcomed(self):
        """True once a host has greeted. Before that the host may still find the connection closed, and read nothing."""
        return self._host is not None

    def give(self, batch):
        """Accepts a batch; call it only when `ready`."""
        line = (''.join(_encode(batch, 0)) + '\n').encode()
        self._pending, self._sent = line, 0
        self._recent.append(line)
        self._recent_bytes += len(line)
        while self._recent_bytes > _MAX_RESEND_BYTES and len(self._recent) > 1:
            self._recent_bytes -= len(self._recent.pop(0))

    def connect(self):
        """Tries to reach the host. If that fails, tries again later at growing intervals."""
        if self._socket is not None or now_ns() < self._next_try:
            return
        self._next_try = now_ns() + self._retry_ns
        self._retry_ns = min(2 * self._retry_ns, _MAX_RETRY_NS)
        connection = None
        try:
            if _SOCKET.startswith('/') and hasattr(_socket, 'AF_UNIX'):
                connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
                connection.settimeout(0.2)
                connection.connect(_SOCKET)
            else:
                host, _, port = (_TCP or _SOCKET).rpartition(':')
                connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
                connection.settimeout(0.2)
                connection.connect((host, int(port)))
                # On a network address, the host is silent until it has seen the token.
                connection.sendall(''.join(_encode({'type': 'token', 'token': TOKEN}, 0)).encode() + b'\n')
            connection = _move_high(connection)
            connection.setblocking(False)
        except (OSError, ValueError, OverflowError):
            if connection is not None:
                connection.close()
            return
        self._socket, self._identity = connection, _identity_of(connection)
        self._watch()
        # The first host can be sent to at once; a later one must send its name first.
        self._received, self._sent, self._can_send = b'', 0, self._host is None
        if self._can_send:
            self._pending = b''.join(self._recent)

    @property
    def has_news(self):
        """False if there is nothing to read. To read would let the program run in the middle of our work."""
        if self._poll is None or self._socket is None or not self._is_ours():
            return True
        return bool(self._system_call(self._poll, 0))

    def _watch(self):
        """Prepares to ask whether there is something to read."""
        self._poll = None
        if create_poll is not None:
            watched = create_poll()
            watched.register(self._socket.fileno(), POLLIN)
            self._poll = watched.poll

    def receive(self):
        """Reads and handles what the host has sent."""
        while self._socket is not None:
            try:
                received = self._socket.recv(65_536) if self._is_ours() else b''
            except BlockingIOError:
                return
            except OSError:
                received = b''
            if not received:
                self._disconnect()
                return
            *lines, rest = (self._received + received).split(b'\n')
            self._received = rest[-_MAX_LINE_BYTES:]
            for line in lines:
                control = parse(line.decode('utf-8', 'replace'))
                if isinstance(control, dict):
                    self._handle(control)

    def push(self):
        """Sends as much as the system accepts. Returns True if nothing is left."""
        if self._socket is None or not self._can_send:
            return not self._pending
        try:
            while self._sent < len(self._pending):
                if not self._is_ours():
                    raise OSError
                chunk = self._pending[self._sent:self._sent + _MAX_SEND_BYTES]
                # A host that does not read causes an error, which is a container.
                is_stalled, self._is_stalled = self._is_stalled, True
                self._sent += self._socket.send(chunk) if is_stalled else self._system_call(self._socket.send, chunk)
                self._is_stalled = False
        except BlockingIOError:
            return False
        except OSError:
            self._disconnect()
            return False
        self._pending, self._sent = b'', 0
        return True

    def close(self):
        """Closes this process's end of the connection. In the child of a fork the parent keeps its own end open."""
        if self._socket is not None:
            self._disconnect()

    def _handle(self, control):
        if control.get('type') != 'welcome':
            self._on_control(control)
            return
        host = control.get('host')
        if self._host is not None and host != self._host:
            self._pending, self._sent, self._recent, self._recent_bytes = b'', 0, [], 0
            self._on_new_host()
        elif not self._can_send:
            self._pending, self._sent = b''.join(self._recent), 0
            self._on_same_host()
        self._host, self._can_send, self._retry_ns = host, True, _FIRST_RETRY_NS

    def _is_ours(self):
        """False if the program has closed the descriptor, for example because it closes all files."""
        return _identity_of(self._socket) == self._identity

    def _disconnect(self):
        if self._is_ours():
            self._socket.close()
        else:
            self._socket.detach()  # The program closed it, and the number may belong to another file now.
        self._socket = None
