import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundle } from '../../../../src/pipelines/validation/bundle/write-bundle.ts';
import { folder } from '../../../fixtures/pipeline.ts';
import { mixed, validationOf } from '../sample-validation.ts';

const paper = readFileSync(join(import.meta.dirname, '../../../../docs/VALIDATION.md'), 'utf8');
const [files, manifest, checks, chain, receipt, ...others] = [...paper.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
  ([, block]) => block as string,
) as [string, string, string, string, string, ...string[]];

describe('the verification by hand, where jq, openssl and sha256sum are installed', () => {
  let temporary: ReturnType<typeof folder>;
  let target: string;
  before(function () {
    assert.deepEqual(others, [], 'five blocks of commands stand in docs/VALIDATION.md');
    const missing = ['jq --version', 'openssl version', 'sha256sum --version'].filter(
      (command) => spawnSync('/bin/sh', ['-c', command]).status !== 0,
    );
    if (missing.length > 0) this.skip();
  });
  beforeEach(async () => {
    temporary = folder();
    target = join(temporary.path, 'out');
    const own = { id: 'Z', message: 'é 😀 "quoted" \\ <&>', evidence: [{ content: '' }, { content: 'a\nb\n\n' }] };
    await writeBundle(target, validationOf([...mixed, own]), new Map([['OWN', 'printed']]), {
      profile: { id: 'dev' },
      source: { tree: 'abc' },
    });
  });
  afterEach(() => temporary.done());

  const holds = (block: string): boolean => {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', `set -e\n${block}`], { cwd: target, encoding: 'utf8' });
    assert.doesNotMatch(stderr, /not found|syntax|rror:/i);
    return status === 0;
  };
  const replace = (file: string, from: string, to: string): void => {
    const text = readFileSync(join(target, file), 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(join(target, file), text.replace(from, to));
  };

  it('holds for a bundle as it was written', () => {
    for (const block of [files, manifest, checks, chain, receipt]) assert.ok(holds(block), block);
  });

  const rows: readonly [string, string, () => void][] = [
    ['a changed log', files, () => replace('logs/OWN.log', 'printed', 'Printed')],
    ['a file more', files, () => writeFileSync(join(target, 'logs/x.log'), '')],
    ['a changed manifest', manifest, () => replace('manifest.json', '"report"', '"log"')],
    ['a changed message', checks, () => replace('report.json', '2 errors in 1 file', 'No errors in 1 file')],
    ['changed evidence', checks, () => replace('report.json', 'a\\nb', 'a\\nc')],
    ['another hash of a check', chain, () => replace('receipt.json', '"hash": "', '"hash": "0')],
    ['another score', receipt, () => replace('receipt.json', '"score": ', '"score": 1')],
    ['another profile', receipt, () => replace('receipt.json', '"dev"', '"ci"')],
  ];
  for (const [what, block, change] of rows) {
    it(`does not hold for ${what}`, () => {
      change();
      assert.equal(holds(block), false);
    });
  }
});
