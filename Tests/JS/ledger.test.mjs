// What the page reads out of /system.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readGap, readLedger, readModes, readOwnCost, splitOptions } from '../../static/stats/ledger.js';
import { cases } from './cases.mjs';

test('options of a sentence are told from its words', () => {
  const pieces = splitOptions('use --pid=host, or --proc.');
  assert.deepEqual(pieces.map(({ text, isOption }) => [text, isOption]), [
    ['use ', false], ['--pid=host', true], [', or ', false], ['--proc', true], ['.', false],
  ]);
});

const read = (system) => [
  readLedger(system, 'average'), readModes(system, 'average'), readOwnCost(system, 'average'), readGap(system),
];
const nothing = [null, null, null, null];
cases('no figures are made up', read, [
  [null, nothing], [{}, nothing], [{ ledger: { now: null, window: null } }, nothing],
]);
