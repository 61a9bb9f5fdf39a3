"""The probe of this process: its operations, and the thread that sends what changed four times a second.

It must not disturb the program: it never throws into it, prints or blocks, keeps its memory bounded, and does not keep the
process alive. Its thread is started through `_thread`, so that `threading` counts only the program's own threads.
"""
import _thread
import os
import sys
from time import perf_counter_ns as now_ns
from time import sleep, thread_time_ns, time

import _signal
from pipescope_operation import MAX_SPANS, Operation, drain
from pipescope_socket import Link, open_high

_BATCH_INTERVAL_NS = 250_000_000
_TICK_SECONDS = 0.05
#: Maximum wait for the host at the end of the process.
_MAX_END_NS = 1_000_000_000
_MAX_OPERATIONS = 5000
_MAX_NAMES = 1000


class Guest:
    def __init__(self):
        self.active = False
        #: Callbacks on the probe's thread: at every tick, before every batch (with True before the last), on configuration.
        self.on_tick, self.on_batch, self.on_config = [], [], []
        self.record_ns = 100
        self.operations = []
        self._statm = -1
        self.reset()

    def reset(self):
        """Forgets everything recorded: at the start, and in the child of a fork."""
        # Reentrant, because a signal handler may count while the interrupted code is counting.
        self._lock, self._wake, self._ended = _thread.RLock(), _thread.allocate_lock(), _thread.allocate_lock()
        self._start_ns, self._wall_ms = now_ns(), time() * 1000
        self._running, self._flush_requested, self._bye, self._native_id, self._sent_ns = False, False, None, 0, 0
        self._link, self._sequence = Link(self._handle, self._resend_all), 0
        self._counters, self._counter_totals, self._gauges = {}, {}, {}
        self._flush_ns = self._spans_omitted = 0
        for operation in self.operations:
            operation.reset()

    # Recording, on the program's threads.

    def operation(self, component, name, make=Operation, **options):
        """Creates an operation. Returns None if there are too many."""
        with self._lock:
            if len(self.operations) >= _MAX_OPERATIONS:
                return None
            self.operations.append(make(len(self.operations), component, name, **options))
            return self.operations[-1]

    def count(self, component, name, times):
        with self._lock:
            for counters in (self._counters, self._counter_totals):
                if (component, name) in counters or len(counters) < _MAX_NAMES:
                    counters[component, name] = counters.get((component, name), 0) + times

    def gauge(self, component, name, value, unit):
        with self._lock:
            if (component, name) in self._gauges or len(self._gauges) < _MAX_NAMES:
                self._gauges[component, name] = (value, unit)

    # The probe's thread.

    def run(self):
        """Starts the thread unless it is running."""
        if self._running:
            return
        self._running = self.active = True
        # Connect here and not in the thread, so that files the program opens get the same numbers as without the probe.
        self._link.connect()
        if self._statm < 0:
            self._statm = open_high('/proc/self/statm')
        self._wake.acquire(False)
        self._ended.acquire()
        try:
            _thread.start_new_thread(self._loop, ())
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
        self._wake.release()
        if self._ended.acquire(True, 2 * _MAX_END_NS / 1e9):
            self._ended.release()
        self.active = self.active and bye is None
        # Python warns of forks in processes with several threads, and asks the system for their number. Wait until the
        # thread is gone there too.
        for _ in range(100):
            if bye is not None or not self._native_id or not os.path.exists('/proc/self/task/%d' % self._native_id):
                break
            sleep(0.0002)
        return True

    def flush(self):
        """Waits until everything so far is sent, because the process may become another program. Gives up after 1 s."""
        requested_ns = now_ns()
        deadline_ns = requested_ns + _MAX_END_NS
        while self._running and self._sent_ns < requested_ns and self._link.connected and now_ns() < deadline_ns:
            self._flush_requested = True
            if self._wake.locked():
                self._wake.release()
            sleep(0.001)

    def restart_in_child(self):
        """Starts from zero in the child of a fork, and leaves the connection to the parent."""
        self._link.close()
        self._close_statm()
        self.reset()

    def _close_statm(self):
        statm, self._statm = self._statm, -1
        if statm >= 0 and os.path.exists('/proc/self/fd/%d' % statm):
            os.close(statm)

    def _loop(self):
        try:
            if hasattr(_signal, 'pthread_sigmask'):
                _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
            self._native_id = getattr(_thread, 'get_native_id', int)()
            batch_ns = now_ns()
            while self._running:
                start_ns, busy_ns, has_batch = now_ns(), thread_time_ns(), False
                self._link.connect()
                self._link.receive()
                for callback in self.on_tick:
                    callback()
                if start_ns - batch_ns >= _BATCH_INTERVAL_NS or self._flush_requested:
                    batch_ns, self._flush_requested = start_ns, False
                    has_batch = self._give_batch()
                if self._link.push() and has_batch and self._link.welcomed:
                    self._sent_ns = start_ns
                self._flush_ns += thread_time_ns() - busy_ns
                if self._running:
                    self._wake.acquire(True, _TICK_SECONDS)
            if self._bye is not None:
                self._send_last()
                self._link.close()
        except Exception:
            self.active = False
        finally:
            self._ended.release()

    def _give_batch(self, last=False):
        """Passes a batch to the connection. Returns False if the connection cannot accept one now."""
        for callback in self.on_batch:
            callback(last)
        for operation in list(self.operations):
            operation.collect()
        if not self._link.ready:
            return False
        self._link.give(self._batch())
        return True

    def _send_last(self):
        """Sends the remaining records and the bye, as long as the host accepts data but not longer than 1 s."""
        link, until_ns, has_bye = self._link, now_ns() + _MAX_END_NS, False
        self._give_batch(True)
        while now_ns() < until_ns:
            link.connect()
            link.receive()
            if not link.connected:
                return
            if link.push() and has_bye and link.welcomed:
                return
            if not has_bye and link.ready:
                link.give(self._batch(self._bye))
                has_bye = True
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
        self._sequence = 0
        with self._lock:
            for operation in self.operations:
                operation.resend_all()
            self._counters = dict(self._counter_totals)

    # The batch.

    def _batch(self, bye=None):
        definitions, deltas, spans = [], [], []
        for operation in list(self.operations):
            if not operation.pending.has_changes():
                continue
            if not operation.is_defined:
                operation.is_defined = True
                definitions.append(operation.definition)
            deltas.append(operation.drain_delta())
            slowest = sorted(drain(operation.spans), key=_duration_of, reverse=True)
            self._spans_omitted += len(slowest[MAX_SPANS:])
            spans += slowest[:MAX_SPANS]
        with self._lock:
            counters, self._counters = self._counters, {}
            gauges, self._gauges = self._gauges, {}
        batch = {'v': 1, 'source': '%d.0' % os.getpid(), 'sequence': self._sequence, 'atNs': self.since_start(now_ns())}
        if self._sequence == 0:
            batch['hello'] = self._hello()
        optional = {
            'definitions': definitions,
            'operations': deltas,
            'spans': spans,
            'spansOmitted': self._spans_omitted,
            'counters': [{'component': component, 'name': name, 'delta': delta}
                         for (component, name), delta in counters.items()],
            'gauges': [{'component': component, 'name': name, 'value': value, 'unit': unit}
                       for (component, name), (value, unit) in gauges.items()],
            'resources': self._resources(),
            'bye': bye,
        }
        batch.update((key, value) for key, value in optional.items() if value)
        events = sum(operation.sent.timed for operation in self.operations)
        batch['cost'] = {'events': events, 'flushNs': self._flush_ns}
        self._sequence, self._spans_omitted = self._sequence + 1, 0
        return batch

    def since_start(self, time_ns):
        """Returns a time on this source's own clock, which starts with the probe."""
        return max(0, time_ns - self._start_ns)

    def _resources(self):
        """Returns the resource usage of this process, or None if the system does not report it (Windows)."""
        try:
            from resource import RUSAGE_SELF, getrusage
        except ImportError:
            return None
        usage = getrusage(RUSAGE_SELF)
        peak = usage.ru_maxrss * (1 if sys.platform == 'darwin' else 1024)
        try:
            rss = int(os.pread(self._statm, 100, 0).split()[1]) * os.sysconf('SC_PAGE_SIZE')
        except (OSError, ValueError, IndexError):
            rss = peak
        return {'rssBytes': rss, 'heapBytes': 0, 'peakRssBytes': max(rss, peak), 'eventLoopDelayP99Ns': 0,
                'cpuNs': int((usage.ru_utime + usage.ru_stime) * 1e9)}

    def _hello(self):
        hello = {'pid': os.getpid(), 'ppid': os.getppid(), 'threadId': 0, 'name': _program_name()[:200],
                 'runtime': 'python %d.%d.%d' % sys.version_info[:3], 'wallStartMs': self._wall_ms,
                 'recordNs': self.record_ns}
        if os.environ.get('PIPESCOPE_TOKEN'):
            hello['token'] = os.environ['PIPESCOPE_TOKEN']
        return hello


def _duration_of(span):
    return span['durationNs']


def _program_name():
    """Returns the name of the module after `-m`, or of the script."""
    arguments = getattr(sys, 'orig_argv', None) or getattr(sys, 'argv', None) or ['python']
    for option, name in zip(arguments[1:], arguments[2:]):
        if option == '-m':
            return name
        if not option.startswith('-'):
            break
    script = (getattr(sys, 'argv', None) or ['python'])[0]
    return os.path.basename(script) if script not in ('', '-c', '-m') else 'python'


guest = Guest()
