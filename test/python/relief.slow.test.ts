import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { moduleFolders } from './profiled-python.ts';

/** Lets the choice of functions see planted numbers of calls, and prints whose code was replaced. */
const program = `
import sys
sys.path[:0] = sys.argv[1:]
import pipescope_relief
from pipescope_relief import Relief
from pipescope_costs import costs
costs.count_ns = 20.0
now = [0]
pipescope_relief.now_ns = lambda: now[0]
class Numbers: count, partial = 0, False
class Meter:
    def __init__(self, number, is_exact=False):
        self.number, self.is_exact, self.sent, self.pending = number, is_exact, Numbers(), Numbers()
        def counted(): return 'counted'
        def plain(): return 'plain'
        counted.__code__ = counted.__code__.replace()
        self.function, self.instrumented, self.uncounted = counted, counted.__code__, plain.__code__
meters = [Meter(0), Meter(1), Meter(2, True), Meter(3)]
meters[3].uncounted = None
relief = Relief(lambda: [meter.function for meter in meters])
def window(*calls, ms=500):
    now[0] += ms * 1000000
    for meter, count in zip(meters, calls): meter.pending.count += count
    relief.update(meters, 0.01)
    print([meter.function() for meter in meters], [meter.pending.partial for meter in meters])
window(10 ** 9, 10 ** 9, 0, 0, ms=400)
meters[0].pending.count = meters[1].pending.count = 0
window(200000, 40000, 0, 0)
window(300000, 40000, 0, 0)
window(0, 1000, 10 ** 8, 10 ** 8)
`;

describe('functions whose counting is too expensive for the Python probe', function () {
  this.timeout(60_000);

  it('are no longer counted and are marked, those with the most calls first, except exact ones and those with functions inside', () => {
    const output = execFileSync('python3', ['-c', program, ...moduleFolders], { encoding: 'utf8' });
    const [tooEarly, within, beyond, others] = output.trim().split('\n');
    const counted = "['counted', 'counted', 'counted', 'counted'] [False, False, False, False]";
    assert.equal(tooEarly, counted, 'half a second has not passed');
    assert.equal(within, counted, '240,000 calls of 20 ns are 1 % of half a second');
    assert.equal(beyond, "['plain', 'counted', 'counted', 'counted'] [True, False, False, False]");
    assert.equal(others, beyond, 'the cost of those that stay does not make others stop');
  });
});
