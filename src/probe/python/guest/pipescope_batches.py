"""The batches that this process sends: what has changed since the previous one."""
from os import getpid, urandom

from pipescope_operation import MAX_SPANS, drain
from pipescope_originals import now_ns, wall_time
from pipescope_program import describe_process

#: Estimated size at which a batch is full; the rest follows in the next one.
_MAX_CHARACTERS = 1_000_000


class Batches:
    def __init__(self, operations, notes, read_resources):
        self._operations, self._notes, self._read_resources = operations, notes, read_resources
        self._record_ns, self._count_ns, self._counted_calls = 100, 0, lambda: 0
        self.reset()

    def report_cost(self, record_ns, count_ns, counted_calls):
        """Sets the cost of a call that is timed and of one that is counted; `counted_calls()` returns the number of both."""
        self._record_ns, self._count_ns, self._counted_calls = round(record_ns), round(count_ns), counted_calls

    def reset(self):
        """Starts from zero: at the start, and in the child of a fork."""
        self.start_ns, self._wall_ms = now_ns(), wall_time() * 1000
        #: Time that the probe has taken so far outside of the program's calls.
        self.flush_ns = 0
        #: Distinguishes this reporter from others, also of the same process.
        self._instance = urandom(8).hex()
        self._counted_before = self._counted_calls()
        self._sequence = self._spans_omitted = self._first_index = 0
        #: True if the previous batch had no room for some operations.
        self.is_full = False

    def restart(self):
        """Starts with a new first batch, for a host that has no state."""
        self._sequence = 0

    def since_start(self, time_ns):
        """Returns a time on this source's own clock, which starts with the probe."""
        return max(0, time_ns - self.start_ns)

    def make(self, bye=None):
        """Returns the next batch. It has no `bye` if it is full."""
        definitions, deltas, spans, characters = [], [], [], 0
        self.is_full = False
        operations = list(self._operations)
        # A batch begins where the previous one was full.
        for operation in operations[self._first_index:] + operations[:self._first_index]:
            if not operation.has_changes():
                continue
            if characters > _MAX_CHARACTERS:
                self._first_index, self.is_full, bye = operation.number, True, None
                break
            if not operation.is_defined:
                operation.is_defined = True
                definitions.append(operation.definition)
                characters += len(operation.definition.get('file', '')) + 200
            deltas.append(operation.drain_delta())
            slowest = sorted(drain(operation.spans), key=_duration_of, reverse=True)
            self._spans_omitted += len(slowest[MAX_SPANS:]) + operation.drain_omissions()
            spans += slowest[:MAX_SPANS]
            characters += 200 + 8 * len(deltas[-1]['buckets']) + 100 * len(slowest)
        optional = {
            'definitions': definitions,
            'operations': deltas,
            'spans': spans,
            'spansOmitted': self._spans_omitted,
            'resources': self._read_resources(),
            'bye': bye,
        }
        optional.update(self._notes.drain())
        self._spans_omitted = 0
        return self.head(optional)

    def head(self, optional):
        """Returns a batch with its number, the cost so far, and those parts that are not empty."""
        events = sum([operation.sent.timed for operation in self._operations])
        counted = max(0, self._counted_calls() - self._counted_before - events)
        batch = {'v': 1, 'source': '%d.0' % getpid(), 'sequence': self._sequence, 'atNs': self.since_start(now_ns()),
                 'cost': {'events': events, 'counted': counted, 'flushNs': self.flush_ns}}
        if self._sequence == 0:
            batch['hello'] = dict(describe_process(), wallStartMs=self._wall_ms, recordNs=self._record_ns,
                                  countNs=self._count_ns, instance=self._instance)
        batch.update((key, value) for key, value in optional.items() if value)
        self._sequence += 1
        return batch


def _duration_of(span):
    return span['durationNs']
