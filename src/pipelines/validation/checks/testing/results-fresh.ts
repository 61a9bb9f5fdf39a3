/** Whether results of tests that lie in the workspace are green, and newer than what they tell of. */
import { glob, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../../../detection/files/content-hash.ts';
import { type Context, type FoundEvidence, fault, type Outcome, pass, skip } from '../../check/check.ts';
import { counted, findingsOf } from '../../check/findings.ts';
import { dialectOf } from './dialects/dialects.ts';

/** As runners and coverage tools name them, tracked or not. */
const names = [
  '{,reports/,test-results/,build/,out/,target/nextest/*/}{junit,test-results,results,TEST-*,report,nosetests}.xml',
  'test-results/*.xml',
  'coverage/{lcov.info,coverage-final.json,coverage-summary.json,cobertura-coverage.xml,clover.xml}',
  '{coverage.xml,coverage.json,coverage.out,cover.out,lcov.info,.coverage}',
];
const longestBytes = 20_000_000;

interface Result {
  readonly file: string;
  readonly changedMs: number;
  readonly hash: string;
  /** Of a report in JUnit's form. */
  readonly failed?: number;
}

export async function resultsFresh(context: Context): Promise<Outcome> {
  const results = await resultsIn(context);
  if (results.length === 0) return skip('not_applicable', 'No results of tests or coverage lie in the workspace.');
  const newest = await newestSource(context);
  if (!newest) return skip('not_applicable', 'There is no source file that the results could tell of.');
  const failing = results.filter(({ failed }) => (failed ?? 0) > 0);
  const old = results.filter(({ changedMs }) => changedMs < newest.changedMs);
  const evidence = results.map(({ file, hash }): FoundEvidence => ({ kind: 'hash', content: hash, path: file }));
  if (failing.length + old.length === 0) {
    return pass(`${counted(results.length, 'result')} of tests or coverage, all newer than the sources.`, { evidence });
  }
  const said = [
    ...(failing.length > 0 ? [`${counted(failing.length, 'result tells', 'results tell')} of failing tests`] : []),
    ...(old.length > 0 ? [`${counted(old.length, 'is', 'are')} older than ${newest.file}`] : []),
  ];
  return fault(`Of ${counted(results.length, 'result')} of tests or coverage, ${said.join(' and ')}.`, {
    evidence,
    findings: [
      ...findingsOf(failing, ({ file, failed }) => ({ file, message: `${failed} failing.` })),
      ...findingsOf(old, ({ file }) => ({ file, message: `Older than ${newest.file}.` })),
    ],
    remediation: [
      {
        priority: 'low',
        title: 'Run the tests again',
        steps: ['Results that are older than the sources promise nothing.'],
      },
    ],
  });
}

async function resultsIn({ repository, signal }: Context): Promise<Result[]> {
  const files = new Set<string>();
  for (const pattern of names) {
    for await (const file of glob(pattern, { cwd: repository.root })) files.add(file.replaceAll('\\', '/'));
  }
  const results: Result[] = [];
  for (const file of [...files].sort()) {
    signal.throwIfAborted();
    const path = join(repository.root, file);
    const about = await stat(path);
    if (!about.isFile() || about.size > longestBytes) continue;
    const bytes = await readFile(path);
    const text = file.endsWith('.xml') ? bytes.toString('utf8') : '';
    const isJunit = /<testsuites?\b/.test(text);
    // Other tools' reports and feeds bear such names too.
    if (file.endsWith('.xml') && !isJunit && !/<coverage\b/.test(text)) continue;
    results.push({
      file,
      changedMs: about.mtimeMs,
      hash: hashOf(bytes),
      ...(isJunit ? { failed: failedIn(text) } : {}),
    });
  }
  return results;
}

/** Cases with a failure or an error in them. */
const failedIn = (text: string): number => text.match(/<(?:failure|error)\b/g)?.length ?? 0;

async function newestSource({ repository, signal }: Context): Promise<{ file: string; changedMs: number } | undefined> {
  let newest: { file: string; changedMs: number } | undefined;
  for (const file of await repository.files()) {
    if (!dialectOf(file) || repository.isForeign(file)) continue;
    signal.throwIfAborted();
    const about = await stat(join(repository.root, file)).catch(() => undefined);
    if (about && about.mtimeMs > (newest?.changedMs ?? 0)) newest = { file, changedMs: about.mtimeMs };
  }
  return newest;
}
