/** Tests what the detection pipeline reports to a profiler, and how a profiler stops it. */
import { strict as assert } from 'node:assert';
import { fork } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Batch, Definition, ItemEvent } from '../../../src/protocol/batch/batch.ts';
import { isBatch } from '../../../src/protocol/batch/batch.ts';
import { ipcVariable } from '../../../src/protocol/environment-variables.ts';
import { createWorkspace, type DetectionRun, entry, readResult } from './run-detection.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface OperationNumbers {
  count: number;
  errors: number;
  hits: number;
  misses: number;
  timed: number;
  types: Record<string, number>;
  definition: Definition;
}

interface ProfiledRun extends Pick<DetectionRun, 'calls' | 'definitions' | 'errors'> {
  readonly code: number | null;
  readonly batches: readonly Batch[];
  readonly operations: ReadonlyMap<string, OperationNumbers>;
  readonly counters: ReadonlyMap<string, number>;
  readonly gauges: ReadonlyMap<string, number>;
  readonly items: readonly ItemEvent[];
}

/** Runs the pipeline like a profiler does. Calls `act` with the process once it has sent the first batch. */
async function profile(
  workspace: string,
  { act, cache }: { readonly act?: (child: ReturnType<typeof fork>) => void; readonly cache?: string } = {},
): Promise<ProfiledRun> {
  const folder = mkdtempSync(join(tmpdir(), 'pipescope-profiled-'));
  const result = join(folder, 'result.jsonl');
  const cacheFolder = cache ?? join(folder, 'cache');
  const child = fork(entry, ['--workspace', workspace, '--result', result, '--cache', cacheFolder], {
    env: { ...process.env, [ipcVariable]: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  const batches: Batch[] = [];
  child.on('message', (message) => {
    assert.ok(isBatch(message), JSON.stringify(message).slice(0, 200));
    if (batches.length === 0) act?.(child);
    batches.push(message);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  assert.equal(output, '');
  try {
    return { code, batches, ...gather(batches), ...readResult(result) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function gather(batches: readonly Batch[]): Pick<ProfiledRun, 'operations' | 'counters' | 'gauges' | 'items'> {
  const definitions = new Map<string, Definition>();
  const operations = new Map<string, OperationNumbers>();
  const counters = new Map<string, number>();
  const gauges = new Map<string, number>();
  for (const batch of batches) {
    for (const definition of batch.definitions ?? []) definitions.set(`${batch.source} ${definition.id}`, definition);
    for (const delta of batch.operations ?? []) {
      const definition = definitions.get(`${batch.source} ${delta.id}`);
      assert.ok(definition, 'an operation was used before its definition');
      const key = `${definition.component}.${definition.name}`;
      const totals = operations.get(key) ?? {
        count: 0,
        errors: 0,
        hits: 0,
        misses: 0,
        timed: 0,
        types: {},
        definition,
      };
      totals.count += delta.count;
      totals.errors += delta.errors;
      totals.hits += delta.hits;
      totals.misses += delta.misses;
      for (let index = 1; index < delta.buckets.length; index += 2) totals.timed += delta.buckets[index] as number;
      for (const [type, times] of Object.entries(delta.errorTypes ?? {})) {
        totals.types[type] = (totals.types[type] ?? 0) + times;
      }
      operations.set(key, totals);
    }
    for (const { component, name, delta } of batch.counters ?? []) {
      counters.set(`${component}.${name}`, (counters.get(`${component}.${name}`) ?? 0) + delta);
    }
    for (const { component, name, value } of batch.gauges ?? []) gauges.set(`${component}.${name}`, value);
  }
  return { operations, counters, gauges, items: batches.flatMap(({ items }) => items ?? []) };
}

describe('a profiled detection run', function () {
  this.timeout(60_000);
  let workspace: string;
  let profiled: ProfiledRun;
  before(async () => {
    workspace = createWorkspace({ 'broken.ts': 'f(;\n', 'blob.ts': Buffer.from([1, 0]), 'a.py': 'f()\nf()\nf()\n' });
    cpSync(join(root, 'src'), join(workspace, 'src'), { recursive: true });
    profiled = await profile(workspace);
  });
  after(() => rmSync(workspace, { recursive: true }));

  const operation = (name: string): OperationNumbers => {
    const totals = profiled.operations.get(name);
    assert.ok(totals, `${name} is not among ${[...profiled.operations.keys()].join(', ')}`);
    return totals;
  };

  it('reports every component and operation', () => {
    assert.equal(profiled.code, 0);
    assert.deepEqual([...profiled.operations.keys()].sort(), [
      'breadcrumb_cache.index_workspace',
      'breadcrumb_cache.resolve_call',
      'breadcrumb_cache.resolve_file',
      'concurrent_extractor.extract_batch',
      'concurrent_extractor.extract_file',
      'file_discovery.filter_files',
      'file_discovery.list_files',
      'incremental_detection.load_answer',
      'incremental_detection.load_facts',
      'incremental_detection.save_answer',
      'incremental_detection.save_facts',
      'incremental_detection.stat_files',
      'tree_sitter_manager.load_language',
      'tree_sitter_manager.parse_file',
    ]);
  });

  it('reports the same counts as its result contains', () => {
    const files = operation('concurrent_extractor.extract_file').count;
    assert.ok(files > 50);
    assert.equal(profiled.counters.get('file_discovery.files'), files);
    assert.equal(profiled.counters.get('concurrent_extractor.files'), files - 1);
    assert.equal(profiled.counters.get('concurrent_extractor.calls'), profiled.calls.length);
    assert.equal(profiled.counters.get('concurrent_extractor.definitions'), profiled.definitions.length);
    assert.equal(operation('breadcrumb_cache.resolve_call').count, profiled.calls.length);
    for (const { count, timed, definition } of profiled.operations.values())
      assert.equal(timed, count, definition.name);
  });

  it('reports every cache hit and miss', () => {
    const { hits, misses } = operation('breadcrumb_cache.resolve_call');
    assert.equal(hits + misses, profiled.calls.length);
    assert.ok(hits >= 2, 'the second and third of three equal calls are not hits');
    assert.equal(profiled.gauges.get('breadcrumb_cache.entries'), misses);
    const languages = operation('tree_sitter_manager.load_language').count;
    assert.equal(operation('tree_sitter_manager.parse_file').misses, languages);
    const tiers = [...profiled.counters].filter(([name]) => /^breadcrumb_cache\.(?!resolved$)/.test(name));
    assert.equal(
      tiers.reduce((sum, [, times]) => sum + times, 0),
      profiled.calls.length,
    );
  });

  it('reports cache hits and misses of files only if there was a cache', async () => {
    assert.ok(!profiled.operations.has('incremental_detection.hash_file'));
    const small = createWorkspace({ 'a.ts': 'f();\n', 'b.ts': 'g();\n', 'c.ts': 'h();\n' });
    const cache = mkdtempSync(join(tmpdir(), 'pipescope-cache-'));
    try {
      await profile(small, { cache });
      writeFileSync(join(small, 'b.ts'), 'gg();\n');
      const changed = await profile(small, { cache });
      const hashed = changed.operations.get('incremental_detection.hash_file');
      assert.deepEqual([hashed?.hits, hashed?.misses], [2, 1]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await profile(small, { cache });
      const again = await profile(small, { cache });
      assert.equal(again.operations.get('incremental_detection.hash_file')?.hits, 3);
      assert.equal(again.operations.get('breadcrumb_cache.recall_file')?.hits, 3);
      assert.deepEqual(again.calls, changed.calls);
      assert.equal(again.counters.get('breadcrumb_cache.unresolved'), 3);
    } finally {
      for (const folder of [small, cache]) rmSync(folder, { recursive: true });
    }
  });

  it('reports errors by type', () => {
    assert.deepEqual(operation('tree_sitter_manager.parse_file').types, { syntax_error: 1 });
    assert.deepEqual(operation('concurrent_extractor.extract_file').types, { binary: 1 });
    assert.deepEqual(profiled.errors.map(({ type }) => type).sort(), ['binary', 'syntax_error']);
  });

  it('reports the source location of each operation', () => {
    for (const { definition } of profiled.operations.values()) {
      assert.ok(definition.file?.startsWith(join(root, 'src', 'pipelines', 'detection')), definition.file);
      const line = readFileSync(definition.file ?? '', 'utf8').split('\n')[(definition.line ?? 0) - 1];
      assert.match(line ?? '', /(?:const|readonly) \w+ = (?:measured|operation)\(/, `${definition.name}: ${line}`);
    }
  });

  it('reports the time and the counts of each file', () => {
    const name = 'src/probe/api/probe.ts';
    const items = profiled.items.filter((item) => item.name === name);
    const parts = Object.assign({}, ...items.map((item) => item.parts));
    const counts = Object.assign({}, ...items.map((item) => item.counts));
    for (const part of ['parse_file', 'extract_file', 'resolve_file']) assert.ok(parts[part] > 0, part);
    const calls = profiled.calls.filter(({ file }) => file === name).length;
    assert.ok(calls > 50);
    assert.equal(counts.calls, calls);
    assert.equal(counts.cacheHits + counts.cacheMisses, calls);
    assert.ok(items.every(({ file, component }) => file === name && component === 'concurrent_extractor'));
  });

  it('receives the last batch of each thread', () => {
    const sources = new Set(profiled.batches.map(({ source }) => source));
    assert.ok(sources.size >= 2, 'no extractor thread reported');
    for (const source of sources) {
      const batches = profiled.batches.filter((batch) => batch.source === source);
      assert.deepEqual(
        batches.map(({ sequence }) => sequence),
        batches.map((_, index) => index),
      );
      assert.equal(batches.at(-1)?.bye?.reason, 'end');
    }
    assert.equal(profiled.gauges.get('concurrent_extractor.workers'), sources.size - 1);
    const efficiency = profiled.gauges.get('concurrent_extractor.batch_efficiency') ?? 0;
    assert.ok(efficiency > 0 && efficiency <= 1);
  });
});

describe('a stopped detection run', function () {
  this.timeout(60_000);
  const stopRequests: Readonly<Record<string, (child: ReturnType<typeof fork>) => void>> = {
    'by the profiler': (child) => child.send({ type: 'stop' }),
    'by a signal': (child) => child.kill('SIGTERM'),
  };
  for (const [source, requestStop] of Object.entries(stopRequests)) {
    it(`writes the files read so far and succeeds if stopped ${source}`, async () => {
      const many = Array.from({ length: 4000 }, (_, index) => [
        `f${index}.ts`,
        `export function f${index}() { f${index}(); }\n${'g();\n'.repeat(100)}`,
      ]);
      const workspace = createWorkspace(Object.fromEntries(many));
      try {
        const profiled = await profile(workspace, { act: requestStop });
        assert.equal(profiled.code, 0);
        assert.deepEqual(
          profiled.errors.map(({ file, type }) => [file, type]),
          [['.', 'stopped']],
        );
        const files = profiled.counters.get('concurrent_extractor.files') ?? 0;
        assert.ok(files < many.length, `all ${files} files were read`);
        assert.equal(new Set(profiled.calls.map(({ file }) => file)).size, files);
        assert.equal(profiled.batches.findLast(({ source }) => source.endsWith('.0'))?.bye?.reason, 'end');
      } finally {
        rmSync(workspace, { recursive: true });
      }
    });
  }
});
