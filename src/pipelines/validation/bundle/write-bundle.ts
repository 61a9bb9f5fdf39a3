/** Writes the bundle of a validation: a folder with all reports and logs, and hashes that reveal any later change. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  isManifest,
  isReceipt,
  type Manifest,
  manifestSchema,
  type Receipt,
} from '../../../protocol/validation/receipt.ts';
import type { Validation } from '../../../protocol/validation/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import { traceReceipt, traceReport } from '../run/validation-telemetry.ts';
import { formatSummary } from '../verdict/summary.ts';
import { formatJson, listFilesIn, readBundleFile, readJson } from './bundle-files.ts';
import { formatPrometheus } from './prometheus.ts';
import { createReceipt, type ReceiptOrigin } from './receipt.ts';
import { formatReport } from './report.ts';

interface WrittenBundle {
  /** Absolute path. */
  readonly folder: string;
  readonly receipt: Receipt;
}

/** Log text by check id. */
type CheckLogs = ReadonlyMap<string, string>;

const maxAttempts = 100;

/** Writes a bundle atomically. Replaces a bundle at the same path; rejects if the folder contains anything else. */
export async function writeBundle(
  folder: string,
  validation: Validation,
  logs: CheckLogs,
  origin: ReceiptOrigin = {},
): Promise<WrittenBundle> {
  const target = resolve(folder);
  const foreignFile = await findForeignFile(target);
  if (foreignFile !== undefined) {
    throw new Error(
      `${target} contains ${foreignFile}, which does not belong to a bundle. Select an empty or new folder.`,
    );
  }
  return write(validation, logs, origin, target, (staged) => replace(staged, target));
}

/** Writes a bundle to a new subfolder named by the start of the run in UTC, such as `2026-01-31-235959` or `…-2`. */
export async function writeBundleByTime(
  parent: string,
  validation: Validation,
  logs: CheckLogs,
  origin: ReceiptOrigin = {},
): Promise<WrittenBundle> {
  const name = validation.startedAt.slice(0, 19).replace('T', '-').replaceAll(':', '');
  return write(validation, logs, origin, join(resolve(parent), name), claim);
}

/** Creates the texts of all files by path, and the receipt. */
function createFiles(
  validation: Validation,
  logs: CheckLogs,
  origin: ReceiptOrigin,
): { files: Map<string, string>; receipt: Receipt } {
  const files = new Map<string, string>();
  for (const [id, text] of logs) files.set(`logs/${fileNameOf(id)}.log`, text);
  files.set('metrics.prom', formatPrometheus(validation));
  files.set(
    'report.json',
    traceReport('json', () => formatJson(validation)),
  );
  files.set(
    'report.md',
    traceReport('markdown', () => formatReport(validation)),
  );
  files.set('summary.txt', formatSummary(validation));
  const manifest = formatJson(manifestOf(files));
  const receipt = traceReceipt(() => createReceipt(validation, hashOf(manifest), origin));
  files.set('manifest.json', manifest).set('receipt.json', formatJson(receipt));
  return { files, receipt };
}

function manifestOf(files: ReadonlyMap<string, string>): Manifest {
  const rows = [...files].map(([path, text]) => ({
    path,
    bytes: Buffer.byteLength(text),
    sha256: hashOf(text),
    type: typeOf(path),
  }));
  return { schema: manifestSchema, files: rows.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

function typeOf(path: string): Manifest['files'][number]['type'] {
  if (path.startsWith('logs/')) return 'log';
  return path.endsWith('.prom') ? 'metrics' : 'report';
}

/** Escapes characters of custom check ids that are not allowed in file names. */
function fileNameOf(id: string): string {
  return id.replace(/[^\w.-]/gu, (character) => `%${Buffer.from(character).toString('hex')}`);
}

async function write(
  validation: Validation,
  logs: CheckLogs,
  origin: ReceiptOrigin,
  target: string,
  publish: (staged: string, target: string) => Promise<string>,
): Promise<WrittenBundle> {
  const { files, receipt } = createFiles(validation, logs, origin);
  // Beside the target, so that a single rename moves it there.
  const staged = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(join(staged, 'logs'), { recursive: true });
    await Promise.all([...files].map(([path, text]) => writeFile(join(staged, path), text)));
    return { folder: await publish(staged, target), receipt };
  } catch (error) {
    await rm(staged, { recursive: true, force: true });
    throw new Error(`Could not write the bundle: ${(error as Error).message}. Select another folder.`);
  }
}

/** Replaces the bundle at the target. If several runs do so at the same time, the last one wins. */
async function replace(staged: string, target: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    if (await tryMove(staged, target, attempt)) return target;
    const aside = `${staged}.${attempt}`;
    // Deletes only a bundle: files that appeared since the first look are kept under the new name.
    if ((await tryMove(target, aside, 1).catch(() => false)) && (await findForeignFile(aside)) === undefined) {
      await rm(aside, { recursive: true, force: true });
    }
  }
}

/** Moves the bundle to the first free name. A folder with files in it is never replaced. */
async function claim(staged: string, target: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? target : `${target}-${number}`;
    if (await tryMove(staged, name, number)) return name;
  }
}

/** Returns false if the target exists. Rejects on other errors, and after `maxAttempts`. */
async function tryMove(from: string, to: string, attempt: number): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const isOccupied = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (isOccupied && attempt < maxAttempts) return false;
    throw error;
  }
}

/** Returns a file that does not belong to a bundle, or undefined if the folder is missing, empty or a bundle. */
async function findForeignFile(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`Could not use ${folder} for the bundle: ${error.message}. Select another folder.`);
  });
  if (names.length === 0) return undefined;
  const receipt = readJson(await readBundleFile(folder, 'receipt.json'), isReceipt);
  const manifest = readJson(await readBundleFile(folder, 'manifest.json'), isManifest);
  if (!receipt || !manifest) return names.sort()[0];
  const expected = new Set(['receipt.json', 'manifest.json', ...manifest.files.map(({ path }) => path)]);
  return (await listFilesIn(folder)).find((file) => !expected.has(file));
}
