/** Checks how the Python probe chooses and adds up timed calls, with random data and without a program. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { moduleFolders } from './profiled-python.ts';

const program = `import sys
sys.dont_write_bytecode = True
sys.path[:0] = ${JSON.stringify(moduleFolders)}
import random
from pipescope_budget import Budget
from pipescope_costs import costs
from pipescope_difference import MIXED, Difference, mean_call_ns
from pipescope_estimate import Estimate
from pipescope_gaps import MAX_LEVEL, MEANS, level_for, next_gap
from pipescope_intervals import Intervals
from pipescope_operation import Numbers
from pipescope_own_times import own_times

def check(condition, *values):
    if not condition: raise AssertionError(values)

def check_intervals(generator):
    intervals = sorted(((start, start + generator.randrange(1, 50)) for start in generator.sample(range(1000), 60)),
                       key=lambda pair: pair[1])
    covered = Intervals()
    added = sum(covered.add(*pair) for pair in intervals)
    check(added == len({moment for start, end in intervals for moment in range(start, end)}), added)

def check_gaps():
    for level in range(1, MAX_LEVEL + 1):
        gaps = [next_gap(level) for _ in range(61 * 20)]
        check(abs(sum(gaps) / len(gaps) - MEANS[level]) < 0.001 * MEANS[level] + 0.001, level)
        check(0 <= min(gaps) <= max(gaps) <= 2 * MEANS[level] and len(set(gaps)) > 1, gaps)
    check([level_for(ratio) for ratio in (0, 1, 1.5, 2, 100, 1e9)] == [0, 0, 1, 1, 7, MAX_LEVEL])

class Parent:
    def __init__(self): self.estimate = Estimate()

def sampled(estimate, pending, durations, generator, level, parent, last):
    calls, gap = [], 0
    for duration in durations:
        if gap:
            gap -= 1
            continue
        size = next_gap(level)
        calls.append((float(duration), float(duration), sampled.weight, parent, False, 0, 0))
        sampled.weight, gap = size + 1, size
    estimate.add(pending, calls, len(durations), 1, last)
sampled.weight = 1

def check_totals(generator):
    """A tenth of the calls takes ten times as long, and the last part takes longer than the first."""
    for level in (0, 3, 6):
        errors = []
        for _ in range(8):
            estimate, parent, pending = Estimate(), Parent(), Numbers()
            estimate._time_ns -= 10 ** 12
            durations = [generator.randrange(80, 120) * (10 if generator.randrange(10) == 0 else 1) * (1 + n // 15000)
                         for n in range(30000)]
            for start in range(0, 30000, 5000):
                estimate._time_ns -= 10 ** 12
                sampled(estimate, pending, durations[start:start + 5000], generator, level, parent, start == 25000)
            check(pending.count == 30000 and sum(pending.buckets.values()) in (29999, 30000), pending.count)
            check(abs(pending.total - pending.all_total) < 1, pending.total)
            check(abs(parent.estimate.difference.children_ns - estimate.difference.own_ns(0)) < 1, parent.estimate.difference.children_ns)
            errors.append(pending.total / sum(durations) - 1)
        check(abs(sum(errors) / len(errors)) < (1e-9 if level == 0 else 0.06), level, errors)

def check_slow_call():
    estimate, pending = Estimate(), Numbers()
    calls = [(100.0, 100.0, 256, None, False, 0, 0) for _ in range(200)] + [(5e7, 5e7, 256, None, False, 0, 0)]
    estimate._time_ns -= 10 ** 12
    estimate.add(pending, calls, 201 * 256, 1, False)
    check(5e7 < pending.total < 5.6e7, pending.total)

def check_limit():
    estimate, pending = Estimate(), Numbers()
    estimate._time_ns -= 10 ** 6
    estimate.add(pending, [(1e5, 1e5, 256, None, False, 0, 0) for _ in range(50)], 50 * 256, 1, False)
    check(5e6 <= pending.total <= 5.1e6, pending.total)

class Called:
    def __init__(self, number, count, is_exact=False):
        self.number, self.recent_count, self.is_exact, self.level, self.interval_ns = number, count, is_exact, 0, 0
        self.calls = count
    def set_level(self, level): self.level = level

def check_budget():
    budget = Budget()
    budget.ratio = 0.01
    meters = [Called(0, 10), Called(1, 1_000_000), Called(2, 2_000_000), Called(3, 5_000_000, True)]
    budget._updated_ns -= 10 ** 9
    budget.update(meters)
    check(meters[0].level == 0 and meters[3].level == 0, 'seldom and exact ones are timed at every call')
    timed = [meter.calls / (MEANS[meter.level] + 1) for meter in meters[:3]]
    room = 10 ** 9 / budget.interval_ns()
    check(meters[1].level == 8 or sum(timed) <= room * 1.01, timed, room)
    check(0 < meters[1].level <= meters[2].level, [meter.level for meter in meters])
    budget._updated_ns -= 10 ** 9
    for meter in meters: meter.recent_count = 10
    budget.update(meters)
    check([meter.level for meter in meters] == [0, 0, 0, 0], 'timed again when there is room')

class Planned:
    """A function whose calls take a planned time, and of which only every so many are timed."""
    def __init__(self, gap, callees=()):
        self.estimate, self.gap, self.callees, self.count, self.own_ns, self.left = Estimate(), gap, callees, 0, 0.0, 0
    def call(self, generator, parent=None, depth=0):
        """Returns time and number of calls inside. The tree that calls itself has two branches at each level."""
        self.count += 1
        own_ns = generator.uniform(100, 300)
        total_ns, inner = own_ns, 0
        for callee in self.callees + ((self, self) if depth else ()):
            ns, calls = callee.call(generator, self, depth - 1 if callee is self else 0)
            total_ns, inner = total_ns + ns, inner + calls + 1
        self.own_ns += own_ns
        self.left -= 1
        if self.left < 0:
            self.left = generator.randrange(2 * self.gap + 1)
            self.estimate.difference.add(total_ns, inner, self.gap + 1, parent)
        return total_ns, inner

def check_difference(generator):
    """Own times high in a tree of calls, each a hundredth of the time of the calls inside, of which few are timed."""
    errors = []
    for _ in range(20):
        leaf, node = Planned(255), None
        node = Planned(63, (leaf, leaf))
        root = Planned(0, (node,) * 300)
        for _ in range(10): root.call(generator)
        check(root.estimate.difference.children_timed < root.count * 300 / 20)
        for planned in (leaf, node, root):
            difference = planned.estimate.difference
            mean_ns = mean_call_ns([other.estimate.difference for other in (leaf, node, root)])
            if planned is not root: errors.append(difference.own_ns(mean_ns) / planned.own_ns - 1)
            check(difference.variance(mean_ns) >= 0)
        inner_ns = sum([other.own_ns for other in (leaf, node)])
        check(abs(root.estimate.difference.own_ns(mean_ns) - root.own_ns) < 0.2 * inner_ns)
    check(abs(sum(errors) / len(errors)) < 0.15, errors)

def check_recursion(generator):
    """Most roots of a recursion are not timed, and yet its own time and that of its caller are right."""
    shares = []
    for _ in range(20):
        leaf = Planned(127)
        visit = Planned(127, (leaf,))
        page = Planned(0, (visit,))
        for _ in range(4): page.call(generator, None, 0); visit.call(generator, page, 11)
        differences = [planned.estimate.difference for planned in (leaf, visit, page)]
        mean_ns = mean_call_ns(differences)
        shares.append(differences[1].own_ns(mean_ns) / visit.own_ns)
    check(0.8 < sum(shares) / len(shares) < 1.2, shares)

def check_mixed():
    """Calls of other threads inside of a call do not scale the time of its own calls."""
    class Caller: estimate = Estimate()
    Caller.estimate.difference.add(1000.0, MIXED, 1, None)
    difference = Difference()
    difference.add(400.0, MIXED, 1, Caller)
    check(Caller.estimate.difference.own_ns(50.0) == 600.0 and difference.own_ns(50.0) == 400.0)

class Timed:
    """A function with its own time, what timing has made of it, and its number of calls."""
    def __init__(self, own_ns, timed_ns, count, children=0, noise_ns=0.0):
        self.own_ns, self.sampled_ns, self.calls_others = own_ns, 0.0, children > 0
        self.sent, self.pending, self.estimate = Numbers(), Numbers(), Estimate()
        self.sent.count, self.sent.timed = count, count // 100
        difference = self.estimate.difference
        difference.ns, difference.calls, difference.children = timed_ns, count, children
        difference.child_ns_squared = noise_ns * noise_ns

def check_own_times(generator):
    """Calls of one function read 30 ns too long, at the expense of its caller; another is a difference of noisy numbers."""
    costs.count_ns, costs.inner_ns = 0.0, 50.0
    meters = [Timed(2e8, 3.5e8, 5_000_000), Timed(3e8, 1.5e8, 1000, 5_000_000), Timed(4e8, 4e8, 5000), Timed(1e8, 5e8, 10, 10, 5e8)]
    total_ns = sum(meter.own_ns for meter in meters)
    class Samples:
        count, sampled_ns, missed_ns, unknown_ns = 0, 0.0, 0.0, 0.0
    excess_ns = 20.0  # What is expected without samples: 0.4 of 50 ns.
    expected = [timed - excess_ns * calls for timed, calls in ((3.5e8, 5_000_000), (1.5e8, 1000 - 5_000_000), (4e8, 5000), (5e8, 0))]
    check(all(abs(own_ns - timed) < 1 for own_ns, timed in zip(own_times(meters, Samples), expected)), 'without samples')
    for _ in range(2000):
        Samples.count += 1
        Samples.sampled_ns += total_ns / 2000
        generator.choices(meters, [meter.own_ns for meter in meters])[0].sampled_ns += total_ns / 2000
    for meter, own_ns in zip(meters, own_times(meters, Samples)):
        check(abs(own_ns - meter.own_ns) < 0.04 * total_ns, own_ns, meter.own_ns)

generator = random.Random(7)
for _ in range(50): check_intervals(generator)
check_gaps()
check_totals(generator)
check_slow_call()
check_limit()
check_budget()
check_own_times(generator)
check_difference(generator)
check_recursion(generator)
check_mixed()
print('checked')
`;

describe('estimates of the Python probe', () => {
  it('are unbiased, bounded by the time that threads had, and keep to the budget', () => {
    assert.equal(execFileSync('python3', ['-c', program], { encoding: 'utf8' }), 'checked\n');
  });
});
