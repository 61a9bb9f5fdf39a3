/** Table of all metrics with series. Add a row to add a metric: it is then drawn, exported and tested. */
import type { Unit } from '../../protocol/snapshot.ts';
import type { Slot } from '../record/series/slot.ts';

/** Subject of a metric: the whole run, its unit operation, a component, a counter, or the processes of the run. */
export type ScopeKind = 'run' | 'unit' | 'component' | 'counter' | 'process';

export interface Metric {
  readonly name: string;
  readonly unit: Unit;
  readonly scopes: readonly ScopeKind[];
  readonly help: string;
  /** Returns the value of a slot with the given width, or null if the slot has no data for it. */
  readonly read: (slot: Slot, widthNs: number) => number | null;
}

const perSecond = (amount: number, widthNs: number): number => (amount * 1e9) / widthNs;

export const metrics: readonly Metric[] = [
  {
    name: 'operation.rate',
    unit: '1/s',
    scopes: ['run', 'component'],
    help: 'Completed operations per second of wall time.',
    read: (slot, widthNs) => perSecond(slot.count, widthNs),
  },
  {
    name: 'counter.rate',
    unit: '1/s',
    scopes: ['counter'],
    help: 'Increase of the counter per second of wall time.',
    read: (slot, widthNs) => perSecond(slot.amount, widthNs),
  },
  {
    name: 'latency.p50',
    unit: 'ns',
    scopes: ['unit', 'component'],
    help: '50 % of the completed calls took at most this long.',
    read: (slot) => slot.valueAt(50),
  },
  {
    name: 'latency.p95',
    unit: 'ns',
    scopes: ['unit', 'component'],
    help: '95 % of the completed calls took at most this long.',
    read: (slot) => slot.valueAt(95),
  },
  {
    name: 'latency.p99',
    unit: 'ns',
    scopes: ['unit', 'component'],
    help: '99 % of the completed calls took at most this long.',
    read: (slot) => slot.valueAt(99),
  },
  {
    name: 'cache.hitRatio',
    unit: 'ratio',
    scopes: ['run', 'component'],
    help: 'Share of lookups that hit the cache.',
    read: (slot) => (slot.lookups > 0 ? slot.hits / slot.lookups : null),
  },
  {
    name: 'error.ratio',
    unit: 'ratio',
    scopes: ['run', 'component'],
    help: 'Share of operations that failed.',
    read: (slot) => (slot.count > 0 ? Math.min(1, slot.errors / slot.count) : null),
  },
  {
    name: 'process.cpu',
    unit: 'ratio',
    scopes: ['process'],
    help: 'CPU use of the process tree; 1 is one core.',
    read: (slot) => slot.mean('cpuRatio'),
  },
  {
    name: 'process.rss',
    unit: 'bytes',
    scopes: ['process'],
    help: 'Highest resident memory of all processes of the tree together.',
    read: (slot) => slot.max('rssBytes'),
  },
  {
    name: 'process.heap',
    unit: 'bytes',
    scopes: ['process'],
    help: 'Highest used heap of all running processes with a probe together.',
    read: (slot) => slot.max('heapBytes'),
  },
  {
    name: 'process.gc',
    unit: 'ratio',
    scopes: ['process'],
    help: 'Time in the garbage collectors of all running processes with a probe; 1 is one core.',
    read: (slot) => slot.mean('gcRatio'),
  },
  {
    name: 'process.read',
    unit: 'bytes/s',
    scopes: ['process'],
    help: 'Bytes per second that the process tree read through system calls: files, pipes and sockets.',
    read: (slot) => slot.mean('readBytes'),
  },
  {
    name: 'process.written',
    unit: 'bytes/s',
    scopes: ['process'],
    help: 'Bytes per second that the process tree wrote through system calls: files, pipes and sockets.',
    read: (slot) => slot.mean('writtenBytes'),
  },
  {
    name: 'process.eventLoopDelay',
    unit: 'ns',
    scopes: ['process'],
    help: 'Longest delay of an event loop in the slowest thread: how late a timer ran that is due every 10 ms.',
    read: (slot) => slot.max('eventLoopDelayNs'),
  },
];
