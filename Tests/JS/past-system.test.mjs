// The figures of a moment of the past in the form of /system.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pastSystem } from '../../static/stats/past-system.js';

const BEGIN = 1_750_000_000;
const SERIES = {
  cpu_count: [2, 4, 4],
  'cpu.busy_percent': [10, 20, 30],
  'cpu.counted_cpus': [2, 4, 4],
  'ledger.busy_percent': [20, 80, 120],
  'ledger.coverage_percent': [100, 90, 80],
  'ledger.counted_percent': [20, 80, 120],
  'self.cpu_percent': [0.1, 0.2, 0.3],
  'self.rss_bytes': [1000, 2000, 3000],
};
const WINDOW = {
  times: [0], step_seconds: 1e11, to: '',
  series: {
    cpu_count: [3], 'cpu.busy_percent': [25], 'cpu.counted_cpus': [3], 'ledger.busy_percent': [77],
    'ledger.coverage_percent': [93], 'ledger.counted_percent': [77], 'self.cpu_percent': [0.25], 'self.rss_bytes': [9],
  },
};

/** What the page shows for a moment, in seconds after the first sample. */
function shown(second, { series = SERIES, whole = WINDOW, interval = 1 } = {}) {
  const past = { times: [0, 1, 2].map((one) => BEGIN + one * interval), series, step_seconds: interval, to: '' };
  return pastSystem(past, whole, { sampledAt: new Date((BEGIN + second) * 1000), interval, window: 60 });
}

test('the newest values are those of the sample, and the averages those of the window', () => {
  const system = shown(1);
  assert.equal(system.cpu_count, 4);
  assert.deepEqual(system.cpu, { now: { busy_percent: 20 }, window: { busy_percent: 25 } });
  assert.deepEqual(system.ledger, {
    now: { busy_percent: 80, coverage_percent: 90 }, window: { busy_percent: 77, coverage_percent: 93 } });
  assert.deepEqual(system.self, { cpu_percent: { now: 0.2, window: 0.25 }, rss_bytes: 2000 });
});

test('a moment between two samples has the values of the earlier one', () => {
  assert.equal(shown(1.9).ledger.now.busy_percent, 80);
  assert.equal(shown(3.4).ledger.now.busy_percent, 120);
  assert.equal(shown(14, { interval: 10 }).ledger.now.busy_percent, 80);
});

test('a row covers its step, which is longer than a short interval', () => {
  const past = { times: [BEGIN], series: { cpu_count: [2], 'cpu.busy_percent': [10] }, step_seconds: 1, to: '' };
  const shownAt = (/** @type {number} */ moment) => pastSystem(
    past, WINDOW, { sampledAt: new Date((BEGIN + moment) * 1000), interval: 0.25, window: 60 });
  assert.equal(shownAt(0.75).cpu.now.busy_percent, 10);
  assert.equal(shownAt(1), null);
});

test('nothing is shown for a moment without a sample', () => {
  assert.equal(shown(-1), null);
  assert.equal(shown(3.5), null);
});

test('values that were not recorded are absent', () => {
  const first = shown(0, { whole: null });
  assert.equal(first.ledger.window, null);
  assert.equal(first.self.cpu_percent.window, null);
  const unknown = shown(1, { series: { ...SERIES, 'ledger.busy_percent': [20, null, 120] } });
  assert.equal(unknown.ledger.now, null);
  assert.equal(unknown.ledger.window.busy_percent, 77);
});
