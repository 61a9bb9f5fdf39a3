/** Formats a validation in the Prometheus text format, for a textfile collector or a push gateway. */
import type { Validation } from '../../../protocol/validation/validation.ts';
import { metricsOf } from '../verdict/summary.ts';

interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric and how to compute its samples. */
interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly samples: (validation: Validation) => readonly MetricSample[];
}

type SummaryKey = 'executed' | 'passed' | 'failed' | 'warned' | 'skipped' | 'successRate';

const summaryMetric = (name: string, help: string, key: SummaryKey): MetricFamily => ({
  name,
  help,
  samples: (validation) => [{ value: metricsOf(validation)[key] }],
});

/**
 * Metrics except the duration histogram. Even counts are gauges, because each file describes a single run. Prometheus
 * would treat counters of different runs as one continuous counter.
 */
export const metricFamilies: readonly MetricFamily[] = [
  {
    name: 'dod_category_duration_seconds',
    help: 'Total duration of the checks in a category',
    samples: ({ categories }) =>
      categories
        .filter(({ passed, failed, warned, skipped }) => passed + failed + warned + skipped > 0)
        .map(({ id, durationNs }) => ({ labels: { category: id }, value: durationNs / 1e9 })),
  },
  summaryMetric('dod_checks_failed', 'Number of checks that failed', 'failed'),
  summaryMetric('dod_checks_passed', 'Number of checks that passed', 'passed'),
  summaryMetric('dod_checks_skipped', 'Number of checks that were skipped', 'skipped'),
  summaryMetric('dod_checks_total', 'Total number of checks executed', 'executed'),
  summaryMetric('dod_checks_warned', 'Number of checks that warned', 'warned'),
  {
    name: 'dod_evidence_bytes',
    help: 'Total evidence size in bytes',
    samples: ({ evidenceBytes }) => [{ value: evidenceBytes }],
  },
  summaryMetric('dod_success_rate', 'Success rate (0.0 to 1.0)', 'successRate'),
  {
    name: 'dod_validation_duration_seconds',
    help: 'Total DoD validation duration',
    samples: ({ durationNs }) => [{ value: durationNs / 1e9 }],
  },
  {
    name: 'dod_verdict',
    help: 'Verdict of the validation (1 for the current verdict, 0 for others)',
    samples: ({ verdict }) =>
      ['incomplete', 'not_ready', 'ready'].map((label) => ({
        labels: { verdict: label },
        value: Number(label === verdict),
      })),
  },
];

/** Upper bounds of the histogram buckets in seconds: 0.01 × 2.5^k. */
const bucketBounds = Array.from({ length: 10 }, (_, power) => Number((0.01 * 2.5 ** power).toPrecision(6)));

/** Returns the same text for the same validation: metrics are sorted by name, samples by labels. */
export function formatPrometheus(validation: Validation): string {
  const gauges = metricFamilies.flatMap(({ name, help, samples }) => [
    ...head(name, help, 'gauge'),
    ...samples(validation)
      .map(({ labels, value }) => line(name, labels, value))
      .sort(),
  ]);
  return `${[...durationHistogram(validation), ...gauges].join('\n')}\n`;
}

/** Formats a histogram with one observation per executed check, so that several runs can be added up. */
function durationHistogram({ checks }: Validation): string[] {
  const name = 'dod_check_duration_seconds';
  const executed = checks.filter(({ status }) => status !== 'skip').toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return [
    ...head(name, 'Duration of a check', 'histogram'),
    ...executed.flatMap(({ id, category, durationNs }) => {
      const labels = formatLabels({ category, check_id: id });
      const seconds = durationNs / 1e9;
      return [
        ...bucketBounds.map((le) => `${name}_bucket{${labels},le="${le}"} ${Number(seconds <= le)}`),
        `${name}_bucket{${labels},le="+Inf"} 1`,
        `${name}_sum{${labels}} ${seconds}`,
        `${name}_count{${labels}} 1`,
      ];
    }),
  ];
}

function head(name: string, help: string, type: 'gauge' | 'histogram'): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function line(name: string, labels: MetricSample['labels'], value: number): string {
  return `${name}${labels ? `{${formatLabels(labels)}}` : ''} ${value}`;
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, text]) => `${key}="${escapeLabel(text)}"`)
    .join(',');
}

function escapeLabel(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
