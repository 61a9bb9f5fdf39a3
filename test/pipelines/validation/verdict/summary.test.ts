import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { families, prometheusOf } from '../../../../src/pipelines/validation/bundle/prometheus.ts';
import { metricsOf, summaryOf } from '../../../../src/pipelines/validation/verdict/summary.ts';
import { mixed, type Told, validationOf } from '../sample-validation.ts';

const validation = validationOf(mixed);

describe('the metrics of a validation', () => {
  it('count every check by its end, and name the extremes of those that ran', () => {
    assert.deepEqual(metricsOf(validation), {
      executed: 5,
      passed: 2,
      failed: 1,
      warned: 1,
      skipped: 1,
      successRate: 0.4,
      failureRate: 0.2,
      slowestCheck: { id: 'BLD_TYPECHECK', durationNs: 1.5e9 },
      fastestCheck: { id: 'WS_GIT_CLEAN', durationNs: 1e6 },
      slowestCategory: { id: 'build', durationNs: 1.7e9 },
    });
  });

  it('are zero, and name no extremes, where there was no check', () => {
    const none = { executed: 0, passed: 0, failed: 0, warned: 0, skipped: 0, successRate: 0, failureRate: 0 };
    assert.deepEqual(metricsOf(validationOf([])), none);
    assert.doesNotMatch(summaryOf(validationOf([])), /NaN|undefined|Slowest/);
  });
});

describe('the summary of a validation', () => {
  it('is the text that people and programs know', () => {
    assert.equal(
      summaryOf(validation),
      `DoD Metrics Summary
==================

Total Duration: 0.85s
Checks Executed: 5
  - Passed: 2
  - Failed: 1
  - Warned: 1
  - Skipped: 1
Success Rate: 40.0%
Evidence Size: 67 bytes

Slowest Check: BLD_TYPECHECK (1.50s)
Slowest Category: build (1.70s)
Average Check Duration: 0.34s
`,
    );
  });
});

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const sampleLine = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/;

/** Reads the text format as strictly as it is defined; throws where a line is none. */
function read(text: string): { samples: Sample[]; types: Map<string, string>; helps: Set<string> } {
  const [samples, types, helps]: [Sample[], Map<string, string>, Set<string>] = [[], new Map(), new Set()];
  assert.ok(text.endsWith('\n'));
  for (const line of text.split('\n').slice(0, -1)) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') helps.add(name);
    else if (kind === 'TYPE') types.set(name, rest);
    else {
      const match = sampleLine.exec(line);
      assert.ok(match, `no sample: ${line}`);
      const pairs = [...(match[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"/g)];
      const labels = Object.fromEntries(pairs.map(([, key, value]) => [key, unescaped(value as string)]));
      samples.push({ name: match[1] as string, labels, value: Number(match[3]) });
    }
  }
  return { samples, types, helps };
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));

describe("the metrics in Prometheus' text format", () => {
  const { samples, types, helps } = read(prometheusOf(validation));
  const told = (name: string, labels: Sample['labels'] = {}): number | undefined =>
    samples.find((one) => one.name === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text))
      ?.value;

  const rows: readonly [string, Sample['labels'], number][] = [
    ['dod_validation_duration_seconds', {}, 0.852],
    ['dod_checks_total', {}, 5],
    ['dod_checks_passed', {}, 2],
    ['dod_checks_failed', {}, 1],
    ['dod_checks_warned', {}, 1],
    ['dod_checks_skipped', {}, 1],
    ['dod_evidence_bytes', {}, 67],
    ['dod_success_rate', {}, 0.4],
    ['dod_category_duration_seconds', { category: 'build' }, 1.7],
    ['dod_category_duration_seconds', { category: 'Our own' }, 0.003],
    ['dod_verdict', { verdict: 'ready' }, 1],
    ['dod_verdict', { verdict: 'not_ready' }, 0],
    ['dod_verdict', { verdict: 'incomplete' }, 0],
    ['dod_check_duration_seconds_sum', { check_id: 'BLD_TYPECHECK', category: 'build' }, 1.5],
    ['dod_check_duration_seconds_count', { check_id: 'BLD_TYPECHECK' }, 1],
    ['dod_check_duration_seconds_bucket', { check_id: 'BLD_TYPECHECK', le: '+Inf' }, 1],
    ['dod_check_duration_seconds_bucket', { check_id: 'BLD_TYPECHECK', le: '0.976563' }, 0],
    ['dod_check_duration_seconds_bucket', { check_id: 'BLD_TYPECHECK', le: '2.44141' }, 1],
  ];
  for (const [name, labels, value] of rows) {
    it(`tell ${name}${JSON.stringify(labels)}`, () => assert.equal(told(name, labels), value));
  }

  it('walk every row of the table, each with its help and type', () => {
    for (const { name } of families) {
      assert.ok(
        samples.some((sample) => sample.name === name),
        name,
      );
      assert.ok(types.get(name) === 'gauge' && helps.has(name), name);
    }
    assert.equal(types.get('dod_check_duration_seconds'), 'histogram');
    assert.deepEqual([...helps].sort(), [...types.keys()].sort());
    assert.equal(types.size, families.length + 1);
  });

  it('have ten buckets that only rise, and none for a check that never began', () => {
    const buckets = samples.filter(({ name, labels }) => name.endsWith('_bucket') && labels['check_id'] === 'BLD_LINT');
    const bounds = buckets.map(({ labels }) =>
      Number(labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : labels['le']),
    );
    assert.equal(bounds.length, 11);
    assert.deepEqual(
      bounds,
      bounds.toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      buckets.map(({ value }) => value),
      [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1],
      '0.2 s is in the fifth',
    );
    assert.equal(
      samples.some(({ labels }) => labels['check_id'] === 'BLD_FORMAT'),
      false,
    );
  });

  it('are the same text whatever the order of checks and categories', () => {
    const turned = {
      ...validation,
      checks: validation.checks.toReversed(),
      categories: validation.categories.toReversed(),
    };
    assert.equal(prometheusOf(turned), prometheusOf(validation));
  });

  it('keep any name of a category', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (category) => {
        const found = read(prometheusOf(validationOf([{ id: 'A', category }]))).samples;
        assert.ok(
          found.some(({ name, labels }) => name === 'dod_category_duration_seconds' && labels['category'] === category),
        );
      }),
    );
  });

  it('are what promtool reads, where it is installed', function () {
    if (spawnSync('promtool', ['--version']).status !== 0) return this.skip();
    const odd: Told[] = [{ id: 'A', category: 'a "quoted" \\ name\nof two lines' }];
    for (const input of [validation, validationOf([]), validationOf(odd)].map(prometheusOf)) {
      const { stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
      // A name of its own: what it counts is one run, so it is no counter.
      const complaints = stderr
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('dod_checks_total non-counter'));
      assert.deepEqual(complaints, []);
    }
  });
});
