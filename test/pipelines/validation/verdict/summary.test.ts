import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { formatPrometheus, metricFamilies } from '../../../../src/pipelines/validation/bundle/prometheus.ts';
import { averageDuration } from '../../../../src/pipelines/validation/verdict/average-duration.ts';
import { formatSummary, metricsOf } from '../../../../src/pipelines/validation/verdict/summary.ts';
import { createSample, mixed, type SampleResult } from '../sample-validation.ts';

const validation = createSample(mixed);

describe('metricsOf', () => {
  it('counts checks by status and finds the slowest and fastest ones', () => {
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

  it('takes the duration of a stopped check for a lower bound', () => {
    const stopped = createSample([
      { id: 'A', durationNs: 1e9 },
      { id: 'B', status: 'skip', skipReason: 'timeout', stopped: true, durationNs: 5e9, category: 'tests' },
      { id: 'C', status: 'skip', skipReason: 'tool_missing', durationNs: 7e9, category: 'safety' },
      { id: 'D', status: 'skip', skipReason: 'budget', stopped: true, durationNs: 1e6, category: 'tests' },
      { id: 'E', durationNs: 3e9 },
    ]);
    const { slowestCheck, fastestCheck, slowestCategory } = metricsOf(stopped);
    assert.deepEqual(slowestCheck, { id: 'B', durationNs: 5e9, isMinimum: true });
    assert.deepEqual(fastestCheck, { id: 'A', durationNs: 1e9 });
    assert.deepEqual(slowestCategory, { id: 'tests', durationNs: 5e9 + 1e6, isMinimum: true });
    assert.match(formatSummary(stopped), /^Slowest Check: B \(at least 5\.00s\)\nSlowest Category: tests \(at least /m);
    assert.equal(averageDuration(stopped.checks), 2e9, 'only finished checks have an average');
    assert.equal(averageDuration([]), 0);
  });

  it('returns zeros without slowest and fastest checks for an empty validation', () => {
    const zeros = { executed: 0, passed: 0, failed: 0, warned: 0, skipped: 0, successRate: 0, failureRate: 0 };
    assert.deepEqual(metricsOf(createSample([])), zeros);
    assert.doesNotMatch(formatSummary(createSample([])), /NaN|undefined|Slowest/);
  });
});

describe('formatSummary', () => {
  it('writes the documented text', () => {
    assert.equal(
      formatSummary(validation),
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

/** Parses the text format strictly and throws on an invalid line. */
function parseMetrics(text: string): { samples: Sample[]; types: Map<string, string>; helps: Set<string> } {
  const [samples, types, helps]: [Sample[], Map<string, string>, Set<string>] = [[], new Map(), new Set()];
  assert.ok(text.endsWith('\n'));
  for (const line of text.split('\n').slice(0, -1)) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') helps.add(name);
    else if (kind === 'TYPE') types.set(name, rest);
    else {
      const match = sampleLine.exec(line);
      assert.ok(match, `not a sample: ${line}`);
      const pairs = [...(match[2] ?? '').matchAll(/([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"/g)];
      const labels = Object.fromEntries(pairs.map(([, key, value]) => [key, unescapeLabel(value as string)]));
      samples.push({ name: match[1] as string, labels, value: Number(match[3]) });
    }
  }
  return { samples, types, helps };
}

const unescapeLabel = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));

describe('formatPrometheus', () => {
  const { samples, types, helps } = parseMetrics(formatPrometheus(validation));
  const sampleValue = (name: string, labels: Sample['labels'] = {}): number | undefined =>
    samples.find(
      (sample) => sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
    )?.value;

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
    it(`writes ${name}${JSON.stringify(labels)}`, () => assert.equal(sampleValue(name, labels), value));
  }

  it('writes every metric with its help text and type', () => {
    for (const { name } of metricFamilies) {
      assert.ok(
        samples.some((sample) => sample.name === name),
        name,
      );
      assert.ok(types.get(name) === 'gauge' && helps.has(name), name);
    }
    assert.equal(types.get('dod_check_duration_seconds'), 'histogram');
    assert.deepEqual([...helps].sort(), [...types.keys()].sort());
    assert.equal(types.size, metricFamilies.length + 1);
  });

  it('writes cumulative buckets for each check except skipped ones', () => {
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
      '0.2 s belongs to the fifth bucket',
    );
    assert.equal(
      samples.some(({ labels }) => labels['check_id'] === 'BLD_FORMAT'),
      false,
    );
  });

  it('does not depend on the order of checks and categories', () => {
    const reversed = {
      ...validation,
      checks: validation.checks.toReversed(),
      categories: validation.categories.toReversed(),
    };
    assert.equal(formatPrometheus(reversed), formatPrometheus(validation));
  });

  it('escapes any category name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (category) => {
        const { samples: parsed } = parseMetrics(formatPrometheus(createSample([{ id: 'A', category }])));
        assert.ok(
          parsed.some(
            ({ name, labels }) => name === 'dod_category_duration_seconds' && labels['category'] === category,
          ),
        );
      }),
    );
  });

  it('is accepted by promtool if that is installed', function () {
    if (spawnSync('promtool', ['--version']).status !== 0) return this.skip();
    const specialCharacters: SampleResult[] = [{ id: 'A', category: 'a "quoted" \\ name\nof two lines' }];
    for (const input of [validation, createSample([]), createSample(specialCharacters)].map(formatPrometheus)) {
      const { stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
      // The name is fixed, but the value counts a single run, so it is a gauge.
      const complaints = stderr
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('dod_checks_total non-counter'));
      assert.deepEqual(complaints, []);
    }
  });
});
