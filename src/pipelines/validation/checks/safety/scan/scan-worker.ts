/** Worker thread that scans all files of a repository, so that the scan does not block the event loop of the checks. */
import { hash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { languageOf } from '../../../../detection/extract/languages.ts';
import { findAllowedLines } from './allow-marks.ts';
import { needsConfirmation, type RuleMatch, scanText, topicOf } from './scan.ts';
import {
  type FileResult,
  type FromScanWorker,
  maxTextBytes,
  type ScanJob,
  type ScanWorkerData,
} from './scan-messages.ts';

const { kind, root, jobs, knownHashes } = workerData as ScanWorkerData;
const knownHashSet = new Set(knownHashes);
const send = (message: FromScanWorker): void => parentPort?.postMessage(message);
/** Time between two messages. Results that were not sent are lost if the thread is terminated. */
const sendIntervalMs = 50;
/** Number of characters kept of a hash: 72 bits. */
const hashLength = 12;

async function scanFile({ file, context }: ScanJob): Promise<FileResult> {
  const bytes = readText(join(root, file));
  if (typeof bytes === 'string') return bytes;
  // The result also depends on the name and the kind of the file.
  const header = `${kind} ${basename(file)} ${context}\0`;
  const key = hash('sha256', Buffer.concat([Buffer.from(header), bytes]), 'base64url').slice(0, hashLength);
  if (knownHashSet.has(key)) return { hash: key };
  const text = bytes.toString('utf8');
  if (kind === 'code')
    return { hash: key, matches: await findCodeMatches(file, text, context === 'test' || context === 'named_test') };
  // Imported on first use, because the rules are half a megabyte and not needed if all files are known.
  const { findSecrets } = await import('../secrets/find-secrets.ts');
  return { hash: key, matches: await findSecrets(file, text, context) };
}

/** Scans a source file. The parser is only loaded if a match has to be confirmed as a call. */
async function findCodeMatches(file: string, text: string, isTest: boolean): Promise<RuleMatch[]> {
  const matches = scanText(file, text, isTest);
  const language = languageOf(file);
  if (!language || !matches.some(needsConfirmation)) return markAllowed(file, text, matches);
  const { confirmCalls } = await import('./confirm-calls.ts');
  return markAllowed(file, text, await confirmCalls(join(root, file), text, language, matches));
}

/** Adds the name of the comment that accepts a match, if any. Escape hatches and to-dos are counted regardless. */
function markAllowed(file: string, text: string, matches: readonly RuleMatch[]): RuleMatch[] {
  const canBeAllowed = ({ rule }: RuleMatch): boolean => ['danger', 'debug'].includes(topicOf(rule) ?? '');
  if (!matches.some(canBeAllowed)) return [...matches];
  const allowedBy = findAllowedLines(file, text, 'code');
  return matches.map((match) => {
    const mark = canBeAllowed(match) ? allowedBy(match.line) : undefined;
    return mark === undefined ? match : { ...match, allowedBy: mark };
  });
}

function readText(path: string): Buffer | 'not_text' | 'large' {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile()) return 'not_text';
    if (stats.size > maxTextBytes) return 'large';
    const bytes = readFileSync(path);
    return bytes.includes(0) ? 'not_text' : bytes;
  } catch {
    return 'not_text';
  }
}

let results: FileResult[] = [];
let lastSentMs = performance.now();
for (const job of jobs) {
  results.push(await scanFile(job));
  if (performance.now() - lastSentMs < sendIntervalMs) continue;
  send({ type: 'results', results });
  results = [];
  lastSentMs = performance.now();
}
send({ type: 'results', results });
send({ type: 'end' });
