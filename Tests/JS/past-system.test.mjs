// The figures of a moment of the past come from sums, like the live ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pastSystem } from '../../static/stats/past-system.js';

const BEGIN = 1_750_000_000;

/** For each second, in percent of one CPU: the busy time, and the time of processes, which may be more. */
function recorded(busy, processes) {
  const each = (make) => busy.map((one, index) => make(one, processes[index]));
  return {
    'ledger.busy_percent': busy,
    'ledger.processes_percent': each((all, used) => Math.min(all, used)),
    'ledger.unaccounted_percent': each((all, used) => Math.max(0, all - used)),
    'ledger.excess_percent': each((all, used) => Math.max(0, used - all)),
    'ledger.coverage_percent': each((all, used) => 100 * Math.min(1, used / all)),
    'cpu.busy_percent': busy.map((one) => one / 2),
    cpu_count: busy.map(() => 2),
  };
}

/** The same with the exact series, which files of earlier versions do not have. */
function recordedWithSums(busy, processes) {
  return {
    ...recorded(busy, processes),
    'ledger.processes_percent': processes,
    'ledger.counted_percent': busy,
    'ledger.accounted_percent': processes,
    'ledger.measured_percent': busy.map(() => 100),
    'cpu.counted_cpus': busy.map(() => 2),
  };
}

/** What the page shows for the last of some moments, in seconds after the start. */
function shown(series, seconds, window) {
  const times = seconds.map((second) => BEGIN + second);
  const sampledAt = new Date(times.at(-1) * 1000);
  return pastSystem({ times, series, step_seconds: 1, to: '' }, { sampledAt, interval: 1, window });
}

const close = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-9, `${value}, not ${expected}`);
const seconds = (count) => Array.from({ length: count }, (_, index) => index);

for (const make of [recorded, recordedWithSums]) {
  test(`an excess in one second compensates for the next: ${make.name}`, () => {
    // Each second of an idle machine has a tick too many or too few.
    const pairs = seconds(60).map((index) => (index % 2 === 0 ? 2 : 4));
    const system = shown(make([9, ...pairs], [9, ...pairs.map(() => 3)]), seconds(61), 60);
    const ledger = system.ledger.window;
    assert.equal(ledger.coverage_percent, 100);
    assert.equal(ledger.unaccounted_percent, 0);
    assert.equal(ledger.excess_percent, 0);
    close(ledger.busy_percent, 3);
    const parts = ['processes', 'interrupts', 'steal', 'kernel_threads', 'ended_children', 'unaccounted'];
    close(parts.reduce((sum, part) => sum + ledger[`${part}_percent`], 0), ledger.busy_percent);
    assert.ok(!('counted_percent' in ledger) && !('counted_cpus' in system.cpu.window));
  });
}

test('an interval weighs as much as it lasted', () => {
  const system = shown(recordedWithSums([50, 100, 10], [50, 50, 10]), [0, 1, 10], 10);
  close(system.ledger.window.busy_percent, 19);
  close(system.ledger.window.coverage_percent, 100 * 14 / 19);
  close(system.cpu.window.busy_percent, 9.5);
});

test('a sample that follows the start of the window closely counts', () => {
  const system = shown(recordedWithSums([80, 50, 10], [80, 50, 10]), [0, 0.2, 2], 2);
  close(system.ledger.window.busy_percent, (0.2 * 50 + 1.8 * 10) / 2);
});

test('unknown time weighs nothing', () => {
  const past = recordedWithSums([50, 100, 50], [50, 100, 0]);
  for (const [name, values] of Object.entries(past)) {
    if (name !== 'cpu_count') values[1] = /measured|counted_cpus/.test(name) ? 0 : null;
  }
  const system = shown(past, [0, 1, 2], 3);
  close(system.ledger.window.busy_percent, 50);
  close(system.ledger.window.coverage_percent, 50);
});

test('the page shows records of earlier versions', () => {
  const past = recordedWithSums([50, 50, 50, 50], [50, 50, 50, 50]);
  for (const name of ['ledger.counted_percent', 'ledger.accounted_percent', 'ledger.measured_percent',
    'cpu.counted_cpus']) past[name] = [null, null, null, null];
  const system = shown(past, [0, 1, 2, 3], 4);
  assert.equal(system.ledger.window.coverage_percent, 100);
  assert.equal(system.ledger.now.busy_percent, 50);
});
