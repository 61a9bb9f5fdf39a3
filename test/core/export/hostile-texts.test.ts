/** Walks everything that writes for a terminal, a CI log or Markdown, with names as programs and files may choose them. */
import { strict as assert } from 'node:assert';
import { marked } from 'marked';
import type { BenchReport } from '../../../src/core/benchmark/bench-report.ts';
import { type BenchOutput, benchFormats } from '../../../src/core/export/bench-formats.ts';
import { formatOverheadDocument, formatOverheadLine } from '../../../src/core/export/overhead-text.ts';
import { listNotices } from '../../../src/core/export/run-notices.ts';
import { formatSnapshotLine, saveRun } from '../../../src/node/terminal/output/save-snapshot.ts';
import { Screen } from '../../../src/node/terminal/output/screen.ts';
import { formatProgress, formatSummary } from '../../../src/node/terminal/output/snapshot-table.ts';
import { joinTerminalLines } from '../../../src/protocol/escape/terminal-lines.ts';
import type { Snapshot } from '../../../src/protocol/snapshot.ts';
import { compareNow, reportOf } from '../../fixtures/benchmark.ts';
import { assertHarmlessLine, assertHarmlessLines, hostileTexts } from '../../fixtures/hostile-text.ts';
import { createTemporaryFolder } from '../../fixtures/pipeline.ts';
import { snapshotAt } from '../../fixtures/snapshot.ts';

/** Replaces every text below a value, except those in `kept`. */
function replaceTexts<Value>(value: Value, text: string, kept: ReadonlySet<string>): Value {
  if (typeof value === 'string') return (kept.has(value) ? value : text) as Value;
  if (Array.isArray(value)) return value.map((entry) => replaceTexts(entry, text, kept)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, replaceTexts(entry, text, kept)]),
  ) as Value;
}

function hostileReport(text: string, factor: number): BenchReport {
  const samples = Array.from({ length: 12 }, (_, index) => factor * (1e7 + index * 1e4));
  const report = reportOf({ cold: samples });
  const [cold] = report.cases;
  const operation = { component: 'a', name: 'b', file: 'c', line: 1, source: 'measured', samplesNs: samples } as const;
  const cases = [{ ...cold, warnings: ['a'], operations: [{ ...operation, counts: samples.map(() => 3) }] }];
  const full = { ...report, cases, git: { commit: 'a', branch: 'b', dirty: true }, order: 'A' };
  return replaceTexts(full, text, new Set(['pipescope-bench/1', 'measured'])) as BenchReport;
}

const snapshotWords = new Set([
  'running',
  'success',
  'measured',
  'sampled',
  'ok',
  'warning',
  'error',
  'off',
  'pipescope/1',
]);

function hostileSnapshot(text: string): Snapshot {
  const snapshot = replaceTexts(snapshotAt(9), text, snapshotWords);
  return { ...snapshot, notices: [text], dropped: { spans: 1, items: 1, batches: 1, calls: 1, values: 1 } };
}

/** Moves of the cursor when a table is drawn again. */
const tableMoves = new RegExp(`${'\u001b'}\\[\\d+A${'\u001b'}\\[J`, 'g');

const linesOf = (text: string): readonly string[] => text.slice(0, -1).split('\n');

describe('text from programs and files', () => {
  for (const [what, text] of Object.entries(hostileTexts)) {
    describe(`that could ${what}`, () => {
      const report = hostileReport(text, 1.5);
      const baseline = hostileReport(text, 1);
      const against = { name: text, report: baseline, comparison: compareNow(baseline, report) };

      for (const { id, write } of benchFormats) {
        it(`is harmless in the benchmark format ${id}`, () => {
          for (const output of [{ report }, { report, against }]) {
            const written = write(output);
            const lines = linesOf(written).filter(
              (line) => id !== 'github' || !/^::(error|warning|notice) [^\n]/.test(line),
            );
            for (const line of lines) assertHarmlessLine(line);
            if (id.startsWith('custom') || id === 'json' || id === 'hyperfine') JSON.parse(written);
          }
        });
      }

      it('adds no line to a benchmark text and no command to annotations', () => {
        const plain = { report: hostileReport('plain', 1.5) };
        const count = (formatId: string, output: BenchOutput): number =>
          linesOf(benchFormats.find(({ id }) => id === formatId)?.write(output) ?? '').length;
        assert.equal(count('text', { report }), count('text', plain));
        assert.equal(count('markdown', { report }), count('markdown', plain));
        const github = benchFormats.find(({ id }) => id === 'github')?.write({ report, against }) ?? '';
        const commands = linesOf(github).filter((line) => line.startsWith('::'));
        assert.equal(commands.length, 2, github);
      });

      it('is neither a link nor an element nor an image in Markdown', () => {
        const tagsIn = (output: BenchOutput, title: string): string[] => {
          const markdown = benchFormats.find(({ id }) => id === 'markdown')?.write(output) ?? '';
          const html = marked.parse(markdown + formatOverheadDocument(title, []), { async: false, gfm: true });
          return [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag);
        };
        const plain = { now: hostileReport('plain', 1.5), before: hostileReport('plain', 1) };
        const comparison = compareNow(plain.before, plain.now);
        const expected = tagsIn({ report: plain.now, against: { name: 'a', report: plain.before, comparison } }, 'a');
        assert.deepEqual(tagsIn({ report, against }, text), expected);
      });

      it('is harmless in progress, tables, summaries and notices on a terminal and in CI', () => {
        const snapshot = hostileSnapshot(text);
        for (const isTTY of [false, true]) {
          const output = { text: '', isTTY, columns: 400, write: (part: string) => (output.text += part) };
          const screen = new Screen(output, { env: { NO_COLOR: '1' } });
          screen.show(snapshot, 0);
          screen.show(snapshot, 5000);
          screen.end(snapshot);
          screen.status(text);
          screen.lines([text, ...formatSummary(snapshot), ...listNotices(snapshot), formatProgress(snapshot)]);
          using folder = new DisposableFolder();
          saveRun(snapshot, { screen, data: folder.path, file: `${folder.path}/\0`, build: () => snapshot });
          assertHarmlessLines(output.text.replaceAll(tableMoves, ''));
        }
      });

      it('is harmless in JSON on standard output', () => {
        assertHarmlessLines(formatSnapshotLine(hostileSnapshot(text)), 1);
        const overhead = { ratio: 1, low: 1, high: 1 };
        const cost = { case: text, wall: overhead, pairs: 1, events: 1, withoutNs: 1, withNs: 1 };
        assertHarmlessLines(joinTerminalLines([formatOverheadLine(cost)]), 1);
      });
    });
  }
});

class DisposableFolder {
  readonly #folder = createTemporaryFolder();
  get path(): string {
    return this.#folder.path;
  }
  [Symbol.dispose](): void {
    this.#folder.done();
  }
}
