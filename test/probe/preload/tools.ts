/** Table of the tools and options of Node that are tried beside the probe: one row adds one. */
import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guestTool } from '../../fixtures/guest-tools.ts';
import type { Comparison } from './compare-programs.ts';

export interface Tool {
  /** Command line of Node; the default is only the program. */
  readonly parameters?: readonly string[];
  readonly program?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Versions of Node that have the tool; by default all. */
  readonly majors?: readonly number[];
  /** A notice that the probe must send. */
  readonly notice?: RegExp;
  /** By default the program is sampled. */
  readonly isSampled?: boolean;
  /** Part of the output without the probe, which proves that the tool was at work. */
  readonly shows: RegExp;
  readonly check?: (comparison: Comparison) => void;
}

/** In CPU time of the process, because the sampler needs some time to start and longer on a busy machine. */
const spin = 'while (process.cpuUsage().user < 400_000) for (let i = 0; i < 1e5; i++);\n';
const hello = `${spin}console.log('hello');\n`;
const grade = `exports.grade = function grade(points) {
  if (points > 90) return 'A';
  if (points > 50) { return 'B'; }
  return points < 0 ? 'X' : 'C';
};
exports.unused = () => 1;
`;
const graded = { 'grade.cjs': grade };
const gradeTest = `const { grade } = require('./grade.cjs');
require('node:test').test('grades', () => { ${spin} require('node:assert').equal(grade(95), 'A'); });
`;
const testFiles = { ...graded, 'grade.test.cjs': gradeTest };
const warn = `${spin}process.emitWarning('careful'); process.emitWarning('old', 'DeprecationWarning', 'DEP_X'); setTimeout(() => console.log('hello'), 20);`;
const modern = [22, 24];
/** Options that work alike in all versions: the oldest and the newest are enough. */
const oldestAndNewest = [18, 24];

export const tools: Readonly<Record<string, Tool>> = {
  NODE_V8_COVERAGE: {
    program: `const { grade } = require('./grade.cjs'); ${spin} console.log(grade(95), grade(60));`,
    files: graded,
    env: { NODE_V8_COVERAGE: 'coverage' },
    notice: /NODE_V8_COVERAGE/,
    isSampled: false,
    shows: /A B/,
    check: ({ plain, profiled }) => {
      const expected = coverageOf(plain.folder, 'grade.cjs');
      assert.ok(expected.length === 1 && expected[0]?.includes('grade'));
      assert.deepEqual(coverageOf(profiled.folder, 'grade.cjs'), expected);
    },
  },
  c8: {
    parameters: [guestTool('c8'), '--reporter=text', 'node', 'main.cjs'],
    program: `const { grade } = require('./grade.cjs'); ${spin} console.log(grade(95), grade(60));`,
    files: graded,
    majors: [24],
    notice: /NODE_V8_COVERAGE/,
    shows: /grade\.cjs *\| +\d/,
  },
  'jest with V8 coverage': {
    parameters: [guestTool('jest'), '--coverage', '--coverageProvider=v8', '--silent', '--coverageReporters=text'],
    files: {
      ...graded,
      'package.json': '{"jest":{"collectCoverageFrom":["*.cjs"],"moduleFileExtensions":["js","cjs"]}}',
      'grade.test.js': "const { grade } = require('./grade.cjs'); test('grades', () => expect(grade(95)).toBe('A'));",
    },
    majors: [24],
    notice: /inspector session/,
    shows: /grade\.cjs *\| +\d/,
  },
  'the test runner': { parameters: ['--test', 'grade.test.cjs'], files: testFiles, shows: /pass 1/ },
  'the coverage of the test runner': {
    parameters: ['--test', '--experimental-test-coverage', 'grade.test.cjs'],
    files: testFiles,
    notice: /NODE_V8_COVERAGE/,
    isSampled: false,
    shows: /grade\.cjs *\| +83\.33 \|/,
  },
  'the test runner without isolation in Node 22': {
    parameters: ['--test', '--experimental-test-isolation=none', 'grade.test.cjs'],
    files: testFiles,
    majors: [22],
    notice: /test-isolation=none/,
    isSampled: false,
    shows: /pass 1/,
  },
  'the test runner without isolation': {
    parameters: ['--test', '--test-isolation=none', 'grade.test.cjs'],
    files: testFiles,
    majors: [24],
    shows: /pass 1/,
  },
  'the watch mode': {
    parameters: ['--watch', 'main.cjs'],
    program: `${hello}process.kill(process.ppid);`,
    shows: /hello/,
  },
  '--cpu-prof': {
    parameters: ['--cpu-prof', 'main.cjs'],
    program: hello,
    notice: /--cpu-prof/,
    isSampled: false,
    shows: /hello/,
  },
  '--heap-prof': { majors: oldestAndNewest, parameters: ['--heap-prof', 'main.cjs'], program: hello, shows: /hello/ },
  '--prof': {
    parameters: ['--prof', 'main.cjs'],
    program: hello,
    notice: /--prof/,
    isSampled: false,
    shows: /hello/,
  },
  'options that print what V8 does': {
    parameters: ['--print-bytecode', '--print-bytecode-filter=absent', 'main.cjs'],
    program: hello,
    majors: [24],
    notice: /V8 print/,
    isSampled: false,
    shows: /hello/,
  },
  '--inspect': {
    parameters: ['--inspect=0', 'main.cjs'],
    program: hello,
    notice: /inspector is open/,
    isSampled: false,
    shows: /Debugger listening/,
  },
  'an inspector that the program opens': {
    majors: oldestAndNewest,
    program: `${spin}require('node:inspector').open(0); ${spin.replace('400', '600')} console.log('hello'); process.exit(2);`,
    notice: /inspector is open/,
    shows: /Debugger listening/,
  },
  'an inspector session that profiles': {
    program: `${spin}const { Session } = require('node:inspector');
const session = new Session(); session.connect();
let foreign = 0;
session.on('Profiler.consoleProfileStarted', () => foreign++).on('Profiler.consoleProfileFinished', () => foreign++);
const post = (name, parameters) => { let result; session.post(name, parameters ?? {}, (error, value) => { if (error) throw error; result = value; }); return result; };
const spin = (ms) => { const until = performance.now() + ms; while (performance.now() < until); };
post('Profiler.enable'); post('Profiler.setSamplingInterval', { interval: 10000 }); post('Profiler.start');
spin(600);
const { profile } = post('Profiler.stop');
console.log(profile.nodes.some(({ callFrame }) => callFrame.functionName === 'spin'), profile.samples.length < 100, foreign);
post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
function covered(flag) { if (flag) return 1; return 2; }
covered(1); spin(300); covered(0);
process.on('exit', () => {
  const { result } = post('Profiler.takePreciseCoverage');
  const { functions } = result.find(({ url }) => url.endsWith('main.cjs'));
  console.log(JSON.stringify(functions.find(({ functionName }) => functionName === 'covered')), foreign, require('node:inspector').Session.prototype.post.length);
});`,
    notice: /inspector session/,
    shows: /true true 0\n\{"functionName":"covered"/,
  },
  'inspector sessions for other purposes': {
    majors: oldestAndNewest,
    program: `const { Session } = require('node:inspector');
const session = new Session(); session.connect();
const scripts = []; session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params.url));
session.post('Debugger.enable'); session.post('Runtime.enable'); session.post('HeapProfiler.enable'); session.post('HeapProfiler.startSampling');
scripts.length = 0;
setTimeout(() => session.post('HeapProfiler.stopSampling', (error, { profile }) => { console.log(typeof profile.head, scripts.filter((url) => !/^(node:.*)?$/.test(url))); session.disconnect(); }), 700);`,
    shows: /object \[\]/,
  },
  '--pending-deprecation': {
    parameters: ['--pending-deprecation', '--throw-deprecation', 'main.cjs'],
    program: hello,
    shows: /hello/,
  },
  NODE_PENDING_DEPRECATION: {
    majors: oldestAndNewest,
    env: { NODE_PENDING_DEPRECATION: '1' },
    program: warn,
    shows: /DEP_X/,
  },
  '--trace-warnings': {
    majors: oldestAndNewest,
    parameters: ['--trace-warnings', 'main.cjs'],
    program: warn,
    shows: /careful\n +at/,
  },
  '--throw-deprecation': {
    majors: oldestAndNewest,
    parameters: ['--throw-deprecation', 'main.cjs'],
    program: warn,
    shows: /DEP_X|old/,
  },
  '--trace-exit': {
    majors: oldestAndNewest,
    parameters: ['--trace-exit', 'main.cjs'],
    program: `${hello}process.exit(3);`,
    shows: /Exited/,
  },
  execve: {
    program: `${spin}process.execve('/bin/echo', ['echo', 'replaced'], process.env);`,
    majors: modern,
    shows: /replaced/,
  },
  '--check': {
    majors: oldestAndNewest,
    parameters: ['--check', 'main.cjs'],
    program: 'const = 1;',
    isSampled: false,
    shows: /SyntaxError/,
  },
  '--print': { majors: oldestAndNewest, parameters: ['-p', `${spin}new Error('here').stack`], shows: /here/ },
  'a program from standard input': { majors: oldestAndNewest, parameters: ['-'], input: hello, shows: /hello/ },
  'the REPL': { majors: oldestAndNewest, parameters: ['-i'], input: `${hello}.exit\n`, shows: /hello/ },
  '--disallow-code-generation-from-strings': {
    majors: oldestAndNewest,
    parameters: ['--disallow-code-generation-from-strings', 'main.cjs'],
    program: `${spin}try { eval('1') } catch (error) { console.log(error.message) }`,
    shows: /disallowed/,
  },
  '--frozen-intrinsics': {
    majors: oldestAndNewest,
    parameters: ['--frozen-intrinsics', 'main.cjs'],
    program: hello,
    shows: /hello/,
  },
  '--jitless with small heap and stack': {
    majors: oldestAndNewest,
    parameters: ['--jitless', '--disable-proto=throw', '--stack-size=500', '--max-old-space-size=60', 'main.cjs'],
    program: `${hello}let depth = 0; (function deep() { depth++; deep.call(); }).call === 0; console.log(typeof WebAssembly);`,
    shows: /undefined/,
  },
  '--enable-source-maps': {
    majors: oldestAndNewest,
    parameters: ['--enable-source-maps', '--unhandled-rejections=warn', 'main.cjs'],
    program: `${spin}Promise.reject(new Error('lost')); setTimeout(() => { throw new Error('thrown'); }, 10);`,
    shows: /thrown/,
  },
  'the event log': {
    majors: oldestAndNewest,
    parameters: ['--trace-events-enabled', '--expose-gc', '--experimental-vm-modules', 'main.cjs'],
    program: `${hello}gc();`,
    shows: /hello/,
  },
  '--build-snapshot': {
    majors: oldestAndNewest,
    parameters: ['--snapshot-blob', 'snapshot.blob', '--build-snapshot', 'main.cjs'],
    program: "require('node:v8').startupSnapshot.setDeserializeMainFunction(() => console.log('hello'));",
    isSampled: false,
    shows: /^/,
  },
  'a program from a snapshot': {
    program: `${spin}const { spawnSync } = require('node:child_process');
const run = (...parameters) => String(spawnSync(process.execPath, ['--snapshot-blob', 'blob', ...parameters]).stdout);
console.log(run('--build-snapshot', 'start.cjs') + run('main.cjs'));`,
    files: {
      'start.cjs': `require('node:v8').startupSnapshot.setDeserializeMainFunction(() => { ${hello} });`,
    },
    majors: modern,
    notice: /snapshot/,
    shows: /hello/,
  },
  '--run': {
    parameters: ['--run', 'start'],
    program: hello,
    files: { 'package.json': '{"scripts":{"start":"node main.cjs"}}' },
    majors: modern,
    shows: /hello/,
  },
};

/** Returns what Node recorded about a file in the coverage reports of a folder. */
function coverageOf(folder: string, file: string): string[] {
  return readdirSync(join(folder, 'coverage')).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, 'coverage', name), 'utf8'));
    assert.ok(!result.some(({ url }: { url: string }) => url.startsWith('file:') && /preload/.test(url)));
    const script = result.find(({ url }: { url: string }) => url.endsWith(file));
    return script ? [JSON.stringify(script.functions)] : [];
  });
}
