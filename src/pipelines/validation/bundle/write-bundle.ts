/** The bundle: one folder that holds everything a validation said, with hashes by which any change to it is found. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isManifest, isReceipt, type Manifest, manifestSchema, type Receipt } from '../../../protocol/receipt.ts';
import type { Validation } from '../../../protocol/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import { receipting, reporting } from '../run/validation-telemetry.ts';
import { summaryOf } from '../verdict/summary.ts';
import { bytesOf, jsonOf, listing, readJson } from './bundle-files.ts';
import { prometheusOf } from './prometheus.ts';
import { type Origin, receiptOf } from './receipt.ts';
import { reportOf } from './report.ts';

export interface Bundle {
  /** Absolute. */
  readonly folder: string;
  readonly receipt: Receipt;
}

/** Text of the log of each check that has one, by its id. */
export type Logs = ReadonlyMap<string, string>;

const attemptsMost = 100;

/** Writes to this folder, whole or not at all; replaces a bundle there, and throws where anything else is there. */
export async function writeBundle(
  folder: string,
  validation: Validation,
  logs: Logs,
  origin: Origin = {},
): Promise<Bundle> {
  const target = resolve(folder);
  const foreign = await foreignIn(target);
  if (foreign !== undefined) {
    throw new Error(`${target} holds ${foreign}, which is no part of a bundle. Name a folder that is empty or new.`);
  }
  return write(validation, logs, origin, target, (staged) => replace(staged, target));
}

/** Writes to a folder of its own below this one, named by the start of the run in UTC: `2026-01-31-235959`, then `…-2`. */
export async function writeBundleByTime(
  parent: string,
  validation: Validation,
  logs: Logs,
  origin: Origin = {},
): Promise<Bundle> {
  const name = validation.startedAt.slice(0, 19).replace('T', '-').replaceAll(':', '');
  return write(validation, logs, origin, join(resolve(parent), name), claim);
}

/** The texts of all files by their paths, and the receipt, which is the last of them. */
function contentOf(
  validation: Validation,
  logs: Logs,
  origin: Origin,
): { files: Map<string, string>; receipt: Receipt } {
  const files = new Map<string, string>();
  for (const [id, text] of logs) files.set(`logs/${fileNameOf(id)}.log`, text);
  files.set('metrics.prom', prometheusOf(validation));
  files.set(
    'report.json',
    reporting('json', () => jsonOf(validation)),
  );
  files.set(
    'report.md',
    reporting('markdown', () => reportOf(validation)),
  );
  files.set('summary.txt', summaryOf(validation));
  const manifest = jsonOf(manifestOf(files));
  const receipt = receipting(() => receiptOf(validation, hashOf(manifest), origin));
  files.set('manifest.json', manifest).set('receipt.json', jsonOf(receipt));
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

/** A user's own ids may hold what a system does not allow in the name of a file. */
function fileNameOf(id: string): string {
  return id.replace(/[^\w.-]/gu, (character) => `%${Buffer.from(character).toString('hex')}`);
}

async function write(
  validation: Validation,
  logs: Logs,
  origin: Origin,
  target: string,
  settle: (staged: string, target: string) => Promise<string>,
): Promise<Bundle> {
  const { files, receipt } = contentOf(validation, logs, origin);
  // Beside its place, so that it is moved there in one step.
  const staged = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(join(staged, 'logs'), { recursive: true });
    await Promise.all([...files].map(([path, text]) => writeFile(join(staged, path), text)));
    return { folder: await settle(staged, target), receipt };
  } catch (error) {
    await rm(staged, { recursive: true, force: true });
    throw new Error(`The bundle could not be written: ${(error as Error).message}. Name another folder.`);
  }
}

/** Takes the place of the bundle that is there; another run may do the same at the same time, and the last one stays. */
async function replace(staged: string, target: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    if (await moved(staged, target, attempt)) return target;
    const aside = `${staged}.${attempt}`;
    // What was put there since we looked is moved, and not deleted.
    if ((await moved(target, aside, 1).catch(() => false)) && (await foreignIn(aside)) === undefined) {
      await rm(aside, { recursive: true, force: true });
    }
  }
}

/** The first name that nobody has; a folder with files in it is never replaced. */
async function claim(staged: string, target: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? target : `${target}-${number}`;
    if (await moved(staged, name, number)) return name;
  }
}

/** Whether it was moved; not where something is in the way. Throws for all else, and after many attempts. */
async function moved(from: string, to: string, attempt: number): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const inTheWay = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (inTheWay && attempt < attemptsMost) return false;
    throw error;
  }
}

/** A file there that no bundle of ours has; nothing where the folder is free. */
async function foreignIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`${folder} cannot be a bundle: ${error.message}. Name another folder.`);
  });
  if (names.length === 0) return undefined;
  const receipt = readJson(await bytesOf(folder, 'receipt.json'), isReceipt);
  const manifest = readJson(await bytesOf(folder, 'manifest.json'), isManifest);
  if (!receipt || !manifest) return names.sort()[0];
  const known = new Set(['receipt.json', 'manifest.json', ...manifest.files.map(({ path }) => path)]);
  return (await listing(folder)).find((file) => !known.has(file));
}
