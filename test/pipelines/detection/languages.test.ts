/** Tests every supported language with a sample. */
import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { languageOf, languages } from '../../../src/pipelines/detection/extract/languages.ts';
import { createWorkspace, detect } from './run-detection.ts';

const script = 'class Widget {\n  draw() {\n    this.paint(1);\n  }\n}\nfunction main() {\n  new Widget().draw();\n}\n';

/** Samples with their expected callees and definitions, by language. */
const samples: Readonly<Record<string, { file: string; source: string; calls: string[]; definitions: string[] }>> = {
  typescript: {
    file: 'a.ts',
    source: `${script}async function load<T>(x: T) { return await read<T>(x)!; }\n`,
    calls: ['this.paint', 'Widget', 'new Widget().draw', 'read'],
    definitions: ['Widget', 'draw', 'main', 'load'],
  },
  declaration: {
    file: 'a.d.ts',
    source: "export declare function main(): import('./b.js').Widget;\nexport interface Widget { draw(): void }\n",
    calls: [],
    definitions: ['main', 'Widget', 'draw'],
  },
  tsx: {
    file: 'a.tsx',
    source: 'const View = (p: { n: number }) => <div onClick={() => p.go()}>{show(p.n)}</div>;\n',
    calls: ['p.go', 'show'],
    definitions: ['View'],
  },
  javascript: {
    file: 'a.js',
    source: script,
    calls: ['this.paint', 'Widget', 'new Widget().draw'],
    definitions: ['Widget', 'draw', 'main'],
  },
  python: {
    file: 'a.py',
    source:
      'class Widget:\n    def draw(self):\n        self.paint(f"{show(1)}")\n\ndef main():\n    Widget().draw()\n',
    calls: ['self.paint', 'show', 'Widget', 'Widget().draw'],
    definitions: ['Widget', 'draw', 'main'],
  },
};

describe('languages', () => {
  it('each have a sample', () => {
    assert.ok(languages.length >= 4);
    assert.deepEqual(Object.keys(samples).sort(), languages.map(({ id }) => id).sort());
  });

  for (const { id, extensions } of languages) {
    it(`include ${id}, whose calls and definitions are found`, async () => {
      const sample = samples[id];
      assert.ok(sample);
      const workspace = createWorkspace({ [sample.file]: sample.source });
      try {
        const { calls, definitions, errors } = await detect({ workspace });
        assert.deepEqual(errors, []);
        assert.deepEqual(calls.map(({ callee }) => callee).sort(), sample.calls.sort());
        assert.deepEqual(
          definitions.map(({ name }) => name),
          sample.definitions,
        );
      } finally {
        rmSync(workspace, { recursive: true });
      }
    });

    it(`include ${id} for ${extensions.join(', ')}`, () => {
      for (const extension of extensions) assert.equal(languageOf(`src/some.file${extension}`)?.id, id);
    });
  }

  it('do not apply to other files', () => {
    for (const name of ['README', 'a.txt', '.ts', 'src/.gitignore'])
      assert.equal(languageOf(name)?.id, undefined, name);
  });
});
