"""The probe of this process: its operations, and the thread that sends what changed four times a second.

It must not disturb the program: it never throws into it, prints or blocks, keeps its memory bounded, and does not keep the
process alive. Its thread is started through `_thread`, so that `threading` counts only the program's own threads. Everything
is imported before the program starts, because a thread that imports changes `sys.modules` while the program reads it.
"""
from os import getpid, path

from pipescope_audit import on_install, untraced
from pipescope_batches import Batches
from pipescope_collector import Collector
from pipescope_notes import Notes
from pipescope_operation import Operation
from pipescope_originals import (RLock, allocate_lock, block_signals, get_native_id, get_thread_id, now_ns, sleep,
                                 start_new_thread, thread_time_ns)
from pipescope_program import program_name
from pipescope_resources import Resources
from pipescope_socket import Link

_BATCH_INTERVAL_NS = 250_000_000
_TICK_NS = 50_000_000
#: Rounds take at most one part in so many of the time, unless they would be rarer than this.
_ROUND_PARTS, _MAX_ROUND_INTERVAL_NS = 50, 1_000_000_000
#: Maximum wait for the host at the end of the process.
_MAX_END_NS = 1_000_000_000
_MAX_OPERATIONS = 5000
#: Maximum length of the attributes of spans that wait for the next batch.
_MAX_ATTRIBUTE_CHARACTERS = 1_000_000


class Guest:
    def __init__(self):
        self.active = self._has_failed = False
        #: Callbacks on the probe's thread: at every tick, before every batch (with True before the last), on configuration.
        self.on_tick, self.on_batch, self.on_config = [], [], []
        #: Called on the probe's thread after each pause, with the moment at which that should have ended. Returns the length of
        #: the next one in ns. None if the thread is to pause until the next tick.
        self.on_pause = None
        #: Called on the probe's thread when it stops because of an error.
        self.on_give_up = []
        self.operations, self._notes = [], Notes()
        self.count, self.gauge = self._notes.count, self._notes.gauge
        self.drop, self.notice = self._notes.drop, self._notes.notice
        self._resources, self._collector = Resources(), Collector()
        self.batches = Batches(self.operations, self._notes, lambda: self._resources.read(self._collector.outside))
        self.since_start = self.batches.since_start
        self._start_loop = untraced(self._loop)
        on_install(self._restart)
        self.reset()

    def reset(self):
        """Forgets everything recorded: at the start, and in the child of a fork."""
        # Reentrant, because a signal handler may count while the interrupted code is counting.
        self._lock, self._wake, self._ended = RLock(), allocate_lock(), allocate_lock()
        self._running, self._flush_requested, self._bye, self._sent_ns = False, False, None, 0
        self._thread_id = self._native_id = 0
        self._link = Link(self._handle, self._resend_all, self._redefine_all, self._collector.outside)
        self._attribute_characters = 0
        self.batches.reset()
        self._notes.reset()
        for operation in self.operations:
            operation.reset()

    # Recording, on the program's threads.

    def operation(self, component, name, make=Operation, **options):
        """Creates an operation. Returns None if there are too many."""
        with self._lock:
            if len(self.operations) >= _MAX_OPERATIONS:
                self.notice('%s has more than %d functions and operations. The others are not counted.'
                            % (program_name(), _MAX_OPERATIONS))
                return None
            self.operations.append(make(len(self.operations), component, name, **options))
            return self.operations[-1]

    def reserve_attributes(self, characters):
        """Returns True if a span may keep its attributes until the next batch."""
        with self._lock:
            has_room = self._attribute_characters + characters <= _MAX_ATTRIBUTE_CHARACTERS
            self._attribute_characters += characters if has_room else 0
            return has_room

    # The probe's thread.

    def run(self):
        """Starts the thread unless it is running."""
        if self._running:
            return
        self._running, self.active = True, not self._has_failed
        # Connect here and not in the thread, so that files the program opens get the same numbers as without the probe.
        self._link.connect()
        self._resources.open()
        self._wake.acquire(False)
        self._ended.acquire()
        try:
            start_new_thread(self._start_loop, ())
        except RuntimeError:  # The interpreter is shutting down, or the system has no more threads.
            self._running = self.active = False
            self._ended.release()

    def stop(self, bye=None):
        """Stops the thread and waits for it. With `bye` the probe ends, otherwise it pauses for a fork. Returns False if
        no thread was running.
        """
        if not self._running:
            return False
        self._bye, self._running = bye, False
        self._wake_thread()
        if self._ended.acquire(True, 2 * _MAX_END_NS / 1e9):
            self._ended.release()
        self.active = self.active and bye is None
        # Python warns of forks in processes with several threads, and asks the system for their number. Wait until the
        # thread is gone there too.
        for _ in range(100):
            if bye is not None or not self._native_id or not path.exists('/proc/self/task/%d' % self._native_id):
                break
            sleep(0.0002)
        return True

    def _restart(self):
        """Continues in another thread, which no tracer sees."""
        if get_thread_id() != self._thread_id and self.stop():
            self.run()

    def flush(self):
        """Waits until everything so far is sent, because the process may become another program. Gives up after 1 s."""
        requested_ns = now_ns()
        deadline_ns = requested_ns + _MAX_END_NS
        while self._running and self._sent_ns < requested_ns and self._link.connected and now_ns() < deadline_ns:
            self._flush_requested = True
            self._wake_thread()
            sleep(0.001)

    def _wake_thread(self):
        if self._wake.locked():
            self._wake.release()

    def restart_in_child(self):
        """Starts from zero in the child of a fork, and leaves the connection to the parent."""
        self._collector.restore()
        self._link.close()
        self._resources.close()
        self.reset()

    def _loop(self):
        """The probe's thread. Its loop makes a round at every tick, and at once when it is woken."""
        try:
            block_signals()
            self._thread_id, self._native_id = get_thread_id(), get_native_id()
            self._batch_ns = self._tick_ns = now_ns()
            self._tick_interval_ns, self._batch_interval_ns = _TICK_NS, _BATCH_INTERVAL_NS
            pauses = [self._pause(_TICK_NS)]
            for is_woken in self._collector.pauses(self._wake.acquire, pauses):
                if not self._running and self._bye is None:
                    break
                # Read before the round, because a round that has begun before the end does not send the last batch.
                is_last, pause_ns = not self._running, _TICK_NS
                try:
                    if not self.active:
                        self._discard()
                    else:
                        pause_ns = self._sample()
                        if is_woken or is_last or now_ns() - self._tick_ns >= self._tick_interval_ns:
                            self._tick_ns = now_ns()
                            self._make_round()
                except Exception as error:
                    self._give_up(error)
                if is_last:
                    break
                pauses.append(self._pause(pause_ns))
        finally:
            self._collector.restore()
            self._ended.release()

    def _sample(self):
        """Returns the length of the next pause."""
        return _TICK_NS if self.on_pause is None else min(_TICK_NS, self.on_pause(self._due_ns))

    def _pause(self, pause_ns):
        """Returns the arguments of the call that pauses."""
        self._due_ns = now_ns() + pause_ns
        return True, pause_ns / 1e9

    def _make_round(self):
        start_ns, busy_ns, has_batch = now_ns(), thread_time_ns(), False
        if self._bye is not None:
            self._send_last()
            self._link.close()
            return
        # Batches follow each other faster at the start, because a short program may be killed at any time.
        is_due = start_ns - self._batch_ns >= min(self._batch_interval_ns, self.since_start(start_ns) // 2)
        self._link.connect()
        if self._link.has_news:
            self._link.receive()
        for callback in self.on_tick:
            callback()
        if is_due or self._flush_requested:
            self._batch_ns, self._flush_requested = start_ns, False
            has_batch = self._give_batch()
        if self._link.push() and has_batch and self._link.welcomed:
            self._sent_ns = start_ns
        busy_ns = thread_time_ns() - busy_ns
        self.batches.flush_ns += busy_ns
        interval_ns = min(_ROUND_PARTS * busy_ns, _MAX_ROUND_INTERVAL_NS)
        if has_batch:
            self._batch_interval_ns = max(_BATCH_INTERVAL_NS, interval_ns)
        else:
            self._tick_interval_ns = max(_TICK_NS, interval_ns)

    def _give_up(self, error):
        """Stops measuring after an unexpected error, and reports it. What the program still records is discarded."""
        self.active, self._has_failed = False, True
        self.notice('The Python probe stopped in process %d (%s): %s: %s. What this process did afterwards is not measured. '
                    'Please report this.' % (getpid(), program_name(), type(error).__name__, error))
        for callback in self.on_give_up:
            callback()
        until_ns = now_ns() + _MAX_END_NS
        while now_ns() < until_ns and self._link.connected:
            self._link.receive()
            if self._link.push() and self._link.ready:
                self._link.give(self.batches.head({'notices': self._notes.drain_notices()}))
                self._link.push()
                break
            sleep(0.001)
        self._discard()

    def _discard(self):
        for operation in self.operations:
            operation.reset()

    def _give_batch(self, last=False):
        """Passes a batch to the connection. Returns False if the connection cannot accept one now."""
        for callback in self.on_batch:
            callback(last)
        for operation in list(self.operations):
            operation.collect(last)
        if not self._link.ready:
            return False
        self._link.give(self._batch())
        # False also if the batch was full, so that a flush waits for the rest.
        return not self._flush_requested

    def _send_last(self):
        """Sends the remaining records and the bye, as long as the host accepts data but not longer than 1 s."""
        link, has_bye = self._link, False
        self._give_batch(True)
        until_ns = now_ns() + _MAX_END_NS
        while now_ns() < until_ns:
            link.connect()
            link.receive()
            if not link.connected:
                return
            if link.push() and has_bye and link.welcomed:
                return
            if not has_bye and link.ready:
                batch = self._batch(self._bye)
                has_bye = 'bye' in batch
                link.give(batch)
            else:
                sleep(0.001)

    def _handle(self, control):
        if control.get('type') == 'flush':
            self._flush_requested = True
        elif control.get('type') == 'wish' and isinstance(control.get('wishes'), dict):
            for callback in self.on_config:
                callback(control['wishes'])

    def _resend_all(self):
        """Sends the totals so far to a host that has no state."""
        self.batches.restart()
        with self._lock:
            for operation in self.operations:
                operation.resend_all()
        self._notes.resend_all()

    def _redefine_all(self):
        """Sends all definitions again, because batches that the host has lost may have contained some."""
        for operation in list(self.operations):
            operation.is_defined = False

    def _batch(self, bye=None):
        batch = self.batches.make(bye)
        with self._lock:
            self._attribute_characters = 0
        self._flush_requested = self._flush_requested or self.batches.is_full
        return batch


guest = Guest()
