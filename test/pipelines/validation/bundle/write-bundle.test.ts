import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listing } from '../../../../src/pipelines/validation/bundle/bundle-files.ts';
import { verify } from '../../../../src/pipelines/validation/bundle/verify-bundle.ts';
import { writeBundle, writeBundleByTime } from '../../../../src/pipelines/validation/bundle/write-bundle.ts';
import { summaryOf } from '../../../../src/pipelines/validation/verdict/summary.ts';
import { isManifest, isReceipt } from '../../../../src/protocol/receipt.ts';
import { isValidation } from '../../../../src/protocol/validation.ts';
import { folder } from '../../../fixtures/pipeline.ts';
import { mixed, validationOf } from '../sample-validation.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const jsonIn = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('a bundle', () => {
  let temporary: ReturnType<typeof folder>;
  beforeEach(() => {
    temporary = folder();
  });
  afterEach(() => temporary.done());
  const validation = validationOf(mixed);
  const logs = new Map([
    ['BLD_TYPECHECK', 'src/a.ts(3,1): error\n'],
    ['../own/ check', 'é\n'],
  ]);
  const files = [
    'logs/..%2fown%2f%20check.log',
    'logs/BLD_TYPECHECK.log',
    'manifest.json',
    'metrics.prom',
    'receipt.json',
    'report.json',
    'report.md',
    'summary.txt',
  ];

  it('holds the report, the logs and a manifest of every file, and verifies', async () => {
    const target = join(temporary.path, 'deep', 'out');
    const bundle = await writeBundle(target, validation, logs);
    assert.equal(bundle.folder, target);
    assert.deepEqual(await listing(target), files);
    assert.deepEqual(readdirSync(join(temporary.path, 'deep')), ['out'], 'nothing is left beside it');
    assert.deepEqual(jsonIn(join(target, 'report.json')), validation);
    assert.equal(readFileSync(join(target, 'summary.txt'), 'utf8'), summaryOf(validation));
    const [receipt, manifest] = [jsonIn(join(target, 'receipt.json')), jsonIn(join(target, 'manifest.json'))];
    assert.ok(isReceipt(receipt) && isManifest(manifest) && isValidation(validation));
    assert.deepEqual(receipt, bundle.receipt);
    assert.equal(receipt.manifestHash, sha256(readFileSync(join(target, 'manifest.json'))));
    assert.deepEqual(
      manifest.files.map(({ path }) => path),
      files.filter((file) => file !== 'manifest.json' && file !== 'receipt.json'),
    );
    for (const { path, bytes, sha256: hash } of manifest.files) {
      const content = readFileSync(join(target, path));
      assert.deepEqual([path, content.length, sha256(content)], [path, bytes, hash]);
    }
    const verified = await verify(target);
    assert.deepEqual([verified.faults, verified.files, verified.checks], [[], 8, 5]);
    assert.deepEqual(await verify(join(target, 'receipt.json')), verified);
  });

  it('takes the place of an earlier bundle whole, and of an empty folder', async () => {
    const target = join(temporary.path, 'out');
    mkdirSync(target);
    await writeBundle(target, validation, logs);
    await writeBundle(target, validationOf([]), new Map());
    const kept = files.filter((file) => !file.startsWith('logs/'));
    assert.deepEqual(await listing(target), kept);
    assert.deepEqual((await verify(target)).faults, []);
    assert.deepEqual(readdirSync(temporary.path), ['out']);
  });

  const foreign: readonly [string, (target: string) => void, RegExp][] = [
    [
      'a file of its user',
      (target) => writeFileSync(join(target, 'notes.txt'), 'mine'),
      /holds notes\.txt, which is no part/,
    ],
    [
      'a report that is none of ours',
      (target) => writeFileSync(join(target, 'report.md'), 'mine'),
      /holds report\.md, which/,
    ],
    [
      'a receipt of another program',
      (target) => writeFileSync(join(target, 'receipt.json'), '{}'),
      /holds receipt\.json, wh/,
    ],
  ];
  for (const [what, plant, message] of foreign) {
    it(`never goes into a folder that has ${what}`, async () => {
      const target = join(temporary.path, 'out');
      mkdirSync(target);
      plant(target);
      const before = readdirSync(target);
      await assert.rejects(writeBundle(target, validation, logs), message);
      assert.deepEqual(readdirSync(target), before);
      assert.deepEqual(readdirSync(temporary.path), ['out']);
    });
  }

  it('never takes the place of a bundle to which a file was added', async () => {
    const target = join(temporary.path, 'out');
    await writeBundle(target, validation, logs);
    writeFileSync(join(target, 'logs', 'mine.log'), 'mine');
    await assert.rejects(writeBundle(target, validation, logs), /holds logs\/mine\.log, which is no part of a bundle/);
    assert.equal(readFileSync(join(target, 'logs', 'mine.log'), 'utf8'), 'mine');
  });

  it('says why it cannot be written, and leaves nothing behind', async () => {
    const file = join(temporary.path, 'file');
    writeFileSync(file, '');
    await assert.rejects(writeBundle(file, validation, logs), /cannot be a bundle: ENOTDIR.*Name another folder\./);
    await assert.rejects(writeBundle(join(file, 'out'), validation, logs), /Name another folder\./);
    assert.deepEqual(readdirSync(temporary.path), ['file']);
  });

  it('has a folder of its own for each of many runs at one time', async () => {
    const parent = join(temporary.path, 'bundles');
    const runs = Array.from({ length: 12 }, (_, run) => validationOf(mixed, { score: run }));
    const bundles = await Promise.all(runs.map((run) => writeBundleByTime(parent, run, logs)));
    const names = readdirSync(parent).sort();
    const expected = ['2026-01-31-235958', ...Array.from({ length: 11 }, (_, at) => `2026-01-31-235958-${at + 2}`)];
    assert.deepEqual(names, expected.sort());
    for (const [run, bundle] of bundles.entries()) {
      assert.equal((jsonIn(join(bundle.folder, 'report.json')) as { score: number }).score, run);
      assert.deepEqual((await verify(bundle.folder)).faults, []);
    }
  });

  it('is one whole bundle also where many runs write to the same folder at one time', async () => {
    const target = join(temporary.path, 'out');
    const runs = Array.from({ length: 8 }, (_, run) => validationOf(mixed, { score: run }));
    await Promise.all(runs.map((run) => writeBundle(target, run, logs)));
    assert.deepEqual((await verify(target)).faults, []);
    assert.deepEqual(readdirSync(temporary.path), ['out']);
  });

  it('is not followed through a link', async () => {
    const target = join(temporary.path, 'out');
    await writeBundle(target, validation, logs);
    const [log, copy] = [join(target, 'logs', 'BLD_TYPECHECK.log'), join(temporary.path, 'copy.log')];
    writeFileSync(copy, readFileSync(log));
    rmSync(log);
    symlinkSync(copy, log);
    assert.ok(existsSync(log));
    assert.deepEqual((await verify(target)).faults, ['logs/BLD_TYPECHECK.log was changed: it is no regular file.']);
  });
});
