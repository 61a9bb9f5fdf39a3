/** The rows of the view: what a validation found is there, in words, and leads to its place. */
import { strict as assert } from 'node:assert';
import { rowsOf, validationRows } from '../../../src/editor/validation/validation-rows.ts';
import type { Row } from '../../../src/editor/views/tree-row.ts';
import type { OperationState, Snapshot } from '../../../src/protocol/snapshot.ts';
import { checkErrors } from '../../../src/protocol/validation.ts';
import { check, report } from '../../fixtures/report.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

const all = (rows: readonly Row[]): Row[] => rows.flatMap((row) => [row, ...all(row.rows ?? [])]);

function row(rows: readonly Row[], id: string): Row {
  const found = all(rows).find((one) => one.id === id);
  assert.ok(found, `no row ${id} among ${all(rows).map((one) => one.id)}`);
  return found;
}

describe('the rows of a validation', () => {
  const rows = validationRows(report());

  it('begin with the verdict, its score and the reasons', () => {
    const [verdict] = rows;
    assert.equal(verdict?.label, 'Not ready');
    assert.equal(verdict?.description, '63 of 100 · profile dev · 1.20 s · 1 of 2 categories evaluated');
    assert.equal(verdict?.icon.name, 'error');
    assert.deepEqual(
      verdict?.rows?.map(({ label }) => label),
      report().reasons,
    );
  });

  it('have an id each', () => {
    const ids = all(rows).map(({ id }) => id);
    assert.ok(ids.length > 12);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('show each category with status, score and time, one that failed unfolded', () => {
    const workspace = row(rows, 'category workspace');
    assert.equal(workspace.label, 'A Workspace integrity');
    assert.equal(workspace.description, 'failed · 48 of 100 · 36.0 ms');
    assert.equal(workspace.open, true);
    const build = row(rows, 'category build');
    assert.match(build.description, /^skipped · not evaluated/);
    assert.equal(build.open, undefined);
  });

  it('leave out a category without a check', () => {
    const { checks } = report();
    const without = validationRows(report({ checks: checks.filter(({ category }) => category !== 'build') }));
    assert.ok(all(rows).some(({ id }) => id === 'category build'));
    assert.ok(!all(without).some(({ id }) => id === 'category build'));
  });

  it('put what failed first', () => {
    assert.deepEqual(
      row(rows, 'category workspace').rows?.map(({ label, description }) => [label, description.split(' · ')[0]]),
      [
        ['WS_CONFLICTS', 'failed'],
        ['WS_GIT_CLEAN', 'warning'],
        ['WS_GIT_HEAD', 'passed'],
      ],
    );
  });

  it('lead to the place of a finding', () => {
    const place = { file: '/home/someone/shop/src/cart.ts', line: 9 };
    const finding = row(rows, 'finding WS_CONFLICTS 1');
    assert.deepEqual(finding.command?.arguments, [place]);
    assert.deepEqual(finding.place, place);
    assert.equal(row(rows, 'check WS_CONFLICTS').place?.line, 4);
  });

  it('lead nowhere from a finding of a whole folder', () => {
    const findings = [
      { file: 'src/new/', message: 'Not committed.' },
      { file: 'b.ts', message: 'Not committed.' },
    ];
    const folders = validationRows(report({ checks: [check('WS_GIT_CLEAN', { status: 'warn', findings })] }));
    assert.equal(row(folders, 'finding WS_GIT_CLEAN 0').command, undefined);
    assert.ok(row(folders, 'finding WS_GIT_CLEAN 1').command);
    assert.deepEqual(row(folders, 'check WS_GIT_CLEAN').place, { file: '/home/someone/shop/b.ts', line: 1 });
  });

  it('say which check can be fixed by a command, and which', () => {
    const fixable = row(rows, 'check WS_CONFLICTS');
    assert.match(fixable.context, /^pipescope\.check fail placed fixable$/);
    assert.equal(fixable.part, 0);
    assert.equal(row(rows, 'remediation WS_CONFLICTS 0').description, 'critical · git mergetool');
    assert.doesNotMatch(row(rows, 'check WS_GIT_CLEAN').context, /fixable/);
  });

  it('show evidence with its size, and the timeout that is suggested', () => {
    const evidence = row(rows, 'evidence WS_GIT_HEAD 0');
    assert.match(evidence.description, /^evidence · 0123456789.* · 40 B$/);
    assert.deepEqual(evidence.command?.arguments, [{ check: 'WS_GIT_HEAD', part: 0 }]);
    const suggestion = row(rows, 'suggestion WS_GIT_CLEAN');
    assert.equal(suggestion.label, 'Suggested timeout: 1.00 s');
    assert.equal(suggestion.description, 'from its last 20 runs: p50 4.0 ms, p95 6.0 ms, p99 9.0 ms');
  });

  it('end after a hundred findings, and say how many more there are', () => {
    const findings = Array.from({ length: 103 }, (_, line) => ({ file: 'a.ts', line: line + 1, message: 'TODO' }));
    const many = validationRows(report({ checks: [check('SAF_TODO', { findings })] }));
    assert.equal(all(many).filter(({ id }) => id.startsWith('finding ')).length, 100);
    assert.equal(row(many, 'findings SAF_TODO').label, '3 more findings');
  });
});

describe('the view of a validation', () => {
  const shown = snapshotAt(30);
  const component = shown.components[0];
  const operation = shown.operations[0];
  assert.ok(component && operation);
  const made = (name: string, errorTypes: Readonly<Record<string, number>>): OperationState => ({
    ...operation,
    component: 'safety',
    kind: 'check',
    name,
    count: 1,
    totalNs: 4e6,
    errorTypes,
  });
  const run = { ...shown.run, pipeline: 'validation', title: 'Validation' };
  const running: Snapshot = {
    ...shown,
    run: { ...run, result: 'running' },
    components: [{ ...component, name: 'safety', light: 'error', reason: '1 check failed' }],
    operations: [
      made('SAF_BIDI', {}),
      made('SAF_SECRETS', { [checkErrors.fail]: 1 }),
      made('SAF_DEBUG', { [checkErrors.warn]: 1 }),
    ],
  };

  it('shows while it runs what has ended, with its outcome', () => {
    const rows = rowsOf({ snapshot: running }, { report: report(), settled: false });
    assert.deepEqual(
      rows.map(({ label, description }) => [label, description]),
      [
        ['Validating', '3 checks done'],
        ['safety', 'error · 1 check failed'],
      ],
    );
    assert.deepEqual(
      rows[1]?.rows?.map(({ label, description }) => [label, description]),
      [
        ['SAF_BIDI', 'passed · 4.0 ms'],
        ['SAF_SECRETS', 'failed · 4.0 ms'],
        ['SAF_DEBUG', 'warning · 4.0 ms'],
      ],
    );
  });

  it('says what became of a validation without a report', () => {
    const stopped: Snapshot = { ...running, run: { ...run, result: 'cancellation', message: 'Stopped.' } };
    const [only, ...others] = rowsOf({ snapshot: stopped }, { report: undefined, settled: true });
    assert.equal(only?.label, 'No result');
    assert.equal(only?.description, 'Stopped.');
    assert.equal(others.length, 0);
  });

  it('keeps the newest report while another pipeline runs, and is empty where there was none', () => {
    assert.equal(rowsOf({ snapshot: shown }, { report: report(), settled: true })[0]?.label, 'Not ready');
    assert.deepEqual(rowsOf({ snapshot: shown }, { report: undefined, settled: true }), []);
    assert.deepEqual(rowsOf({ snapshot: undefined }, { report: undefined, settled: true }), []);
  });
});
