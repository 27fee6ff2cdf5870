// How the page reports the state of its polling.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { healthOf } from '../../static/shared/polling.js';

const course = { hasAnswer: true, isStale: false, detail: null, answeredAt: 10_000, movedAt: 9000, awakeSince: 0 };

test('answers make the page live, and before the first one it waits', () => {
  assert.deepEqual(healthOf(course, 11_000), { state: 'live', silence: 1, detail: null });
  assert.equal(healthOf({ ...course, hasAnswer: false }, 11_000).state, 'waiting');
});

test('three missed polls are silence, and an error is reported', () => {
  assert.equal(healthOf(course, 12_999).state, 'live');
  assert.deepEqual(healthOf(course, 13_000), { state: 'silent', silence: 3, detail: null });
  assert.equal(healthOf({ ...course, detail: 'no' }, 13_000).state, 'refused');
});

test('a page that was hidden waits as long as a new one', () => {
  assert.equal(healthOf({ ...course, awakeSince: 99_000 }, 100_000).state, 'live');
});

test('without new data the page is stale, counted from the last new data', () => {
  assert.deepEqual(healthOf({ ...course, isStale: true }, 11_000), { state: 'stale', silence: 2, detail: null });
  assert.equal(healthOf({ ...course, isStale: true }, 20_000).state, 'silent', 'a silence is worse');
});
