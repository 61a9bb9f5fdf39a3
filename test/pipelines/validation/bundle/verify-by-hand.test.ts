import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundle } from '../../../../src/pipelines/validation/bundle/write-bundle.ts';
import { createTemporaryFolder } from '../../../fixtures/pipeline.ts';
import { createSample, mixed } from '../sample-validation.ts';

const documentation = readFileSync(join(import.meta.dirname, '../../../../docs/VALIDATION.md'), 'utf8');
const [files, manifest, checks, chain, receipt, ...others] = [
  ...documentation.matchAll(/^```sh\n([\s\S]*?)^```$/gm),
].map(([, block]) => block as string) as [string, string, string, string, string, ...string[]];

describe('manual verification with jq, openssl and sha256sum', () => {
  let temporary: ReturnType<typeof createTemporaryFolder>;
  let target: string;
  before(function () {
    assert.deepEqual(others, [], 'docs/VALIDATION.md contains five blocks of commands');
    const missing = ['jq --version', 'openssl version', 'sha256sum --version'].filter(
      (command) => spawnSync('/bin/sh', ['-c', command]).status !== 0,
    );
    if (missing.length > 0) this.skip();
  });
  beforeEach(async () => {
    temporary = createTemporaryFolder();
    target = join(temporary.path, 'out');
    const special = { id: 'Z', message: 'é 😀 "quoted" \\ <&>', evidence: [{ content: '' }, { content: 'a\nb\n\n' }] };
    await writeBundle(target, createSample([...mixed, special]), new Map([['OWN', 'printed']]), {
      profile: { id: 'dev' },
      source: { tree: 'abc' },
    });
  });
  afterEach(() => temporary.done());

  const succeeds = (block: string): boolean => {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', `set -e\n${block}`], { cwd: target, encoding: 'utf8' });
    assert.doesNotMatch(stderr, /not found|syntax|rror:/i);
    return status === 0;
  };
  const replace = (file: string, from: string, to: string): void => {
    const text = readFileSync(join(target, file), 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(join(target, file), text.replace(from, to));
  };

  it('succeeds for an unchanged bundle', () => {
    for (const block of [files, manifest, checks, chain, receipt]) assert.ok(succeeds(block), block);
  });

  const rows: readonly [string, string, () => void][] = [
    ['a changed log', files, () => replace('logs/OWN.log', 'printed', 'Printed')],
    ['an added file', files, () => writeFileSync(join(target, 'logs/x.log'), '')],
    ['a changed manifest', manifest, () => replace('manifest.json', '"report"', '"log"')],
    ['a changed message', checks, () => replace('report.json', '2 errors in 1 file', 'No errors in 1 file')],
    ['changed evidence', checks, () => replace('report.json', 'a\\nb', 'a\\nc')],
    ['a different hash of a check', chain, () => replace('receipt.json', '"hash": "', '"hash": "0')],
    ['a different score', receipt, () => replace('receipt.json', '"score": ', '"score": 1')],
    ['a different profile', receipt, () => replace('receipt.json', '"dev"', '"ci"')],
  ];
  for (const [what, block, change] of rows) {
    it(`fails for ${what}`, () => {
      change();
      assert.equal(succeeds(block), false);
    });
  }
});
