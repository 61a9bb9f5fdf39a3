/** A validation in Prometheus' text format, for a textfile collector or a push gateway. */
import type { Validation } from '../../../protocol/validation.ts';
import { metricsOf } from '../verdict/summary.ts';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A row adds a metric. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly samples: (validation: Validation) => readonly Sample[];
}

type Counted = 'executed' | 'passed' | 'failed' | 'warned' | 'skipped' | 'successRate';

const counted = (name: string, help: string, key: Counted): Family => ({
  name,
  help,
  samples: (validation) => [{ value: metricsOf(validation)[key] }],
});

/**
 * All are gauges, also what counts: a file tells of one run, and a counter that starts again from less, or from more,
 * would be taken for one that went on.
 */
export const families: readonly Family[] = [
  {
    name: 'dod_category_duration_seconds',
    help: 'Sum of the durations of the checks of a category',
    samples: ({ categories }) =>
      categories
        .filter(({ passed, failed, warned, skipped }) => passed + failed + warned + skipped > 0)
        .map(({ id, durationNs }) => ({ labels: { category: id }, value: durationNs / 1e9 })),
  },
  counted('dod_checks_failed', 'Number of checks that failed', 'failed'),
  counted('dod_checks_passed', 'Number of checks that passed', 'passed'),
  counted('dod_checks_skipped', 'Number of checks that were skipped', 'skipped'),
  counted('dod_checks_total', 'Total number of checks executed', 'executed'),
  counted('dod_checks_warned', 'Number of checks that warned', 'warned'),
  {
    name: 'dod_evidence_bytes',
    help: 'Total evidence size in bytes',
    samples: ({ evidenceBytes }) => [{ value: evidenceBytes }],
  },
  counted('dod_success_rate', 'Success rate (0.0 to 1.0)', 'successRate'),
  {
    name: 'dod_validation_duration_seconds',
    help: 'Total DoD validation duration',
    samples: ({ durationNs }) => [{ value: durationNs / 1e9 }],
  },
  {
    name: 'dod_verdict',
    help: 'Whether this is the verdict (1) or not (0)',
    samples: ({ verdict }) =>
      ['incomplete', 'not_ready', 'ready'].map((one) => ({
        labels: { verdict: one },
        value: Number(one === verdict),
      })),
  },
];

/** Seconds: 0.01 x 2.5^k. */
const bounds = Array.from({ length: 10 }, (_, power) => Number((0.01 * 2.5 ** power).toPrecision(6)));

/** Families by name, samples by their labels: the same validation is always the same text. */
export function prometheusOf(validation: Validation): string {
  const simple = families.flatMap(({ name, help, samples }) => [
    ...head(name, help, 'gauge'),
    ...samples(validation)
      .map(({ labels, value }) => line(name, labels, value))
      .sort(),
  ]);
  return `${[...durations(validation), ...simple].join('\n')}\n`;
}

/** A histogram with one observation for each check that ran, so that those of many runs can be added. */
function durations({ checks }: Validation): string[] {
  const name = 'dod_check_duration_seconds';
  const ran = checks.filter(({ status }) => status !== 'skip').toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return [
    ...head(name, 'Duration of a check', 'histogram'),
    ...ran.flatMap(({ id, category, durationNs }) => {
      const labels = labelsOf({ category, check_id: id });
      const seconds = durationNs / 1e9;
      return [
        ...bounds.map((le) => `${name}_bucket{${labels},le="${le}"} ${Number(seconds <= le)}`),
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

function line(name: string, labels: Sample['labels'], value: number): string {
  return `${name}${labels ? `{${labelsOf(labels)}}` : ''} ${value}`;
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, text]) => `${key}="${escaped(text)}"`)
    .join(',');
}

function escaped(label: string): string {
  return label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
