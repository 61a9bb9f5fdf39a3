/** Every metric that is kept over time: a row adds one, and it is drawn, exported and tested from then on. */
import type { Unit } from '../../protocol/snapshot.ts';
import type { Slot } from '../record/slot.ts';

/** Whose metric it is: the whole run, its unit operation, each component, each counter, or its processes. */
export type ScopeKind = 'run' | 'unit' | 'component' | 'counter' | 'process';

export interface Metric {
  readonly name: string;
  readonly unit: Unit;
  readonly scopes: readonly ScopeKind[];
  readonly help: string;
  /** Its value over one slot of the given width; null where there is nothing to tell. */
  readonly read: (slot: Slot, widthNs: number) => number | null;
}

const perSecond = (amount: number, widthNs: number): number => (amount * 1e9) / widthNs;

export const metrics: readonly Metric[] = [
  {
    name: 'operation.rate',
    unit: '1/s',
    scopes: ['run', 'component'],
    help: 'Operations ended a second, by the wall clock.',
    read: (slot, widthNs) => perSecond(slot.count, widthNs),
  },
  {
    name: 'counter.rate',
    unit: '1/s',
    scopes: ['counter'],
    help: 'Things counted a second, by the wall clock.',
    read: (slot, widthNs) => perSecond(slot.amount, widthNs),
  },
  {
    name: 'latency.p50',
    unit: 'ns',
    scopes: ['unit', 'component'],
    help: 'Half of the calls that ended took at most this long.',
    read: (slot) => slot.valueAt(50),
  },
  {
    name: 'latency.p95',
    unit: 'ns',
    scopes: ['unit', 'component'],
    help: '95 % of the calls that ended took at most this long.',
    read: (slot) => slot.valueAt(95),
  },
  {
    name: 'latency.p99',
    unit: 'ns',
    scopes: ['unit', 'component'],
    help: '99 % of the calls that ended took at most this long.',
    read: (slot) => slot.valueAt(99),
  },
  {
    name: 'cache.hitRatio',
    unit: 'ratio',
    scopes: ['run', 'component'],
    help: 'Share of the lookups that were answered from the cache.',
    read: (slot) => (slot.lookups > 0 ? slot.hits / slot.lookups : null),
  },
  {
    name: 'error.ratio',
    unit: 'ratio',
    scopes: ['run', 'component'],
    help: 'Share of the operations that failed.',
    read: (slot) => (slot.count > 0 ? Math.min(1, slot.errors / slot.count) : null),
  },
  {
    name: 'process.cpu',
    unit: 'ratio',
    scopes: ['process'],
    help: 'Processor time a second of the process tree: 1 is one core.',
    read: (slot) => slot.mean('cpuRatio'),
  },
  {
    name: 'process.rss',
    unit: 'bytes',
    scopes: ['process'],
    help: 'Resident memory of the process tree, the highest seen.',
    read: (slot) => slot.max('rssBytes'),
  },
  {
    name: 'process.heap',
    unit: 'bytes',
    scopes: ['process'],
    help: 'Used heap that the probes tell of, all processes, the highest seen.',
    read: (slot) => slot.max('heapBytes'),
  },
  {
    name: 'process.gc',
    unit: 'ratio',
    scopes: ['process'],
    help: 'Share of the time that the garbage collector took from a process, as far as its probe tells.',
    read: (slot) => slot.mean('gcRatio'),
  },
  {
    name: 'process.read',
    unit: 'bytes/s',
    scopes: ['process'],
    help: 'Bytes a second that the process tree read by system calls: files, pipes and sockets.',
    read: (slot) => slot.mean('readBytes'),
  },
  {
    name: 'process.written',
    unit: 'bytes/s',
    scopes: ['process'],
    help: 'Bytes a second that the process tree wrote by system calls: files, pipes and sockets.',
    read: (slot) => slot.mean('writtenBytes'),
  },
  {
    name: 'process.eventLoopDelay',
    unit: 'ns',
    scopes: ['process'],
    help: '99th percentile of the event loop’s delay, the worst thread.',
    read: (slot) => slot.max('eventLoopDelayNs'),
  },
];
