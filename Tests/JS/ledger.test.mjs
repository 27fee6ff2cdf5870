// How the page reads /system.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readGap, readLedger, readModes, readOwnCost, splitOptions } from '../../static/stats/ledger.js';
import { cases } from './cases.mjs';

test('options in a sentence are separated from its words', () => {
  const pieces = splitOptions('use --pid=host, or --proc.');
  assert.deepEqual(pieces.map(({ text, isOption }) => [text, isOption]), [
    ['use ', false], ['--pid=host', true], [', or ', false], ['--proc', true], ['.', false],
  ]);
});

const read = (system) => [
  readLedger(system, 'average'), readModes(system, 'average'), readOwnCost(system, 'average'), readGap(system),
];
const nothing = [null, null, null, null];
cases('missing figures stay missing', read, [
  [null, nothing], [{}, nothing], [{ ledger: { now: null, window: null } }, nothing],
]);

test('coverage is always that of the window', () => {
  // In one second of an idle machine a single tick is most of the busy time.
  const part = { busy_percent: 1, processes_percent: 0, ended_children_percent: 0, kernel_threads_percent: 0,
    interrupts_percent: 0, steal_percent: 0, unaccounted_percent: 1, coverage_percent: 0 };
  const system = { cpu_count: 2, ledger: { now: part, window: { ...part, coverage_percent: 99.5 } } };
  assert.equal(readLedger(system, 'now').coverage, 99.5);
  assert.equal(readLedger(system, 'average').coverage, 99.5);
  assert.equal(readLedger({ ...system, ledger: { now: part, window: null } }, 'now').coverage, 0);
});
