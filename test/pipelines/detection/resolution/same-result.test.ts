/** Tests that a result only depends on the content of the files, in projects whose modules depend on each other in cycles. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { indexWorkspace } from '../../../../src/pipelines/detection/breadcrumb-cache.ts';
import { detect } from '../../../../src/pipelines/detection/detect.ts';
import type { DetectionOptions } from '../../../../src/pipelines/detection/detection-options.ts';
import { extractDirectly, extractFiles } from '../../../../src/pipelines/detection/extract/extract-files.ts';
import { type FileEntry, statFiles } from '../../../../src/pipelines/detection/files/cached-facts.ts';
import { filterFiles, listFiles } from '../../../../src/pipelines/detection/files/discover-files.ts';
import { ResidentDetection } from '../../../../src/pipelines/detection/resident-detection.ts';
import { readConfigs } from '../../../../src/pipelines/detection/resolve/modules/module-config.ts';
import { resolveEntries } from '../../../../src/pipelines/detection/resolve-entries.ts';
import { createWorkspace, writeFile } from '../run-detection.ts';
import { fileNameOf, sourceOf, type TangledModule, type TangledProject, tangledHistory } from './tangled-modules.ts';

const stop = new Int32Array(new SharedArrayBuffer(4));
/** Files that do not depend on others. Without them, each edit would affect too much of the workspace to be an update. */
const fillers = Object.fromEntries(
  Array.from({ length: 60 }, (_, index) => [`z${index}.ts`, `function z${index}() {}\nz${index}();\n`]),
);

function filesOf(project: TangledProject): Record<string, string> {
  return Object.fromEntries(
    [...project].map(([index, content]) => [fileNameOf(index, content), sourceOf(index, content)]),
  );
}

async function extract(workspace: string, extractor = extractDirectly): Promise<FileEntry[]> {
  const { names } = await listFiles(workspace);
  return extractor(workspace, statFiles(workspace, filterFiles(names)), stop);
}

/** Resolves the calls of all files and returns the result, sorted by file. */
function resolveAll(workspace: string, entries: readonly FileEntry[]): string {
  const config = readConfigs(
    workspace,
    entries.map(({ name }) => name),
  );
  const parts = resolveEntries(entries, indexWorkspace(entries, config));
  return parts
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ lines }) => lines.toString())
    .join('');
}

describe('a result of detection', function () {
  this.timeout(180_000);

  for (const size of [6, 30]) {
    it(`does not depend on the order of ${size} files`, async () => {
      let targets = 0;
      await fc.assert(
        fc.asyncProperty(tangledHistory(size, 1), fc.infiniteStream(fc.nat()), async ({ project }, random) => {
          const workspace = createWorkspace(filesOf(project));
          try {
            const entries = await extract(workspace);
            const expected = resolveAll(workspace, entries);
            targets += expected.split('"target"').length;
            assert.equal(resolveAll(workspace, entries.toReversed()), expected);
            const keys = new Map(entries.map((entry) => [entry, random.next().value]));
            const shuffled = entries.toSorted((a, b) => Number(keys.get(a)) - Number(keys.get(b)));
            assert.equal(resolveAll(workspace, shuffled), expected);
            // Each file alone, as in an update, when no results of other files are cached.
            for (const entry of entries) {
              const index = indexWorkspace(entries, readConfigs(workspace, []));
              const [part] = resolveEntries([entry], index);
              assert.ok(expected.includes(String(part?.lines)), `${entry.name} alone has another result`);
            }
          } finally {
            rmSync(workspace, { recursive: true });
          }
        }),
        { numRuns: size > 12 ? 8 : 40, endOnFailure: true },
      );
      assert.ok(targets > 1000, `only ${targets} calls have targets`);
    });
  }

  it('does not depend on the number of threads that read the files', async () => {
    const [history] = fc.sample(tangledHistory(30, 1), { seed: 5, numRuns: 1 });
    assert.ok(history);
    const workspace = createWorkspace({ ...filesOf(history.project), ...fillers });
    try {
      const expected = resolveAll(workspace, await extract(workspace));
      for (const threads of [1, 3]) {
        const entries = await extract(workspace, async (folder, files) => {
          const shares = Array.from({ length: threads }, (_, thread) =>
            extractFiles(
              folder,
              files.filter((_file, index) => index % threads === thread),
              stop,
            ),
          );
          return (await Promise.all(shares)).flat();
        });
        assert.equal(resolveAll(workspace, entries), expected);
      }
    } finally {
      rmSync(workspace, { recursive: true });
    }
  });

  it('is the same after edits as without a cache', async () => {
    let updates = 0;
    await fc.assert(
      fc.asyncProperty(tangledHistory(14, 5), fc.boolean(), async ({ project, edits }, isResident) => {
        const workspace = createWorkspace({ ...filesOf(project), ...fillers });
        const folder = mkdtempSync(join(tmpdir(), 'pipescope-edits-'));
        const options: DetectionOptions = {
          workspace,
          cache: join(folder, 'cache'),
          result: join(folder, 'result.jsonl'),
          cold: false,
          changed: 0,
          stay: false,
        };
        try {
          await detect(options, stop);
          const resident = new ResidentDetection(options, stop);
          if (isResident) await resident.prepare();
          const modules = new Map<number, TangledModule>(project);
          for (const changes of edits) {
            const names = changes.map(([number, content]) => {
              const name = fileNameOf(number, content ?? modules.get(number) ?? { ...first(project) });
              if (content) {
                modules.set(number, content);
                writeFile(workspace, name, sourceOf(number, content));
              } else {
                modules.delete(number);
                rmSync(join(workspace, name), { force: true });
              }
              return name;
            });
            const summary = isResident ? await resident.update([...new Set(names)]) : await detect(options, stop);
            if (/were read again|[1-9]\d* unchanged/.test(summary)) updates++;
            const expected = resolveAll(workspace, await extract(workspace));
            assert.equal(readFileSync(join(folder, 'result.jsonl'), 'utf8'), expected);
          }
        } finally {
          rmSync(workspace, { recursive: true });
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
    assert.ok(updates > 20, `only ${updates} runs reused the result of the last one`);
  });
});

function first(project: TangledProject): TangledModule {
  return project.values().next().value as TangledModule;
}
