// Which time range the charts show, and what they say about it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clampShare, momentAt, readingOf, scopeText, toggled, visitedShare } from '../../static/shared/chart-reading.js';
import { isLive, keptInView, marked, moved, shownView, zoomed } from '../../static/shared/chart-view.js';
import { cases } from './cases.mjs';

const END = 10_000_000;
const RANGE = { range: '20m', end: END, distance: 1000 };

test('without a view the charts show the newest samples', () => {
  assert.deepEqual(shownView(null, '20m', END), { from: END - 1_200_000, to: END });
  assert.ok(isLive(shownView(null, '20m', END), '20m', END));
});

test('moving, zooming and marking never show the future', () => {
  const view = { from: END - 100_000, to: END };
  assert.deepEqual(moved(view, 0.5, END), view);
  assert.deepEqual(zoomed(view, 2, 0.5, END), { from: END - 200_000, to: END });
  assert.deepEqual(marked(END - 20_000, END + 20_000, END), { from: END - 40_000, to: END });
});

test('a moment of the past stays visible, unless the reader moved away from it', () => {
  const now = shownView(null, '20m', END);
  const before = { from: now.from - 5000, to: now.to - 5000 };
  const time = now.from - 2000;
  assert.deepEqual(keptInView(time, null, before, now, RANGE), { from: time - 600_000, to: time + 600_000 });
  assert.deepEqual(keptInView(now.from + 1500, null, before, now, RANGE), now, 'shortly before it would be lost');
  assert.equal(keptInView(now.from + 60_000, null, before, now, RANGE), null);
  assert.equal(keptInView(time, { from: 0, to: 1000 }, before, now, RANGE), null);
  assert.equal(keptInView(before.from - 1, null, before, now, RANGE), null, 'it was not in sight');
});

cases('a place in the view', clampShare, [[0, 0], [0.5, 0.5], [1, 1], [-0.1, null], [1.1, null], [NaN, null], [null, null]]);

cases('the series that are hidden', toggled, [[[], 'a', ['a']], [['a', 'b'], 'a', ['b']], [['b'], 'a', ['b', 'a']]]);

const row = (time, value) => ({ time, count: value === null ? 0 : 1, values: [value], isRecorded: true });
const drawn = {
  rows: [row(1000, 1), row(2000, 3), row(3000, null), row(9000, 5)], end: 9000, latest: [5], isDetail: false,
  isGathered: false, distance: 1000, reach: 60_000,
};
const view = { from: 0, to: 10_000 };

test('the legend has the values of a place, of the newest sample or of the view', () => {
  assert.deepEqual(readingOf(drawn, view, 0.21, true).values, [3]);
  assert.deepEqual(readingOf(drawn, view, 0.6, true).values, [], 'too far from any row');
  assert.deepEqual(readingOf(drawn, view, null, true), { values: [5], moment: '' });
  assert.deepEqual(readingOf(drawn, view, null, false), { values: [3], moment: 'on average' });
});

test('a click selects the sample that is drawn there, and in a gap the moment itself', () => {
  assert.equal(momentAt(drawn, 2300), 2000);
  assert.equal(momentAt(drawn, 3100), 3100);
  assert.equal(momentAt({ ...drawn, isGathered: true }, 2300), 2300);
});

test('the moment of the page has a place in the view', () => {
  assert.equal(visitedShare(view, { moment: 2500 }), 0.25);
  assert.equal(visitedShare(view, { moment: NaN }), null);
  assert.equal(visitedShare(view, null), null);
});

test('the shown range has a description in words', () => {
  assert.equal(scopeText(null, '1h'), 'the last hour');
  assert.match(scopeText(view, '1h'), /^not live: .* to /);
});
