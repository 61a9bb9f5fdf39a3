/** Rows of the Validation view: its state, and the report of the latest validation. */
import { duration } from '../../core/format.ts';
import { plural } from '../../protocol/plural.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { Validation } from '../../protocol/validation/validation.ts';
import type { CheckState } from '../../protocol/validation/validation-state.ts';
import { separator } from '../escape-label.ts';
import { lightIcons, lightLabels, resultText } from '../views/run-summary.ts';
import type { TreeRow } from '../views/tree-row.ts';
import { statusIcons, statusLabels } from './labels.ts';
import { reportRows } from './report-rows.ts';

interface ValidationView {
  /** Latest report, if any. */
  readonly report: Validation | undefined;
  /** True while a validation runs or its report is being read. */
  readonly isBusy: boolean;
}

/** Returns the progress of the current validation, or else the latest report. Returns no rows if nothing was validated yet. */
export function validationRows(
  { snapshot }: { readonly snapshot: Snapshot | undefined },
  { report, isBusy }: ValidationView,
): readonly TreeRow[] {
  const validation = snapshot?.run.pipeline === 'validation' ? snapshot : undefined;
  if (validation && (validation.run.result === 'running' || isBusy)) return progressRows(validation);
  if (report) return reportRows(report);
  return validation ? [noReportRow(validation)] : [];
}

/** Row for a validation that ended without a report. */
function noReportRow(snapshot: Snapshot): TreeRow {
  const text = resultText(snapshot);
  return {
    id: 'broken',
    label: 'No result',
    description: text,
    tooltip: text,
    icon: statusIcons.warn,
    context: 'pipescope.broken',
  };
}

function progressRows({ components, validation }: Snapshot): readonly TreeRow[] {
  const checks = [...(validation?.checks ?? [])].sort((a, b) => b.durationNs - a.durationNs);
  const done = `${plural(checks.length, 'check')} done`;
  const head: TreeRow = {
    id: 'running',
    label: 'Validating',
    description: done,
    tooltip: done,
    icon: { name: 'loading~spin' },
    context: 'pipescope.running',
  };
  const started = components.filter(({ name }) => checks.some(({ category }) => category === name));
  return [
    head,
    ...started.map(({ name, light, reason }) => ({
      id: `live ${name}`,
      label: name,
      description: reason === lightLabels[light] ? reason : [lightLabels[light], reason].join(separator),
      tooltip: reason,
      icon: lightIcons[light],
      context: 'pipescope.category',
      rows: checks.filter(({ category }) => category === name).map(endedCheckRow),
    })),
  ];
}

function endedCheckRow({ id, category, status, durationNs }: CheckState): TreeRow {
  return {
    id: `live ${category} ${id}`,
    label: id,
    description: [statusLabels[status], duration(durationNs)].join(separator),
    tooltip: `${id}: ${statusLabels[status]}`,
    icon: statusIcons[status],
    context: 'pipescope.check',
  };
}
