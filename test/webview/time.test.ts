import assert from 'node:assert/strict';
import {
  formatMoment,
  latestValue,
  pointsInWindow,
  selectWindow,
  slotEndNs,
  type TimeWindow,
  valueAt,
} from '../../webview/time-window.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

const second = 1e9;
const liveWindow: TimeWindow = { startNs: 10 * second, endNs: 70 * second, isLive: true, stepNs: second };

describe('the time window', () => {
  const windows = [
    { what: 'the last minute of a long run', seconds: 90, range: 'auto', result: 'running', start: 30, end: 90 },
    { what: 'all of a shorter run', seconds: 12, range: 'auto', result: 'running', start: 0, end: 12 },
    { what: 'the whole of a finished run', seconds: 90, range: 'auto', result: 'success', start: 0, end: 90 },
    { what: 'the last minute if selected', seconds: 90, range: 'minute', result: 'success', start: 30, end: 90 },
    { what: 'the whole run if selected', seconds: 90, range: 'whole', result: 'running', start: 0, end: 90 },
  ] as const;
  for (const { what, seconds, range, result, start, end } of windows) {
    it(`shows ${what}`, () => {
      const { startNs, endNs } = selectWindow(snapshotAt(seconds, { result }), range);
      assert.deepEqual([startNs / second, endNs / second], [start, end]);
    });
  }

  it('starts with the data, which may start late in an opened file', () => {
    const snapshot = snapshotAt(20, { result: 'success' });
    const late = Object.entries(snapshot.series).map(([key, series]) => [key, { ...series, startNs: 500 * second }]);
    const { startNs, endNs } = selectWindow({ ...snapshot, series: Object.fromEntries(late) }, 'auto');
    assert.deepEqual([startNs / second, endNs / second], [500, 520]);
  });

  it('is not empty before the first data', () => {
    const { startNs, endNs } = selectWindow({ ...snapshotAt(0), series: {} }, 'auto');
    assert.ok(endNs > startNs);
  });

  const moments = [
    { seconds: 70, window: liveWindow, text: 'now' },
    { seconds: 50, window: liveWindow, text: '−20 s' },
    { seconds: 69.25, window: liveWindow, text: '−0.8 s' },
    { seconds: 12.5, window: { ...liveWindow, isLive: false }, text: '12.5 s' },
    { seconds: 2.5, window: { ...liveWindow, isLive: false }, text: '2.5 s' },
    { seconds: 160, window: { ...liveWindow, endNs: 300 * second, isLive: false }, text: '02:40' },
  ];
  for (const { seconds, window, text } of moments) {
    it(`formats ${seconds} s ${window.isLive ? 'of a live window' : 'of the run'} ${text}`, () => {
      assert.equal(formatMoment(seconds * second, window), text);
    });
  }

  it('has the same values at points and at their times, and none in a gap', () => {
    const series = snapshotAt(40).series['latency.p95'];
    const points = pointsInWindow(series, { startNs: 0, endNs: 40 * second, isLive: true, stepNs: second });
    assert.equal(points.length, 38);
    for (const { x, y } of points) assert.equal(valueAt(series, x), y);
    assert.ok(series);
    assert.equal(valueAt(series, slotEndNs(series, 20)), null);
  });

  it('treats the newest value as current for five seconds, and forever after the run has ended', () => {
    const series = snapshotAt(40).series['latency.p95'];
    assert.ok(series);
    const newest = series.values.at(-1);
    const silent = { ...series, values: [...series.values, null, null, null, null] };
    assert.equal(latestValue(silent, { isLive: true }), newest);
    const longSilent = { ...series, values: [...silent.values, null] };
    assert.equal(latestValue(longSilent, { isLive: true }), undefined);
    assert.equal(latestValue(longSilent, { isLive: false }), newest);
  });
});
