/** The thread that reads all texts: rules over whole repositories must not hold the loop of the others. */
import { hash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { languageOf } from '../../../../detection/extract/languages.ts';
import { type Hit, isCall, sweep } from './scan.ts';
import { type FromSweeper, type Job, type Look, mostBytes, type SweeperData } from './scan-messages.ts';

const { kind, root, jobs, known } = workerData as SweeperData;
const seen = new Set(known);
const tell = (message: FromSweeper): void => parentPort?.postMessage(message);
/** Between two messages: what was not told yet is lost where the thread is ended. */
const beatMs = 50;
/** Characters of a hash that are kept: 72 bits. */
const hashLength = 12;

async function lookAt({ file, free }: Job): Promise<Look> {
  const bytes = read(join(root, file));
  if (typeof bytes === 'string') return bytes;
  // The same content counts in another way where it is a test or has another ending.
  const about = `${kind} ${basename(file)} ${free}\0`;
  const key = hash('sha256', Buffer.concat([Buffer.from(about), bytes]), 'base64url').slice(0, hashLength);
  if (seen.has(key)) return { hash: key };
  const text = bytes.toString('utf8');
  if (kind === 'code') return { hash: key, found: await hitsIn(file, text, free) };
  // Half a megabyte of rules: loaded where there is something new to look at.
  const { secretsIn } = await import('../secrets/find-secrets.ts');
  return { hash: key, found: await secretsIn(file, text, free) };
}

/** A parser is loaded where a word may be a call that is looked for. */
async function hitsIn(file: string, text: string, free: boolean): Promise<Hit[]> {
  const hits = sweep(file, text, free);
  const language = languageOf(file);
  if (!language || !hits.some(isCall)) return hits;
  const { confirmed } = await import('./confirm-calls.ts');
  return confirmed(join(root, file), text, language, hits);
}

function read(path: string): Buffer | 'none' | 'large' {
  try {
    const about = lstatSync(path);
    if (!about.isFile()) return 'none';
    if (about.size > mostBytes) return 'large';
    const bytes = readFileSync(path);
    return bytes.includes(0) ? 'none' : bytes;
  } catch {
    return 'none';
  }
}

let looks: Look[] = [];
let told = performance.now();
for (const job of jobs) {
  looks.push(await lookAt(job));
  if (performance.now() - told < beatMs) continue;
  tell({ type: 'looks', looks });
  looks = [];
  told = performance.now();
}
tell({ type: 'looks', looks });
tell({ type: 'end' });
