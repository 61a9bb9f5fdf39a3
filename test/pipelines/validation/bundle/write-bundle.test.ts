import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFilesIn } from '../../../../src/pipelines/validation/bundle/bundle-files.ts';
import { verifyBundleAt } from '../../../../src/pipelines/validation/bundle/verify-bundle.ts';
import { writeBundle, writeBundleByTime } from '../../../../src/pipelines/validation/bundle/write-bundle.ts';
import { formatSummary } from '../../../../src/pipelines/validation/verdict/summary.ts';
import { isManifest, isReceipt } from '../../../../src/protocol/validation/receipt.ts';
import { isValidation } from '../../../../src/protocol/validation/validation.ts';
import { createTemporaryFolder } from '../../../fixtures/pipeline.ts';
import { createSample, mixed } from '../sample-validation.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const jsonIn = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('writeBundle', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  beforeEach(() => {
    temporary = createTemporaryFolder();
  });
  afterEach(() => temporary.done());
  const validation = createSample(mixed);
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

  it('writes reports, logs and a manifest of all files that verify', async () => {
    const target = join(temporary.path, 'deep', 'out');
    const bundle = await writeBundle(target, validation, logs);
    assert.equal(bundle.folder, target);
    assert.deepEqual(await listFilesIn(target), files);
    assert.deepEqual(readdirSync(join(temporary.path, 'deep')), ['out'], 'no temporary files remain');
    assert.deepEqual(jsonIn(join(target, 'report.json')), validation);
    assert.equal(readFileSync(join(target, 'summary.txt'), 'utf8'), formatSummary(validation));
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
    const verified = await verifyBundleAt(target);
    assert.deepEqual([verified.faults, verified.files, verified.checks], [[], 8, 5]);
    assert.deepEqual(await verifyBundleAt(join(target, 'receipt.json')), verified);
  });

  it('replaces an earlier bundle completely, and an empty folder', async () => {
    const target = join(temporary.path, 'out');
    mkdirSync(target);
    await writeBundle(target, validation, logs);
    await writeBundle(target, createSample([]), new Map());
    const withoutLogs = files.filter((file) => !file.startsWith('logs/'));
    assert.deepEqual(await listFilesIn(target), withoutLogs);
    assert.deepEqual((await verifyBundleAt(target)).faults, []);
    assert.deepEqual(readdirSync(temporary.path), ['out']);
  });

  const foreign: readonly [string, (target: string) => void, RegExp][] = [
    [
      'a file of the user',
      (target) => writeFileSync(join(target, 'notes.txt'), 'mine'),
      /contains notes\.txt, which does not belong to a bundle/,
    ],
    ['a foreign report.md', (target) => writeFileSync(join(target, 'report.md'), 'mine'), /contains report\.md, which/],
    [
      'a receipt of another program',
      (target) => writeFileSync(join(target, 'receipt.json'), '{}'),
      /contains receipt\.json, which/,
    ],
  ];
  for (const [what, plant, message] of foreign) {
    it(`does not write to a folder with ${what}`, async () => {
      const target = join(temporary.path, 'out');
      mkdirSync(target);
      plant(target);
      const before = readdirSync(target);
      await assert.rejects(writeBundle(target, validation, logs), message);
      assert.deepEqual(readdirSync(target), before);
      assert.deepEqual(readdirSync(temporary.path), ['out']);
    });
  }

  it('does not replace a bundle to which a file was added', async () => {
    const target = join(temporary.path, 'out');
    await writeBundle(target, validation, logs);
    writeFileSync(join(target, 'logs', 'mine.log'), 'mine');
    await assert.rejects(
      writeBundle(target, validation, logs),
      /contains logs\/mine\.log, which does not belong to a bundle/,
    );
    assert.equal(readFileSync(join(target, 'logs', 'mine.log'), 'utf8'), 'mine');
  });

  it('rejects with the reason and leaves no files behind if it cannot write', async () => {
    const file = join(temporary.path, 'file');
    writeFileSync(file, '');
    await assert.rejects(
      writeBundle(file, validation, logs),
      /^Error: Could not use .*: ENOTDIR.*Select another folder\./,
    );
    await assert.rejects(writeBundle(join(file, 'out'), validation, logs), /Select another folder\./);
    assert.deepEqual(readdirSync(temporary.path), ['file']);
  });

  it('writes simultaneous runs to separate folders', async () => {
    const parent = join(temporary.path, 'bundles');
    const runs = Array.from({ length: 12 }, (_, run) => createSample(mixed, { score: run }));
    const bundles = await Promise.all(runs.map((run) => writeBundleByTime(parent, run, logs)));
    const names = readdirSync(parent).sort();
    const expected = [
      '2026-01-31-235958',
      ...Array.from({ length: 11 }, (_, index) => `2026-01-31-235958-${index + 2}`),
    ];
    assert.deepEqual(names, expected.sort());
    for (const [run, bundle] of bundles.entries()) {
      assert.equal((jsonIn(join(bundle.folder, 'report.json')) as { score: number }).score, run);
      assert.deepEqual((await verifyBundleAt(bundle.folder)).faults, []);
    }
  });

  it('leaves one complete bundle if several runs write to the same folder', async () => {
    const target = join(temporary.path, 'out');
    const runs = Array.from({ length: 8 }, (_, run) => createSample(mixed, { score: run }));
    await Promise.all(runs.map((run) => writeBundle(target, run, logs)));
    assert.deepEqual((await verifyBundleAt(target)).faults, []);
    assert.deepEqual(readdirSync(temporary.path), ['out']);
  });

  it('creates bundles in which a link is detected as a change', async () => {
    const target = join(temporary.path, 'out');
    await writeBundle(target, validation, logs);
    const [log, copy] = [join(target, 'logs', 'BLD_TYPECHECK.log'), join(temporary.path, 'copy.log')];
    writeFileSync(copy, readFileSync(log));
    rmSync(log);
    symlinkSync(copy, log);
    assert.ok(existsSync(log));
    assert.deepEqual((await verifyBundleAt(target)).faults, [
      'logs/BLD_TYPECHECK.log was changed: it is not a regular file.',
    ]);
  });
});
