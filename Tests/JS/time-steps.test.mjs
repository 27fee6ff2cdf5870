// Where a step through time leads.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NOTHING } from '../../static/stats/past-moment.js';
import { knownDestination, makeStepQueue } from '../../static/stats/time-steps.js';

const NEWEST = 100_000;
const shown = {
  ...NOTHING, state: 'shown', moment: 50_000, text: null, edge: null, before: 49_000, after: 51_000,
  sample: { interval: 1 },
};

test('the samples beside the shown one are known', () => {
  assert.equal(knownDestination(shown, NEWEST, 50_000, -1, 0), 49_000);
  assert.equal(knownDestination(shown, NEWEST, 50_000, 1, 0), 51_000);
});

test('the sample before the newest is the last one in the past', () => {
  assert.equal(knownDestination({ ...shown, after: NEWEST }, NEWEST, 99_000, 1, 0), null);
  assert.equal(knownDestination({ ...shown, after: null }, NEWEST, 99_000, 1, 0), null);
  assert.equal(knownDestination(shown, NEWEST, 50_000, 1, 60_000), null);
});

test('every other step needs a query', () => {
  assert.equal(knownDestination(null, NEWEST, NEWEST, -1, 0), undefined);
  assert.equal(knownDestination(shown, NEWEST, 50_000, -1, 60_000), undefined);
  assert.equal(knownDestination({ ...shown, before: null }, NEWEST, 50_000, -1, 0), undefined);
});

test('steps run one after the other, and only a few wait', async () => {
  const taken = [];
  const release = [];
  const queue = makeStepQueue((direction, distance) => {
    taken.push([direction, distance]);
    return new Promise((resolve) => release.push(resolve));
  });
  for (let distance = 0; distance < 9; distance += 1) queue.step(1, distance);
  assert.deepEqual(taken, [[1, 0]]);
  while (release.length > 0) {
    release.shift()();
    await new Promise(setImmediate);
  }
  assert.deepEqual(taken, [[1, 0], [1, 1], [1, 2], [1, 3]]);
});

test('waiting steps are discarded when the reader goes elsewhere', async () => {
  const taken = [];
  const queue = makeStepQueue(async (direction) => void taken.push(direction));
  const first = queue.step(1, 0);
  queue.step(-1, 0);
  queue.clear();
  await first;
  await new Promise(setImmediate);
  assert.deepEqual(taken, [1]);
});
