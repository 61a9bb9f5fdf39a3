/** Verification: every byte of a bundle against its manifest, the manifest against the receipt, the receipt against itself. */
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { isManifest, isReceipt, type Manifest, type Receipt, type Verification } from '../../../protocol/receipt.ts';
import { isValidation, type Validation } from '../../../protocol/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import { canonical } from '../verdict/canonical-json.ts';
import { bytesOf, jsonOf, listing, readJson } from './bundle-files.ts';
import { chainOf, checkHash, receiptChecks, receiptHash } from './receipt.ts';

/** There is nothing to verify; the message says what to name instead. */
export class NoBundleError extends Error {}

/** Whether a bundle, named by its folder or by its receipt, is as it was written; rejects where there is none. */
export async function verify(path: string): Promise<Verification> {
  const folder = await folderOf(resolve(path));
  const present = await listing(folder);
  if (!present.includes('receipt.json') && !present.includes('manifest.json')) {
    throw new NoBundleError(`${folder} holds no receipt.json. Name the folder that a validation wrote its bundle to.`);
  }
  const [receipt, manifest] = [await bytesOf(folder, 'receipt.json'), await bytesOf(folder, 'manifest.json')];
  const [said, listed] = [readJson(receipt, isReceipt), readJson(manifest, isManifest)];
  const faults = [
    ...receiptFaults(receipt, said),
    ...manifestFaults(manifest, listed, said),
    ...(listed ? await fileFaults(folder, listed, present) : []),
    ...reportFaults(readJson(await bytesOf(folder, 'report.json'), isValidation), said),
  ];
  return {
    ok: faults.length === 0,
    folder,
    faults,
    files: present.length,
    checks: said?.checks.length ?? 0,
    ...(said ? { hash: said.hash, verdict: said.verdict, score: said.score, profile: said.profile } : {}),
  };
}

async function folderOf(path: string): Promise<string> {
  const about = await stat(path).catch(() => undefined);
  if (about?.isDirectory()) return path;
  if (about && basename(path) === 'receipt.json') return dirname(path);
  throw new NoBundleError(
    about
      ? `${path} is no receipt.json. Name a bundle's folder, or the receipt.json in it.`
      : `There is no ${path}. Name a bundle's folder, or the receipt.json in it.`,
  );
}

function receiptFaults(bytes: Buffer | undefined, receipt: Receipt | undefined): string[] {
  if (!bytes) return ['receipt.json is missing.'];
  if (!receipt) return ['receipt.json was changed: it is no receipt.'];
  const { checks } = receipt;
  const chain = chainOf(checks.map(({ hash }) => hash));
  const broken = checks.findIndex((check, index) => check.chain !== chain[index]);
  return [
    ...(bytes.equals(Buffer.from(jsonOf(receipt)))
      ? []
      : ['receipt.json was changed: it is not in the form it was written in.']),
    ...(broken < 0
      ? []
      : [
          `receipt.json was changed: its chain breaks at ${checks[broken]?.id}, check ${broken + 1} of ${checks.length}.`,
        ]),
    ...(receipt.hash === receiptHash(receipt)
      ? []
      : ['receipt.json was changed: its hash is not that of what it says.']),
  ];
}

function manifestFaults(bytes: Buffer | undefined, manifest: Manifest | undefined, receipt?: Receipt): string[] {
  if (!bytes) return ['manifest.json is missing.'];
  return [
    ...(receipt && receipt.manifestHash !== hashOf(bytes)
      ? ['manifest.json was changed: its SHA-256 is not the one in receipt.json.']
      : []),
    ...(manifest ? [] : ['manifest.json was changed: it is no manifest.']),
  ];
}

/** What is missing, changed, or there without being named. */
async function fileFaults(folder: string, { files }: Manifest, present: readonly string[]): Promise<string[]> {
  const known = new Set(['receipt.json', 'manifest.json', ...files.map(({ path }) => path)]);
  const extra = present.filter((file) => !known.has(file));
  const faults = extra.map((file) => `${file} is no part of the bundle: manifest.json does not name it.`);
  for (const { path, bytes, sha256 } of files) {
    // A path out of the folder is never among those present, so nothing outside is read.
    const content = present.includes(path) ? await bytesOf(folder, path) : undefined;
    if (!present.includes(path)) faults.push(`${path} is missing.`);
    else if (!content) faults.push(`${path} was changed: it is no regular file.`);
    else if (content.length !== bytes)
      faults.push(`${path} was changed: it has ${content.length} bytes, not ${bytes}.`);
    else if (hashOf(content) !== sha256)
      faults.push(`${path} was changed: its SHA-256 is not the one in manifest.json.`);
  }
  return faults;
}

/** Where the report was read: each check by its own content, and all that the receipt says of the whole. */
function reportFaults(report: Validation | undefined, receipt: Receipt | undefined): string[] {
  if (!report) return ['report.json is missing, or no report.'];
  const wrong = report.checks.flatMap((check) => [
    ...check.evidence.flatMap(({ content, hash }) =>
      hashOf(content) === hash ? [] : [`report.json was changed: evidence of ${check.id} does not have its hash.`],
    ),
    ...(checkHash(check) === check.hash ? [] : [`report.json was changed: ${check.id} does not have its hash.`]),
  ]);
  return [...wrong, ...(receipt ? differences(report, receipt) : [])];
}

const shared = [
  'verdict',
  'runVerdict',
  'score',
  'profile',
  'mode',
  'durationNs',
  'startedAt',
  'git',
  'tools',
] as const satisfies readonly (keyof Validation & keyof Receipt)[];

function differences(report: Validation, receipt: Receipt): string[] {
  const same = (one: unknown, other: unknown): boolean => canonical(one ?? null) === canonical(other ?? null);
  const facts = shared.filter((key) => !same(report[key], receipt[key]));
  const checks = receiptChecks(report.checks);
  const longest = Math.max(checks.length, receipt.checks.length);
  const row = Array.from({ length: longest }, (_, at) => at).find((at) => !same(checks[at], receipt.checks[at]));
  const names = row === undefined ? [] : [checks[row]?.id ?? 'nothing', receipt.checks[row]?.id ?? 'nothing'];
  return [
    ...facts.map((key) => `report.json does not match receipt.json: its ${key} is another.`),
    ...(row === undefined
      ? []
      : [
          `report.json does not match receipt.json: as check ${row + 1} the one has ${names[0]}, the other ${names[1]}.`,
        ]),
  ];
}
