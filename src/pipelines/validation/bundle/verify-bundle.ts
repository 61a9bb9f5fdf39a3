/** Verifies a bundle: all files against the manifest, the manifest against the receipt, and the receipt's own hashes. */
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import {
  isManifest,
  isReceipt,
  type Manifest,
  type Receipt,
  type Verification,
} from '../../../protocol/validation/receipt.ts';
import { isValidation, type Validation } from '../../../protocol/validation/validation.ts';
import { hashOf } from '../../detection/files/content-hash.ts';
import { canonicalJson } from '../verdict/canonical-json.ts';
import { checkHash } from '../verdict/check-hash.ts';
import { formatJson, listFilesIn, readBundleFile, readJson } from './bundle-files.ts';
import { chainHashes, receiptChecks, receiptHash } from './receipt.ts';

/** Error for a path that is not a bundle. Its message says what to select instead. */
export class NoBundleError extends Error {}

/**
 * Checks that a bundle is unchanged since it was written. Rejects with a NoBundleError if there is no bundle.
 * @param path folder of the bundle, or its `receipt.json`
 */
export async function verifyBundleAt(path: string): Promise<Verification> {
  const folder = await folderOf(resolve(path));
  const present = await listFilesIn(folder);
  if (!present.includes('receipt.json') && !present.includes('manifest.json')) {
    throw new NoBundleError(`${folder} does not contain a receipt.json. Select the folder of a validation bundle.`);
  }
  const receiptBytes = await readBundleFile(folder, 'receipt.json');
  const manifestBytes = await readBundleFile(folder, 'manifest.json');
  const receipt = readJson(receiptBytes, isReceipt);
  const manifest = readJson(manifestBytes, isManifest);
  const report = readJson(await readBundleFile(folder, 'report.json'), isValidation);
  const faults = [
    ...receiptErrors(receiptBytes, receipt),
    ...manifestErrors(manifestBytes, manifest, receipt),
    ...(manifest ? await fileErrors(folder, manifest, present) : []),
    ...reportErrors(report, receipt),
  ];
  return {
    ok: faults.length === 0,
    folder,
    faults,
    files: present.length,
    checks: receipt?.checks.length ?? 0,
    ...(receipt
      ? { hash: receipt.hash, verdict: receipt.verdict, score: receipt.score, profile: receipt.profile }
      : {}),
  };
}

async function folderOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory()) return path;
  if (stats && basename(path) === 'receipt.json') return dirname(path);
  const problem = stats ? `${path} is not a receipt.json.` : `${path} does not exist.`;
  throw new NoBundleError(`${problem} Select the folder of a bundle, or the receipt.json in it.`);
}

function receiptErrors(bytes: Buffer | undefined, receipt: Receipt | undefined): string[] {
  if (!bytes) return ['receipt.json is missing.'];
  if (!receipt) return ['receipt.json was changed: it is not a valid receipt.'];
  const { checks } = receipt;
  const chain = chainHashes(checks.map(({ hash }) => hash));
  const broken = checks.findIndex((check, index) => check.chain !== chain[index]);
  const errors: string[] = [];
  if (!bytes.equals(Buffer.from(formatJson(receipt)))) {
    errors.push('receipt.json was changed: its formatting differs from the original.');
  }
  if (broken >= 0) {
    const position = `${checks[broken]?.id}, check ${broken + 1} of ${checks.length}`;
    errors.push(`receipt.json was changed: its chain breaks at ${position}.`);
  }
  if (receipt.hash !== receiptHash(receipt)) {
    errors.push('receipt.json was changed: its hash does not match its content.');
  }
  return errors;
}

function manifestErrors(bytes: Buffer | undefined, manifest: Manifest | undefined, receipt?: Receipt): string[] {
  if (!bytes) return ['manifest.json is missing.'];
  return [
    ...(receipt && receipt.manifestHash !== hashOf(bytes)
      ? ['manifest.json was changed: its SHA-256 differs from the one in receipt.json.']
      : []),
    ...(manifest ? [] : ['manifest.json was changed: it is not a valid manifest.']),
  ];
}

/** Returns an error for each file that is missing, changed or not listed in the manifest. */
async function fileErrors(folder: string, { files }: Manifest, present: readonly string[]): Promise<string[]> {
  const expected = new Set(['receipt.json', 'manifest.json', ...files.map(({ path }) => path)]);
  const extra = present.filter((file) => !expected.has(file));
  const errors = extra.map((file) => `${file} does not belong to the bundle: manifest.json does not list it.`);
  for (const { path, bytes, sha256 } of files) {
    // Paths that lead out of the folder are never in `present`, so no other file is read.
    const content = present.includes(path) ? await readBundleFile(folder, path) : undefined;
    if (!present.includes(path)) errors.push(`${path} is missing.`);
    else if (!content) errors.push(`${path} was changed: it is not a regular file.`);
    else if (content.length !== bytes)
      errors.push(`${path} was changed: it has ${content.length} bytes instead of ${bytes}.`);
    else if (hashOf(content) !== sha256)
      errors.push(`${path} was changed: its SHA-256 differs from the one in manifest.json.`);
  }
  return errors;
}

/** Checks the hashes of all results in the report, and the report against the receipt. */
function reportErrors(report: Validation | undefined, receipt: Receipt | undefined): string[] {
  if (!report) return ['report.json is missing or not a valid report.'];
  const errors = report.checks.flatMap((check) => [
    ...check.evidence.flatMap(({ content, hash }) =>
      hashOf(content) === hash ? [] : [`report.json was changed: evidence of ${check.id} does not match its hash.`],
    ),
    ...(checkHash(check) === check.hash ? [] : [`report.json was changed: ${check.id} does not match its hash.`]),
  ]);
  return [...errors, ...(receipt ? differences(report, receipt) : [])];
}

/** Properties that report and receipt have in common. */
const sharedKeys = [
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
  const isEqual = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);
  const keys = sharedKeys.filter((key) => !isEqual(report[key], receipt[key]));
  const errors = keys.map((key) => `report.json does not match receipt.json: its ${key} differs.`);
  const checks = receiptChecks(report.checks);
  const length = Math.max(checks.length, receipt.checks.length);
  const row = Array.from({ length }, (_, index) => index).find(
    (index) => !isEqual(checks[index], receipt.checks[index]),
  );
  if (row === undefined) return errors;
  const [inReport, inReceipt] = [checks[row]?.id ?? 'missing', receipt.checks[row]?.id ?? 'missing'];
  const ids = inReport === inReceipt ? inReport : `${inReport} in the report, ${inReceipt} in the receipt`;
  return [...errors, `report.json does not match receipt.json: check ${row + 1} differs (${ids}).`];
}
