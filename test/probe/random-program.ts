/** Random programs against a host that stalls, breaks the connection or is replaced: what they record arrives or is counted. */
import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import fc from 'fast-check';
import { Probe } from '../../src/probe/api/probe.ts';
import { socketTransport } from '../../src/probe/api/transport.ts';
import { socketVariable } from '../../src/protocol/environment-variables.ts';
import { until } from '../fixtures/wait.ts';
import { hostileValues } from './hostile-values.ts';
import { createProgramFolder } from './profiled-program.ts';
import { TestHost } from './test-host.ts';

type Step =
  | { readonly do: 'record' | 'span' | 'count' | 'hostile'; readonly times: number }
  | { readonly do: 'stall' | 'resume' | 'break' | 'replace' | 'flush' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('record', 'span', 'count', 'hostile'), times: fc.nat(300) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'flush' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stall', 'resume', 'break', 'replace') }) },
) as fc.Arbitrary<Step>;

/** The program and its host, with the true numbers. */
class Scenario {
  readonly #path = join(createProgramFolder({}), 'socket');
  host: TestHost;
  readonly probe = new Probe('random');
  calls = 0;
  counted = 0;
  #hosts = 0;

  constructor() {
    this.host = this.#createHost();
    process.env[socketVariable] = this.#path;
    const transport = socketTransport((control) => control.type === 'flush');
    delete process.env[socketVariable];
    assert.ok(transport);
    this.probe.connect(transport);
  }

  async run(current: Step): Promise<void> {
    if (current.do === 'stall') this.host.isReading = false;
    if (current.do === 'resume') this.host.isReading = true;
    if (current.do === 'break') this.host.disconnectGuests();
    if (current.do === 'replace') {
      await this.host.close();
      this.host = this.#createHost();
    }
    if (current.do === 'flush') this.probe.flush();
    if ('times' in current) for (let time = 0; time < current.times; time++) this.#use(current.do, time);
    await new Promise((resolve) => setImmediate(resolve));
  }

  #use(kind: Step['do'], time: number): void {
    const { probe } = this;
    if (kind === 'record') probe.record(probe.operation(`call ${time}`), time);
    if (kind === 'span') probe.time(probe.operation(`span ${time}`), () => time, { text: 'x'.repeat(time) });
    if (kind === 'count') probe.count('main', 'counted', time);
    if (kind === 'record' || kind === 'span') this.calls++;
    if (kind === 'count') this.counted += time;
    if (kind !== 'hostile') return;
    const [, value] = hostile[time % hostile.length] ?? [];
    probe.count('main', 'counted', value);
    probe.gauge('main', `gauge ${time}`, value);
    probe.record(probe.operation(value), value as number);
    this.calls += typeof value === 'number' && value >= 0 && value < 2 ** 53 ? 1 : 0;
    this.counted += typeof value === 'number' && value >= 0 && value < 2 ** 53 ? value : value === undefined ? 1 : 0;
  }

  #createHost(): TestHost {
    return new TestHost(this.#path, `host ${this.#hosts++}`);
  }
}

const hostile = hostileValues().filter(([what]) => !what.includes('properties'));

/** Runs random programs and checks that the host has received everything except what is counted as dropped. */
export async function checkRandomPrograms(numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const scenario = new Scenario();
      try {
        for (const current of steps) await scenario.run(current);
        scenario.host.isReading = true;
        await until(() => scenario.host.guestCount > 0);
        await scenario.probe.close();
        await until(() => scenario.host.batches.some(({ bye }) => bye));
        const { host } = scenario;
        assert.deepEqual(host.malformed, []);
        assert.deepEqual([host.lostBatches, host.undefinedCalls], [0, 0]);
        assert.equal(host.count + host.dropped.calls, scenario.calls);
        const counted = host.counters.reduce((sum, { delta }) => sum + delta, 0);
        assert.ok(Math.abs(counted - scenario.counted) < 1e-6, `${counted} of ${scenario.counted}`);
      } finally {
        await scenario.host.close();
      }
    }),
    { numRuns, endOnFailure: true },
  );
}
