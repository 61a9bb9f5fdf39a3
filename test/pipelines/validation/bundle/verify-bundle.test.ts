import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { verifyBundle } from '../../../../src/node/run/verify-bundle.ts';
import { jsonOf, listing } from '../../../../src/pipelines/validation/bundle/bundle-files.ts';
import { chainOf, receiptHash } from '../../../../src/pipelines/validation/bundle/receipt.ts';
import { NoBundleError, verify } from '../../../../src/pipelines/validation/bundle/verify-bundle.ts';
import { writeBundle } from '../../../../src/pipelines/validation/bundle/write-bundle.ts';
import type { Manifest, Receipt } from '../../../../src/protocol/receipt.ts';
import { folder } from '../../../fixtures/pipeline.ts';
import { mixed, validationOf } from '../sample-validation.ts';

const root = join(import.meta.dirname, '../../../..');
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('verification', () => {
  let temporary: ReturnType<typeof folder>;
  let target: string;
  const logs = new Map([['BLD_TYPECHECK', 'é\n']]);
  beforeEach(async () => {
    temporary = folder();
    target = join(temporary.path, 'out');
    await writeBundle(target, validationOf(mixed), logs);
  });
  afterEach(() => temporary.done());

  const at = (file: string): string => join(target, file);
  const read = <T>(file: string): T => JSON.parse(readFileSync(at(file), 'utf8')) as T;

  /** What is found after a change of a bundle in which all was well. */
  async function foundAfter(change: () => void): Promise<string> {
    assert.deepEqual((await verify(target)).faults, [], 'all is well before');
    change();
    const { ok, faults } = await verify(target);
    assert.equal(ok, faults.length === 0);
    return faults.join('\n');
  }

  /** Makes the manifest, and the receipt, fit the files again, as someone who covers a change would. */
  function cover(steps: 'manifest' | 'receipt', edit: (receipt: Receipt) => Partial<Receipt> = () => ({})): void {
    const manifest = read<Manifest>('manifest.json');
    const files = manifest.files.map((file) => {
      const content = readFileSync(at(file.path));
      return { ...file, bytes: content.length, sha256: sha256(content) };
    });
    writeFileSync(at('manifest.json'), jsonOf({ ...manifest, files }));
    if (steps === 'manifest') return;
    const receipt = read<Receipt>('receipt.json');
    const body = { ...receipt, manifestHash: sha256(readFileSync(at('manifest.json'))), ...edit(receipt) };
    writeFileSync(at('receipt.json'), jsonOf({ ...body, hash: receiptHash(body) }));
  }

  const replace = (file: string, from: string, to: string): void => {
    const text = readFileSync(at(file), 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(at(file), text.replace(from, to));
  };

  const rows: readonly [string, () => void, RegExp][] = [
    ['a byte of the report', () => replace('report.md', '✅ PASS', '❌ FAIL'), /^report\.md was changed: its SHA-256/],
    [
      'a longer log',
      () => replace('logs/BLD_TYPECHECK.log', 'é', 'é!'),
      /^logs\/BLD_TYPECHECK\.log was changed: it has 4 bytes, not 3\.$/,
    ],
    ['a file more', () => writeFileSync(at('logs/x.log'), ''), /^logs\/x\.log is no part of the bundle/],
    ['a missing log', () => rmSync(at('logs/BLD_TYPECHECK.log')), /^logs\/BLD_TYPECHECK\.log is missing\.$/],
    ['a missing manifest', () => rmSync(at('manifest.json')), /^manifest\.json is missing\.$/],
    ['a missing receipt', () => rmSync(at('receipt.json')), /^receipt\.json is missing\.$/],
    [
      'a missing report',
      () => rmSync(at('report.json')),
      /report\.json is missing\.\nreport\.json is missing, or no report/,
    ],
    [
      'two files exchanged',
      exchanged,
      /report\.md was changed[\s\S]*metrics\.prom was changed|metrics\.prom was changed[\s\S]*report\.md was/,
    ],
    [
      'a receipt that is no JSON',
      () => writeFileSync(at('receipt.json'), '{'),
      /^receipt\.json was changed: it is no receipt\./,
    ],
    [
      'a manifest that is no JSON',
      () => writeFileSync(at('manifest.json'), ''),
      /manifest\.json was changed: it is no manifest\./,
    ],
    [
      'a number beyond all numbers',
      () => replace('receipt.json', '"mode"', '"x": 1e999,\n "mode"'),
      /receipt\.json was changed/,
    ],
    [
      'the same receipt in another form',
      () => writeFileSync(at('receipt.json'), JSON.stringify(read('receipt.json'))),
      /not in the form it was written in\.$/,
    ],
    [
      'a receipt with another score',
      () => replace('receipt.json', '"score": ', '"score": 1'),
      /its hash is not that of what it says[\s\S]*its score is another/,
    ],
    [
      'a covered change of the report',
      () => {
        replace('report.md', '✅ PASS', '❌ FAIL');
        cover('manifest');
      },
      /^manifest\.json was changed: its SHA-256 is not the one in receipt\.json\.$/,
    ],
    [
      'a covered change of a message',
      () => {
        replace('report.json', '2 errors in 1 file.', 'No errors in 1 file.');
        cover('receipt');
      },
      /^report\.json was changed: BLD_TYPECHECK does not have its hash\.$/,
    ],
    [
      'a covered change of evidence',
      () => {
        replace('report.json', 'error TS2304', 'error TS2305');
        cover('receipt');
      },
      /^report\.json was changed: evidence of BLD_TYPECHECK does not have its hash\.$/,
    ],
    [
      'a covered change of the verdict',
      () => {
        replace('report.json', '"verdict": "ready"', '"verdict": "not_ready"');
        cover('receipt');
      },
      /^report\.json does not match receipt\.json: its verdict is another\.$/,
    ],
    [
      'checks of the receipt in another order',
      () => cover('receipt', ({ checks }) => ({ checks: checks.toReversed() })),
      /its chain breaks at OWN, check 1 of 5\.\nreport\.json does not match receipt\.json: as check 1 the one has WS_GIT_CLEAN, the other OWN\.$/,
    ],
    [
      'checks in another order, chained anew',
      () => cover('receipt', reordered),
      /^report\.json does not match receipt\.json: as check 1 /,
    ],
    [
      'a check left out, chained anew',
      () => cover('receipt', shortened),
      /^report\.json does not match receipt\.json: as check 5 the one has OWN, the other nothing\.$/,
    ],
    [
      'a path out of the bundle',
      () => replace('manifest.json', '"report.md"', '"../../etc/passwd"'),
      /\.\.\/\.\.\/etc\/passwd is missing\./,
    ],
  ];
  for (const [what, change, expected] of rows) {
    it(`finds ${what}`, async () => assert.match(await foundAfter(change), expected));
  }

  function exchanged(): void {
    renameSync(at('report.md'), at('x'));
    renameSync(at('metrics.prom'), at('report.md'));
    renameSync(at('x'), at('metrics.prom'));
  }

  const chained = (checks: Receipt['checks']): Pick<Receipt, 'checks'> => {
    const links = chainOf(checks.map(({ hash }) => hash));
    return { checks: checks.map((check, index) => ({ ...check, chain: links[index] as string })) };
  };
  function reordered({ checks }: Receipt): Pick<Receipt, 'checks'> {
    return chained(checks.toReversed());
  }
  function shortened({ checks }: Receipt): Pick<Receipt, 'checks'> {
    return chained(checks.slice(0, -1));
  }

  it('finds every single byte of a small bundle that is another', async function () {
    this.timeout(240_000);
    await writeBundle(target, validationOf(mixed.slice(3, 4)), new Map([['A', 'b\n']]));
    let flipped = 0;
    for (const file of await listing(target)) {
      const bytes = readFileSync(at(file));
      for (let index = 0; index < bytes.length; index++) {
        const other = Buffer.from(bytes);
        // Another one of the eight bits each time.
        other[index] = (other[index] ?? 0) ^ (1 << (index % 8));
        writeFileSync(at(file), other);
        const { ok, faults } = await verify(target);
        assert.ok(
          !ok && faults.some((fault) => fault.includes(file) || file === 'manifest.json'),
          `${file} at ${index}`,
        );
        flipped += 1;
      }
      writeFileSync(at(file), bytes);
    }
    assert.ok(flipped > 3000, `${flipped} bytes`);
    assert.deepEqual((await verify(target)).faults, [], 'all is well when each is as it was');
  });

  it('finds any bytes of any file that are others, cut off, put in or put twice', async () => {
    const files = await listing(target);
    const arrange = fc.record({
      file: fc.constantFrom(...files),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 40 }),
      bytes: fc.uint8Array({ maxLength: 40 }),
    });
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(arrange, async ({ file, at: place, length, bytes }) => {
        const before = readFileSync(at(file));
        const from = Math.floor(place * before.length);
        const after = Buffer.concat([before.subarray(0, from), bytes, before.subarray(from + length)]);
        writeFileSync(at(file), after);
        const { ok } = await verify(target);
        writeFileSync(at(file), before);
        if (!after.equals(before)) changed += 1;
        assert.equal(ok, after.equals(before));
      }),
      { numRuns: 400 },
    );
    assert.ok(changed > 200, `${changed} changes`);
  });

  it('says what to name where there is no bundle', async () => {
    const none = join(temporary.path, 'none');
    mkdirSync(none);
    writeFileSync(join(none, 'other.json'), '{}');
    await assert.rejects(verify(none), NoBundleError);
    await assert.rejects(verify(none), /holds no receipt\.json\. Name the folder/);
    await assert.rejects(verify(join(none, 'other.json')), /is no receipt\.json\. Name a bundle's folder/);
    await assert.rejects(verify(join(none, 'gone')), /There is no .*gone\. Name a bundle's folder/);
  });

  describe('in a process of its own', function () {
    this.timeout(60_000);
    const dist = join(root, 'dist');
    before(() => assert.ok(existsSync(join(dist, 'pipelines', 'verify.js')), 'no dist: run npm run build first'));

    const pipescope = (...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
      new Promise((done) => {
        execFile(process.execPath, [join(dist, 'cli.js'), 'verify', ...args], (error, stdout, stderr) =>
          done({ code: error ? error.code : 0, stdout, stderr }),
        );
      });

    it('is the same verification', async () => {
      assert.deepEqual(await verifyBundle(dist, target), await verify(target));
      replace('report.md', 'PASS', 'FAIL');
      assert.deepEqual(await verifyBundle(dist, target), await verify(target));
      await assert.rejects(verifyBundle(dist, join(target, 'gone')), /^HumanError: There is no .*gone/);
    });

    it('tells the terminal: 0 and the receipt, 1 and the faults, 2 and what to name', async () => {
      const good = await pipescope(target);
      const { hash, score } = read<Receipt>('receipt.json');
      assert.deepEqual([good.code, good.stderr], [0, '']);
      assert.equal(
        good.stdout,
        `Unchanged: ${target}, 7 files, 5 checks\nreceipt ${hash}\ndev: ready, score ${score}\n`,
      );
      const json = await pipescope(join(target, 'receipt.json'), '--json');
      assert.deepEqual(JSON.parse(json.stdout), await verify(target));
      replace('report.md', 'PASS', 'FAIL');
      const bad = await pipescope(target);
      assert.deepEqual([bad.code, bad.stderr], [1, '']);
      assert.match(bad.stdout, /^Changed: .*\n {2}report\.md was changed: /);
      for (const [args, message] of [
        [[join(target, 'gone')], /^There is no .*gone\. Name/],
        [[], /^verify wants one bundle/],
        [[target, target], /^verify wants one bundle/],
      ] as const) {
        const { code, stdout, stderr } = await pipescope(...args);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, message);
      }
    });
  });
});
