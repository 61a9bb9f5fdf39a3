import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { verifyBundle } from '../../../../src/node/run/verify-bundle.ts';
import { formatJson, listFilesIn } from '../../../../src/pipelines/validation/bundle/bundle-files.ts';
import { chainHashes, receiptHash } from '../../../../src/pipelines/validation/bundle/receipt.ts';
import { NoBundleError, verifyBundleAt } from '../../../../src/pipelines/validation/bundle/verify-bundle.ts';
import { writeBundle } from '../../../../src/pipelines/validation/bundle/write-bundle.ts';
import type { Manifest, Receipt } from '../../../../src/protocol/validation/receipt.ts';
import { createTemporaryFolder } from '../../../fixtures/pipeline.ts';
import { createSample, mixed } from '../sample-validation.ts';

const root = join(import.meta.dirname, '../../../..');
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('verifyBundleAt', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let target: string;
  const logs = new Map([['BLD_TYPECHECK', 'é\n']]);
  beforeEach(async () => {
    temporary = createTemporaryFolder();
    target = join(temporary.path, 'out');
    await writeBundle(target, createSample(mixed), logs);
  });
  afterEach(() => temporary.done());

  const pathOf = (file: string): string => join(target, file);
  const read = <T>(file: string): T => JSON.parse(readFileSync(pathOf(file), 'utf8')) as T;

  /** Returns the errors after a change of an intact bundle. */
  async function errorsAfter(change: () => void): Promise<string> {
    assert.deepEqual((await verifyBundleAt(target)).faults, [], 'the bundle is intact before');
    change();
    const { ok, faults } = await verifyBundleAt(target);
    assert.equal(ok, faults.length === 0);
    return faults.join('\n');
  }

  /** Updates the hashes in the manifest, and optionally in the receipt, as someone would to hide a change. */
  function rehash(upTo: 'manifest' | 'receipt', edit: (receipt: Receipt) => Partial<Receipt> = () => ({})): void {
    const manifest = read<Manifest>('manifest.json');
    const files = manifest.files.map((file) => {
      const content = readFileSync(pathOf(file.path));
      return { ...file, bytes: content.length, sha256: sha256(content) };
    });
    writeFileSync(pathOf('manifest.json'), formatJson({ ...manifest, files }));
    if (upTo === 'manifest') return;
    const receipt = read<Receipt>('receipt.json');
    const body = { ...receipt, manifestHash: sha256(readFileSync(pathOf('manifest.json'))), ...edit(receipt) };
    writeFileSync(pathOf('receipt.json'), formatJson({ ...body, hash: receiptHash(body) }));
  }

  const replace = (file: string, from: string, to: string): void => {
    const text = readFileSync(pathOf(file), 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(pathOf(file), text.replace(from, to));
  };

  const rows: readonly [string, () => void, RegExp][] = [
    ['a byte of the report', () => replace('report.md', '✅ PASS', '❌ FAIL'), /^report\.md was changed: its SHA-256/],
    [
      'a longer log',
      () => replace('logs/BLD_TYPECHECK.log', 'é', 'é!'),
      /^logs\/BLD_TYPECHECK\.log was changed: it has 4 bytes instead of 3\.$/,
    ],
    ['an added file', () => writeFileSync(pathOf('logs/x.log'), ''), /^logs\/x\.log does not belong to the bundle/],
    ['a missing log', () => rmSync(pathOf('logs/BLD_TYPECHECK.log')), /^logs\/BLD_TYPECHECK\.log is missing\.$/],
    ['a missing manifest', () => rmSync(pathOf('manifest.json')), /^manifest\.json is missing\.$/],
    ['a missing receipt', () => rmSync(pathOf('receipt.json')), /^receipt\.json is missing\.$/],
    [
      'a missing report',
      () => rmSync(pathOf('report.json')),
      /report\.json is missing\.\nreport\.json is missing or not a valid report/,
    ],
    [
      'two swapped files',
      swapFiles,
      /report\.md was changed[\s\S]*metrics\.prom was changed|metrics\.prom was changed[\s\S]*report\.md was/,
    ],
    [
      'a receipt that is not JSON',
      () => writeFileSync(pathOf('receipt.json'), '{'),
      /^receipt\.json was changed: it is not a valid receipt\./,
    ],
    [
      'a manifest that is not JSON',
      () => writeFileSync(pathOf('manifest.json'), ''),
      /manifest\.json was changed: it is not a valid manifest\./,
    ],
    [
      'an infinite number',
      () => replace('receipt.json', '"mode"', '"x": 1e999,\n "mode"'),
      /receipt\.json was changed/,
    ],
    [
      'a reformatted receipt',
      () => writeFileSync(pathOf('receipt.json'), JSON.stringify(read('receipt.json'))),
      /its formatting differs from the original\.$/,
    ],
    [
      'a changed score in the receipt',
      () => replace('receipt.json', '"score": ', '"score": 1'),
      /its hash does not match its content[\s\S]*its score differs/,
    ],
    [
      'a hidden change of the report',
      () => {
        replace('report.md', '✅ PASS', '❌ FAIL');
        rehash('manifest');
      },
      /^manifest\.json was changed: its SHA-256 differs from the one in receipt\.json\.$/,
    ],
    [
      'a hidden change of a message',
      () => {
        replace('report.json', '2 errors in 1 file.', 'No errors in 1 file.');
        rehash('receipt');
      },
      /^report\.json was changed: BLD_TYPECHECK does not match its hash\.$/,
    ],
    [
      'a hidden change of evidence',
      () => {
        replace('report.json', 'error TS2304', 'error TS2305');
        rehash('receipt');
      },
      /^report\.json was changed: evidence of BLD_TYPECHECK does not match its hash\.$/,
    ],
    [
      'a hidden change of the verdict',
      () => {
        replace('report.json', '"verdict": "ready"', '"verdict": "not_ready"');
        rehash('receipt');
      },
      /^report\.json does not match receipt\.json: its verdict differs\.$/,
    ],
    [
      'reordered checks in the receipt',
      () => rehash('receipt', ({ checks }) => ({ checks: checks.toReversed() })),
      /its chain breaks at OWN, check 1 of 5\.\nreport\.json does not match receipt\.json: check 1 differs \(WS_GIT_CLEAN in the report, OWN in the receipt\)\.$/,
    ],
    [
      'reordered checks with a new chain',
      () => rehash('receipt', reverseChecks),
      /^report\.json does not match receipt\.json: check 1 differs /,
    ],
    [
      'a removed check with a new chain',
      () => rehash('receipt', removeLastCheck),
      /^report\.json does not match receipt\.json: check 5 differs \(OWN in the report, missing in the receipt\)\.$/,
    ],
    [
      'a path that leads out of the bundle',
      () => replace('manifest.json', '"report.md"', '"../../etc/passwd"'),
      /\.\.\/\.\.\/etc\/passwd is missing\./,
    ],
  ];
  for (const [what, change, expected] of rows) {
    it(`detects ${what}`, async () => assert.match(await errorsAfter(change), expected));
  }

  function swapFiles(): void {
    renameSync(pathOf('report.md'), pathOf('x'));
    renameSync(pathOf('metrics.prom'), pathOf('report.md'));
    renameSync(pathOf('x'), pathOf('metrics.prom'));
  }

  const withChain = (checks: Receipt['checks']): Pick<Receipt, 'checks'> => {
    const links = chainHashes(checks.map(({ hash }) => hash));
    return { checks: checks.map((check, index) => ({ ...check, chain: links[index] as string })) };
  };
  function reverseChecks({ checks }: Receipt): Pick<Receipt, 'checks'> {
    return withChain(checks.toReversed());
  }
  function removeLastCheck({ checks }: Receipt): Pick<Receipt, 'checks'> {
    return withChain(checks.slice(0, -1));
  }

  it('detects a change of any single byte of a small bundle', async function () {
    this.timeout(240_000);
    await writeBundle(target, createSample(mixed.slice(3, 4)), new Map([['A', 'b\n']]));
    let flipped = 0;
    for (const file of await listFilesIn(target)) {
      const bytes = readFileSync(pathOf(file));
      for (let index = 0; index < bytes.length; index++) {
        const other = Buffer.from(bytes);
        // Flips a different bit in each byte.
        other[index] = (other[index] ?? 0) ^ (1 << (index % 8));
        writeFileSync(pathOf(file), other);
        const { ok, faults } = await verifyBundleAt(target);
        assert.ok(
          !ok && faults.some((fault) => fault.includes(file) || file === 'manifest.json'),
          `${file}, byte ${index}`,
        );
        flipped += 1;
      }
      writeFileSync(pathOf(file), bytes);
    }
    assert.ok(flipped > 3000, `${flipped} bytes`);
    assert.deepEqual((await verifyBundleAt(target)).faults, [], 'the restored bundle is intact');
  });

  it('detects changed, removed, inserted and repeated bytes in any file', async () => {
    const files = await listFilesIn(target);
    const changes = fc.record({
      file: fc.constantFrom(...files),
      position: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 40 }),
      bytes: fc.uint8Array({ maxLength: 40 }),
    });
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(changes, async ({ file, position, length, bytes }) => {
        const before = readFileSync(pathOf(file));
        const from = Math.floor(position * before.length);
        const after = Buffer.concat([before.subarray(0, from), bytes, before.subarray(from + length)]);
        writeFileSync(pathOf(file), after);
        const { ok } = await verifyBundleAt(target);
        writeFileSync(pathOf(file), before);
        if (!after.equals(before)) changed += 1;
        assert.equal(ok, after.equals(before));
      }),
      { numRuns: 400 },
    );
    assert.ok(changed > 200, `${changed} changes`);
  });

  it('rejects a path that is not a bundle', async () => {
    const empty = join(temporary.path, 'empty');
    mkdirSync(empty);
    writeFileSync(join(empty, 'other.json'), '{}');
    await assert.rejects(verifyBundleAt(empty), NoBundleError);
    await assert.rejects(verifyBundleAt(empty), /does not contain a receipt\.json\. Select the folder/);
    await assert.rejects(
      verifyBundleAt(join(empty, 'other.json')),
      /is not a receipt\.json\. Select the folder of a bundle/,
    );
    await assert.rejects(verifyBundleAt(join(empty, 'gone')), /gone does not exist\. Select the folder of a bundle/);
  });

  describe('in a separate process', function () {
    this.timeout(60_000);
    const dist = join(root, 'dist');
    before(() => assert.ok(existsSync(join(dist, 'pipelines', 'verify.js')), 'no dist: run npm run build first'));

    const pipescope = (...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        execFile(process.execPath, [join(dist, 'cli.js'), 'verify', ...args], (error, stdout, stderr) =>
          resolve({ code: error ? error.code : 0, stdout, stderr }),
        );
      });

    it('returns the same result', async () => {
      assert.deepEqual(await verifyBundle(dist, target), await verifyBundleAt(target));
      replace('report.md', 'PASS', 'FAIL');
      assert.deepEqual(await verifyBundle(dist, target), await verifyBundleAt(target));
      await assert.rejects(verifyBundle(dist, join(target, 'gone')), /^HumanError: .*gone does not exist/);
    });

    it('makes the command exit with 0 for an intact bundle, 1 for a changed one and 2 for a wrong path', async () => {
      const good = await pipescope(target);
      const { hash, score } = read<Receipt>('receipt.json');
      assert.deepEqual([good.code, good.stderr], [0, '']);
      assert.equal(
        good.stdout,
        `Unchanged: ${target}, 7 files, 5 checks\nreceipt ${hash}\ndev: ready, score ${score}\n`,
      );
      const json = await pipescope(join(target, 'receipt.json'), '--json');
      assert.deepEqual(JSON.parse(json.stdout), await verifyBundleAt(target));
      replace('report.md', 'PASS', 'FAIL');
      const bad = await pipescope(target);
      assert.deepEqual([bad.code, bad.stderr], [1, '']);
      assert.match(bad.stdout, /^Changed: .*\n {2}report\.md was changed: /);
      for (const [args, message] of [
        [[join(target, 'gone')], /gone does not exist\. Select/],
        [[], /^verify takes one argument/],
        [[target, target], /^Unexpected argument/],
      ] as const) {
        const { code, stdout, stderr } = await pipescope(...args);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, message);
      }
    });
  });
});
