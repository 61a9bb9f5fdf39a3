// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the samples contain templates
/** Compares each syntactic form of JavaScript and TypeScript with TypeScript's parser. */
import { strict as assert } from 'node:assert';
import { describeDifferences } from './describe-differences.ts';
import { ecmascriptForms } from './ecmascript-forms.ts';
import { extractSource } from './extract-source.ts';

/** Forms of scripts that TypeScript rejects, with the source of their calls. */
const scriptForms: readonly { readonly source: string; readonly calls: readonly string[] }[] = [
  {
    source: 'f(0777, 089, g(1..toString()));',
    calls: ['f(0777, 089, g(1..toString()))', 'g(1..toString())', '1..toString()'],
  },
  { source: '<!-- f();\ng(); <!-- h();\n--> i();\nj();', calls: ['g()', 'j()'] },
  { source: 'with (f()) g(), delete h();', calls: ['f()', 'g()', 'h()'] },
  { source: 'import source a from "m"; f(a);', calls: ['f(a)'] },
];

describe('each form of JavaScript and TypeScript', function () {
  this.timeout(60_000);

  it('has the calls and definitions that TypeScript finds, and no syntax error', async () => {
    const accepted = new Set<string>();
    const failures: string[] = [];
    for (const { file, source } of ecmascriptForms) {
      const differences = await describeDifferences(file, source);
      if (!differences) continue;
      accepted.add(source);
      if (differences.length > 0) failures.push(`${file}: ${source}\n  ${differences.join('\n  ')}`);
    }
    assert.deepEqual(failures, []);
    const rejected = new Set(ecmascriptForms.map(({ source }) => source).filter((source) => !accepted.has(source)));
    assert.deepEqual([...rejected], [], 'the reference rejects these samples in all languages');
  });

  it('is also understood if only a script may contain it', async () => {
    for (const { source, calls } of scriptForms) {
      const facts = await extractSource('form.js', source);
      assert.equal(facts.syntaxError, undefined, source);
      assert.deepEqual(facts.calls.map(([start, end]) => source.slice(start, end)).sort(), [...calls].sort());
    }
  });

  it('is compared with a reference that would notice a missing call', async () => {
    // A call in a declaration file is not a call.
    const differences = await describeDifferences('form.ts', 'f(); const broken = ;');
    assert.equal(differences, undefined);
    const facts = await extractSource('form.ts', 'f(); const broken = ; g();');
    assert.match(facts.syntaxError ?? '', /^Line 1, column/);
  });

  it('keeps the modules that types import', async () => {
    const facts = await extractSource('form.ts', 'let a: typeof import("x"); f<import("y").B<C>>`z`; import("w");');
    const imports = facts.imports.map(({ from, form }) => `${form} ${from}`).sort();
    assert.deepEqual(imports, ['deferred w', 'type x', 'type y']);
  });
});
