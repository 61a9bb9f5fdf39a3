/** Checks that test and coverage results in the workspace are green and newer than the source files. */
import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { plural } from '../../../../protocol/plural.ts';
import { hashOf } from '../../../detection/files/content-hash.ts';
import {
  type Check,
  type CheckContext,
  type CheckOutcome,
  fail,
  pass,
  type RawEvidence,
  skip,
} from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { dialectOf } from './dialects/dialects.ts';

export const resultsFresh: Check = {
  id: 'TST_RESULTS_FRESH',
  category: 'tests',
  severity: 'info',
  minProfile: 'enterprise',
  title: 'Test results are green and newer than the source files',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: checkResults,
};

/** Usual names of test and coverage results, tracked or not. */
const resultPatterns = [
  '{,reports/,test-results/,build/,out/,target/nextest/*/}{junit,test-results,results,TEST-*,report,nosetests}.xml',
  'test-results/*.xml',
  'coverage/{lcov.info,coverage-final.json,coverage-summary.json,cobertura-coverage.xml,clover.xml}',
  '{coverage.xml,coverage.json,coverage.out,cover.out,lcov.info,.coverage}',
];
const maxResultBytes = 20_000_000;

interface TestResultFile {
  readonly file: string;
  readonly modifiedMs: number;
  readonly hash: string;
  /** Number of failed tests; only for JUnit reports. */
  readonly failed?: number;
}

async function checkResults(context: CheckContext): Promise<CheckOutcome> {
  const results = await findResults(context);
  if (results.length === 0) return skip('not_applicable', 'No test or coverage results in the workspace.');
  const newest = await newestSource(context);
  if (!newest) return skip('not_applicable', 'No source files to which the results could apply.');
  const failing = results.filter(({ failed }) => (failed ?? 0) > 0);
  const outdated = results.filter(({ modifiedMs }) => modifiedMs < newest.modifiedMs);
  const evidence = results.map(({ file, hash }): RawEvidence => ({ kind: 'hash', content: hash, path: file }));
  const count = plural(results.length, 'test or coverage result');
  if (failing.length + outdated.length === 0) return pass(`${count}, all newer than the source files.`, { evidence });
  const problems = [
    ...(failing.length > 0 ? [`${plural(failing.length, 'contains', 'contain')} failed tests`] : []),
    ...(outdated.length > 0 ? [`${plural(outdated.length, 'is', 'are')} older than ${newest.file}`] : []),
  ];
  return fail(`Of ${count}, ${problems.join(' and ')}.`, {
    evidence,
    findings: [
      ...findingsOf(failing, ({ file, failed = 0 }) => ({ file, message: `${plural(failed, 'failed test')}.` })),
      ...findingsOf(outdated, ({ file }) => ({ file, message: `Older than ${newest.file}.` })),
    ],
    remediation: [
      {
        priority: 'low',
        title: 'Run the tests again',
        steps: ['Run the tests, so that the results match the current source files.'],
      },
    ],
  });
}

async function findResults({ repository, signal }: CheckContext): Promise<TestResultFile[]> {
  const files = new Set<string>();
  for (const pattern of resultPatterns) {
    for await (const file of glob(pattern, { cwd: repository.root })) files.add(file.replaceAll('\\', '/'));
  }
  const results: TestResultFile[] = [];
  for (const file of [...files].sort()) {
    signal.throwIfAborted();
    const path = join(repository.root, file);
    const stats = await stat(path);
    if (!stats.isFile() || stats.size > maxResultBytes) continue;
    const bytes = await readFile(path);
    const text = file.endsWith('.xml') ? bytes.toString('utf8') : '';
    const isJunit = /<testsuites?\b/.test(text);
    // Reports of other tools and feeds can have the same names.
    if (file.endsWith('.xml') && !isJunit && !/<coverage\b/.test(text)) continue;
    results.push({
      file,
      modifiedMs: stats.mtimeMs,
      hash: hashOf(bytes),
      ...(isJunit ? { failed: countFailed(text) } : {}),
    });
  }
  return results;
}

/** Counts the failures and errors in a JUnit report. */
const countFailed = (text: string): number => text.match(/<(?:failure|error)\b/g)?.length ?? 0;

async function newestSource({
  repository,
  signal,
}: CheckContext): Promise<{ readonly file: string; readonly modifiedMs: number } | undefined> {
  let newest: { file: string; modifiedMs: number } | undefined;
  for (const file of await repository.files()) {
    if (!dialectOf(file) || repository.isForeign(file)) continue;
    signal.throwIfAborted();
    const stats = await stat(join(repository.root, file)).catch(() => undefined);
    if (stats && stats.mtimeMs > (newest?.modifiedMs ?? 0)) newest = { file, modifiedMs: stats.mtimeMs };
  }
  return newest;
}
