import assert from 'node:assert/strict';
import { latest, moment, pointsOf, type TimeWindow, timeAt, valueAt, windowOf } from '../../webview/time-window.ts';
import { snapshotAt } from '../fixtures/snapshot.ts';

const second = 1e9;
const live: TimeWindow = { startNs: 10 * second, endNs: 70 * second, live: true, stepNs: second };

describe('time', () => {
  const windows = [
    { what: 'the last minute of a long run', seconds: 90, range: 'auto', result: 'running', start: 30, end: 90 },
    { what: 'all of a run that is shorter', seconds: 12, range: 'auto', result: 'running', start: 0, end: 12 },
    { what: 'the whole of a finished run', seconds: 90, range: 'auto', result: 'success', start: 0, end: 90 },
    { what: 'the last minute where it is chosen', seconds: 90, range: 'minute', result: 'success', start: 30, end: 90 },
    { what: 'the whole where it is chosen', seconds: 90, range: 'whole', result: 'running', start: 0, end: 90 },
  ] as const;
  for (const { what, seconds, range, result, start, end } of windows) {
    it(`shows ${what}`, () => {
      const { startNs, endNs } = windowOf(snapshotAt(seconds, { result }), range);
      assert.deepEqual([startNs / second, endNs / second], [start, end]);
    });
  }

  it('takes the window from data that begin late, as those of an opened file may', () => {
    const snapshot = snapshotAt(20, { result: 'success' });
    const late = Object.entries(snapshot.series).map(([key, series]) => [key, { ...series, startNs: 500 * second }]);
    const { startNs, endNs } = windowOf({ ...snapshot, series: Object.fromEntries(late) }, 'auto');
    assert.deepEqual([startNs / second, endNs / second], [500, 520]);
  });

  it('has a window of some length before there are data', () => {
    const { startNs, endNs } = windowOf({ ...snapshotAt(0), series: {} }, 'auto');
    assert.ok(endNs > startNs);
  });

  const moments = [
    { at: 70, window: live, text: 'now' },
    { at: 50, window: live, text: '−20 s' },
    { at: 69.25, window: live, text: '−0.8 s' },
    { at: 12.5, window: { ...live, live: false }, text: '12.5 s' },
    { at: 2.5, window: { ...live, live: false }, text: '2.5 s' },
    { at: 160, window: { ...live, endNs: 300 * second, live: false }, text: '02:40' },
  ];
  for (const { at, window, text } of moments) {
    it(`names ${at} s ${window.live ? 'of a live window' : 'of the run'} ${text}`, () => {
      assert.equal(moment(at * second, window), text);
    });
  }

  it('finds at a moment what the points say, and nothing in a gap', () => {
    const series = snapshotAt(40).series['latency.p95'];
    const points = pointsOf(series, { startNs: 0, endNs: 40 * second, live: true, stepNs: second });
    assert.equal(points.length, 38);
    for (const { x, y } of points) assert.equal(valueAt(series, x), y);
    assert.ok(series);
    assert.equal(valueAt(series, timeAt(series, 20)), null);
  });

  it('takes the newest known value as current for five seconds, and for ever once the run has ended', () => {
    const series = snapshotAt(40).series['latency.p95'];
    assert.ok(series);
    const newest = series.values.at(-1);
    const silent = { ...series, values: [...series.values, null, null, null, null] };
    assert.equal(latest(silent, { live: true }), newest);
    const longSilent = { ...series, values: [...silent.values, null] };
    assert.equal(latest(longSilent, { live: true }), undefined);
    assert.equal(latest(longSilent, { live: false }), newest);
  });
});
