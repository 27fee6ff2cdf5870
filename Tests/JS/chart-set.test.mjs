// What a series of a chart is in a row of values.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arrangeValues, readSeries, seriesValue } from '../../static/shared/chart-set.js';
import { asSystem, HOST_CHARTS, makeHostSource } from '../../static/fleet/host-chart-source.js';

const coverage = HOST_CHARTS.find(({ id }) => id === 'coverage').series[0];
const names = arrangeValues(HOST_CHARTS);
const row = (values) => names.map((name) => values[name] ?? null);

test('the coverage is the quotient of the sums, also where rows were averaged', () => {
  const mean = (key) => (key === 'ledger.counted_percent' ? (396 + 4) / 2 : (39.6 + 4) / 2);
  const values = row({
    'ledger.coverage_percent': 55,
    'ledger.counted_percent': mean('ledger.counted_percent'),
    'ledger.accounted_percent': mean('ledger.accounted_percent'),
  });
  assert.equal(seriesValue(coverage, values).toFixed(1), '10.9');
});

test('coverage is at most 100 percent, and 100 percent without busy time', () => {
  const of = (counted, accounted) => seriesValue(coverage, row({
    'ledger.counted_percent': counted, 'ledger.accounted_percent': accounted,
  }));
  assert.equal(of(100, 130), 100);
  assert.equal(of(0, 0), 100);
  assert.equal(of(200, 50), 25);
});

test('the coverage of an agent that sends no sums is the one that it reports', () => {
  const system = asSystem({ cpu_count: 4, cpu_percent: 5, coverage_percent: 98.5, ledger: null });
  assert.equal(seriesValue(coverage, names.map((name) => readSeries(system, name))), 98.5);
  assert.equal(seriesValue(coverage, row({})), null);
});

test('measured intervals of a host vary, and its charts keep the usual one', () => {
  const feed = new EventTarget();
  const taken = [];
  makeHostSource('web').follow(feed, ({ length }, { interval }) => taken.push([length, interval]));
  let now = 1_750_000_000_000;
  for (const seconds of [1, 1.001, 0.999, 1.6, 1]) {
    now += 1000 * seconds;
    const host = { sampled_at: new Date(now).toISOString(), age_seconds: 0, interval_seconds: seconds, state: 'live' };
    feed.dispatchEvent(new CustomEvent('host', { detail: { host, now } }));
  }
  assert.deepEqual(taken.map(([length]) => Math.round(length)), [1000, 1001, 999, 1600, 1000]);
  assert.deepEqual(taken.map(([, interval]) => interval), [1000, 1000, 1000, 1000, 1000]);
});
