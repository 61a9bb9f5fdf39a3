"""This process's one guest of Pipescope: its operations, and the thread that tells of them four times a second.

It breaks nothing: it never throws into the program, prints or waits, keeps bounded memory, and keeps no process alive. Its
thread is of Python's lowest kind, which `threading` does not know, so that the program counts its own threads only.
"""
import _thread
import os
import sys
from time import perf_counter_ns as now_ns
from time import sleep, thread_time_ns, time

import _signal
from pipescope_operation import SPANS_KEPT, Operation, take
from pipescope_socket import Link, open_high

_BEAT_NS = 250_000_000
_TICK_SECONDS = 0.05
#: Longest wait for a host at the end of the process.
_END_NS = 1_000_000_000
_OPERATIONS_KEPT = 5000
_NAMES_KEPT = 1000


class Guest:
    def __init__(self):
        self.active = False
        #: Called by the guest's thread: at every tick, before every batch (with whether it is the last), on wishes.
        self.on_tick, self.on_beat, self.on_wishes = [], [], []
        self.record_ns = 100
        self.operations = []
        self._memory = -1
        self.forget()

    def forget(self):
        """Nothing was counted yet: at the start, and in the child of a fork."""
        # A signal's handler may count while its thread is counting: that lock is one to enter again.
        self._lock, self._wake, self._gone = _thread.RLock(), _thread.allocate_lock(), _thread.allocate_lock()
        self._start_ns, self._wall_ms = now_ns(), time() * 1000
        self._running, self._asked, self._bye, self._native, self._told_ns = False, False, None, 0, 0
        self._link, self._sequence = Link(self._obey, self._start_over), 0
        self._counters, self._all_counters, self._gauges = {}, {}, {}
        self._flush_ns = self._spans_omitted = 0
        for operation in self.operations:
            operation.forget()

    # What the program says.

    def operation(self, component, name, make=Operation, **more):
        """A new operation, or nothing where there are too many."""
        with self._lock:
            if len(self.operations) >= _OPERATIONS_KEPT:
                return None
            self.operations.append(make(len(self.operations), component, name, **more))
            return self.operations[-1]

    def count(self, component, name, times):
        with self._lock:
            for counters in (self._counters, self._all_counters):
                if (component, name) in counters or len(counters) < _NAMES_KEPT:
                    counters[component, name] = counters.get((component, name), 0) + times

    def gauge(self, component, name, value, unit):
        with self._lock:
            if (component, name) in self._gauges or len(self._gauges) < _NAMES_KEPT:
                self._gauges[component, name] = (value, unit)

    # The thread.

    def run(self):
        if self._running:
            return
        self._running = self.active = True
        # Here and not in the thread, so that what the program opens gets the numbers that it always got.
        self._link.connect()
        if self._memory < 0:
            self._memory = open_high('/proc/self/statm')
        self._wake.acquire(False)
        self._gone.acquire()
        try:
            _thread.start_new_thread(self._live, ())
        except RuntimeError:  # The interpreter is ending, or the system gives no more threads.
            self._running = self.active = False
            self._gone.release()

    def stop(self, bye=None):
        """Ends the thread and waits for it: for good with `bye`, else for the moment of a fork. False: none ran."""
        if not self._running:
            return False
        self._bye, self._running = bye, False
        self._wake.release()
        if self._gone.acquire(True, 2 * _END_NS / 1e9):
            self._gone.release()
        self.active = self.active and bye is None
        # Python warns of a fork with several threads by what the system counts: be gone there too.
        for _ in range(100):
            if bye is not None or not self._native or not os.path.exists('/proc/self/task/%d' % self._native):
                break
            sleep(0.0002)
        return True

    def tell(self):
        """Waits until all so far was sent: the process may become another program. Not for long, and not without a host."""
        asked_ns = now_ns()
        while self._running and self._told_ns < asked_ns and self._link.connected and now_ns() < asked_ns + _END_NS:
            self._asked = True
            if self._wake.locked():
                self._wake.release()
            sleep(0.001)

    def begin_anew(self):
        """In the child of a fork: the line is left to the parent, nothing was counted yet."""
        self._link.drop()
        self._close_memory()
        self.forget()

    def _close_memory(self):
        memory, self._memory = self._memory, -1
        if memory >= 0 and os.path.exists('/proc/self/fd/%d' % memory):
            os.close(memory)

    def _live(self):
        try:
            if hasattr(_signal, 'pthread_sigmask'):
                _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
            self._native = getattr(_thread, 'get_native_id', int)()
            beat_ns = now_ns()
            while self._running:
                start_ns, spent_ns, told = now_ns(), thread_time_ns(), False
                self._link.connect()
                self._link.listen()
                for call in self.on_tick:
                    call()
                if start_ns - beat_ns >= _BEAT_NS or self._asked:
                    beat_ns, self._asked = start_ns, False
                    told = self._beat()
                if self._link.push() and told and self._link.welcomed:
                    self._told_ns = start_ns
                self._flush_ns += thread_time_ns() - spent_ns
                if self._running:
                    self._wake.acquire(True, _TICK_SECONDS)
            if self._bye is not None:
                self._end()
                self._link.drop()
        except Exception:
            self.active = False
        finally:
            self._gone.release()

    def _beat(self, last=False):
        for call in self.on_beat:
            call(last)
        for operation in list(self.operations):
            operation.collect()
        if not self._link.ready:
            return False
        self._link.give(self._batch())
        return True

    def _end(self):
        """Sends the rest, as long as the host takes it and not for longer than is bearable."""
        link, until_ns, told = self._link, now_ns() + _END_NS, False
        self._beat(True)
        while now_ns() < until_ns:
            link.connect()
            link.listen()
            if not link.connected:
                return
            if link.push() and told and link.welcomed:
                return
            if not told and link.ready:
                link.give(self._batch(self._bye))
                told = True
            else:
                sleep(0.001)

    # The batch.

    def _obey(self, control):
        if control.get('type') == 'flush':
            self._asked = True
        elif control.get('type') == 'wish' and isinstance(control.get('wishes'), dict):
            for call in self.on_wishes:
                call(control['wishes'])

    def _start_over(self):
        """A host that knows nothing is told everything: the totals so far, as one delta."""
        self._sequence = 0
        with self._lock:
            for operation in self.operations:
                operation.start_over()
            self._counters = dict(self._all_counters)

    def _batch(self, bye=None):
        definitions, deltas, spans = [], [], []
        for operation in list(self.operations):
            if not operation.fresh.changed():
                continue
            if not operation.told:
                operation.told = True
                definitions.append(operation.definition)
            deltas.append(operation.take_delta())
            kept = sorted(take(operation.spans), key=_duration_of, reverse=True)
            self._spans_omitted += len(kept[SPANS_KEPT:])
            spans += kept[:SPANS_KEPT]
        with self._lock:
            counters, self._counters = self._counters, {}
            gauges, self._gauges = self._gauges, {}
        batch = {'v': 1, 'source': '%d.0' % os.getpid(), 'sequence': self._sequence, 'atNs': self.since(now_ns())}
        if self._sequence == 0:
            batch['hello'] = self._hello()
        more = {
            'definitions': definitions,
            'operations': deltas,
            'spans': spans,
            'spansOmitted': self._spans_omitted,
            'counters': [{'component': of, 'name': name, 'delta': n} for (of, name), n in counters.items()],
            'gauges': [{'component': of, 'name': name, 'value': value, 'unit': unit}
                       for (of, name), (value, unit) in gauges.items()],
            'resources': self._resources(),
            'bye': bye,
        }
        batch.update((key, value) for key, value in more.items() if value)
        events = sum(operation.whole.timed for operation in self.operations)
        batch['cost'] = {'events': events, 'flushNs': self._flush_ns}
        self._sequence, self._spans_omitted = self._sequence + 1, 0
        return batch

    def since(self, at_ns):
        """On this source's own clock."""
        return max(0, at_ns - self._start_ns)

    def _resources(self):
        """What this process uses; nothing where the system does not say (Windows)."""
        try:
            from resource import RUSAGE_SELF, getrusage
        except ImportError:
            return None
        use = getrusage(RUSAGE_SELF)
        peak = use.ru_maxrss * (1 if sys.platform == 'darwin' else 1024)
        try:
            now = int(os.pread(self._memory, 100, 0).split()[1]) * os.sysconf('SC_PAGE_SIZE')
        except (OSError, ValueError, IndexError):
            now = peak
        return {'rssBytes': now, 'heapBytes': 0, 'peakRssBytes': max(now, peak), 'eventLoopDelayP99Ns': 0,
                'cpuNs': int((use.ru_utime + use.ru_stime) * 1e9)}

    def _hello(self):
        hello = {'pid': os.getpid(), 'ppid': os.getppid(), 'threadId': 0, 'name': _program()[:200],
                 'runtime': 'python %d.%d.%d' % sys.version_info[:3], 'wallStartMs': self._wall_ms,
                 'recordNs': self.record_ns}
        if os.environ.get('PIPESCOPE_TOKEN'):
            hello['token'] = os.environ['PIPESCOPE_TOKEN']
        return hello


def _duration_of(span):
    return span['durationNs']


def _program():
    """What a person calls this program: its script or module."""
    words = getattr(sys, 'orig_argv', None) or getattr(sys, 'argv', None) or ['python']
    for option, name in zip(words[1:], words[2:]):
        if option == '-m':
            return name
        if not option.startswith('-'):
            break
    script = (getattr(sys, 'argv', None) or ['python'])[0]
    return os.path.basename(script) if script not in ('', '-c', '-m') else 'python'


guest = Guest()
