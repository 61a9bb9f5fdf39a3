import { strict as assert } from 'node:assert';
import { reportRows } from '../../../src/editor/validation/report-rows.ts';
import type { TreeRow } from '../../../src/editor/views/tree-row.ts';
import { check, report } from '../../fixtures/report.ts';

const all = (rows: readonly TreeRow[]): TreeRow[] => rows.flatMap((row) => [row, ...all(row.rows ?? [])]);

function rowOf(rows: readonly TreeRow[], id: string): TreeRow {
  const row = all(rows).find((candidate) => candidate.id === id);
  assert.ok(row, `no row ${id} among ${all(rows).map((candidate) => candidate.id)}`);
  return row;
}

describe('report rows', () => {
  const rows = reportRows(report());

  it('start with the verdict, its score and its reasons', () => {
    const [verdict] = rows;
    assert.equal(verdict?.label, 'Not ready');
    assert.equal(verdict?.description, '63 of 100 · profile dev · 1.20 s · 1 of 2 categories evaluated');
    assert.equal(verdict?.icon.name, 'error');
    assert.deepEqual(
      verdict?.rows?.map(({ label }) => label),
      report().reasons,
    );
  });

  it('have unique ids', () => {
    const ids = all(rows).map(({ id }) => id);
    assert.ok(ids.length > 12);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('show status, score and duration of each category, and expand failed ones', () => {
    const workspace = rowOf(rows, 'category workspace');
    assert.equal(workspace.label, 'A Workspace integrity');
    assert.equal(workspace.description, 'failed · 48 of 100 · 36.0 ms');
    assert.equal(workspace.open, true);
    const build = rowOf(rows, 'category build');
    assert.match(build.description, /^skipped · not evaluated/);
    assert.equal(build.open, undefined);
  });

  it('say that a duration is a lower bound, that a category does not apply, and which files are not judged', () => {
    const stopped = check('SLOW', {
      category: 'build',
      status: 'skip',
      skipReason: 'timeout',
      stopped: true,
      durationNs: 2e9,
    });
    const { categories, checks } = report();
    const more = reportRows(
      report({
        checks: [...checks, stopped],
        categories: categories.map((category) => ({
          ...category,
          ...(category.id === 'build' ? { notApplicable: true } : {}),
        })),
        coverage: {
          ...{ judged: 1200, untracked: 2, foreign: 3, binary: 0, large: 1, pointers: 0, missing: 0 },
          ...{ ignored: 4, submodules: 1, nestedRepositories: 0 },
        },
      }),
    );
    assert.match(rowOf(more, 'category build').description, /^skipped · not applicable · at least /);
    assert.match(rowOf(more, 'check SLOW').description, /· at least 2\.00 s$/);
    assert.match(
      more[0]?.tooltip ?? '',
      /Files: 1,200 judged \(2 files untracked\); not judged: 3 generated, vendored or test data, 1 larger than 2 MB, 1 submodule, 4 ignored files and folders\./,
    );
    assert.doesNotMatch(rows[0]?.tooltip ?? '', /Files:/);
  });

  it('omit categories without checks', () => {
    const { checks } = report();
    const without = reportRows(report({ checks: checks.filter(({ category }) => category !== 'build') }));
    assert.ok(all(rows).some(({ id }) => id === 'category build'));
    assert.ok(!all(without).some(({ id }) => id === 'category build'));
  });

  it('list failed checks first', () => {
    assert.deepEqual(
      rowOf(rows, 'category workspace').rows?.map(({ label, description }) => [label, description.split(' · ')[0]]),
      [
        ['WS_CONFLICTS', 'failed'],
        ['WS_GIT_CLEAN', 'warning'],
        ['WS_GIT_HEAD', 'passed'],
      ],
    );
  });

  it('open the location of a finding', () => {
    const location = { file: '/home/someone/shop/src/cart.ts', line: 9 };
    const finding = rowOf(rows, 'finding WS_CONFLICTS 1');
    assert.deepEqual(finding.command?.arguments, [location]);
    assert.deepEqual(finding.location, location);
    assert.equal(rowOf(rows, 'check WS_CONFLICTS').location?.line, 4);
  });

  it('open no location for a finding about a folder', () => {
    const findings = [
      { file: 'src/new/', message: 'Not committed.' },
      { file: 'b.ts', message: 'Not committed.' },
    ];
    const folders = reportRows(report({ checks: [check('WS_GIT_CLEAN', { status: 'warn', findings })] }));
    assert.equal(rowOf(folders, 'finding WS_GIT_CLEAN 0').command, undefined);
    assert.ok(rowOf(folders, 'finding WS_GIT_CLEAN 1').command);
    assert.deepEqual(rowOf(folders, 'check WS_GIT_CLEAN').location, { file: '/home/someone/shop/b.ts', line: 1 });
  });

  it('mark checks that have a quick fix', () => {
    const fixable = rowOf(rows, 'check WS_CONFLICTS');
    assert.match(fixable.context, /^pipescope\.check fail placed fixable$/);
    assert.equal(fixable.part, 0);
    assert.equal(rowOf(rows, 'remediation WS_CONFLICTS 0').description, 'critical · git mergetool');
    assert.doesNotMatch(rowOf(rows, 'check WS_GIT_CLEAN').context, /fixable/);
  });

  it('show evidence with its size, and the suggested timeout', () => {
    const evidence = rowOf(rows, 'evidence WS_GIT_HEAD 0');
    assert.match(evidence.description, /^evidence · 0123456789.* · 40 B$/);
    assert.deepEqual(evidence.command?.arguments, [{ check: 'WS_GIT_HEAD', part: 0 }]);
    const suggestion = rowOf(rows, 'suggestion WS_GIT_CLEAN');
    assert.equal(suggestion.label, 'Suggested timeout: 1.00 s');
    assert.equal(suggestion.description, 'from its last 20 runs: p50 4.0 ms, p95 6.0 ms, p99 9.0 ms');
  });

  it('show at most 100 findings, and the number of the others', () => {
    const findings = Array.from({ length: 103 }, (_, line) => ({ file: 'a.ts', line: line + 1, message: 'TODO' }));
    const many = reportRows(report({ checks: [check('SAF_TODO', { findings })] }));
    assert.equal(all(many).filter(({ id }) => id.startsWith('finding ')).length, 100);
    assert.equal(rowOf(many, 'findings SAF_TODO').label, '3 more findings');
  });
});
