// What the charts draw and which queries they make, without a server and without a clock.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ChartRows, rowsWhilePaused } from '../../static/shared/chart-rows.js';

const NOON = 1_748_779_200_000;
const seconds = (count) => NOON + 1000 * count;
const facts = (changes = {}) => ({ interval: 1000, recordedSince: NOON - 3_600_000, isNewest: true, ...changes });
const point = (second, value = 5) => ({ time: seconds(second), values: [value] });
const past = (first, values) => ({
  times: values.map((_, index) => seconds(first + index) / 1000), series: { a: values }, step_seconds: 1,
  to: new Date(seconds(first + values.length)).toISOString(),
});

/** Rows that follow twenty minutes and have one point, at noon. */
function begun() {
  const rows = new ChartRows(['a'], [], '20m');
  assert.ok(rows.add(point(0), facts(), 0));
  return rows;
}

const drawnTimes = (rows) => rows.drawn.rows.map(({ time }) => (time - NOON) / 1000);

test('before the first point there is nothing to draw or to query', () => {
  const rows = new ChartRows(['a'], [], '20m');
  assert.equal(rows.drawn, null);
  assert.equal(rows.question(0), null);
});

test('a point is drawn, and a repeated point changes nothing', () => {
  const rows = begun();
  assert.deepEqual([rows.drawn.end, rows.drawn.latest, rows.drawn.isDetail], [NOON, [5], false]);
  assert.equal(rows.add(point(0), facts(), 0), false);
});

test('the past is queried once, for the names that have a value', () => {
  const rows = new ChartRows(['a', 'b'], [], '20m');
  rows.add({ time: NOON, values: [5, null] }, facts(), 0);
  const question = rows.question(0);
  assert.deepEqual([question.series, question.from, question.to], ['a', '-1200s', 'now']);
  assert.equal(rows.question(1999), null, 'an answer has two seconds');
  assert.ok(rows.answer(question, past(-3, [1, 2, 3]), 2000));
  assert.deepEqual(drawnTimes(rows), [-3, -2, -1, 0]);
  assert.equal(rows.question(60_000), null);
});

test('a name that appears later is queried with the others', () => {
  const rows = new ChartRows(['a', 'b'], [], '20m');
  rows.add({ time: NOON, values: [5, null] }, facts(), 0);
  rows.answer(rows.question(0), past(-1, [1]), 0);
  rows.add({ time: seconds(1), values: [5, 6] }, facts(), 0);
  assert.equal(rows.question(0).series, 'a,b');
});

test('a recorder that has just started is queried after two seconds', () => {
  const rows = new ChartRows(['a'], [], '20m');
  rows.add(point(0), facts({ recordedSince: NOON - 1000 }), 0);
  assert.equal(rows.question(1999), null);
  assert.notEqual(rows.question(2000), null);
});

test('a gap in the live samples causes another query, but not at once', () => {
  const rows = begun();
  rows.answer(rows.question(0), past(-1, [1]), 0);
  rows.add(point(9), facts(), 0);
  assert.equal(rows.question(9999), null);
  assert.notEqual(rows.question(10_000), null);
});

test('a failed query is repeated after two seconds, and the answer to an older query is ignored', () => {
  const rows = begun();
  const question = rows.question(0);
  assert.equal(rows.answer(question, null, 0), false);
  assert.notEqual(rows.question(2000), null);
  rows.follow('1h');
  assert.equal(rows.answer(question, past(-1, [1]), 3000), false);
});

test('a view within the rows needs no query, and one beyond them does', () => {
  const rows = begun();
  assert.deepEqual(rows.look({ from: seconds(-1000), to: seconds(-400) }), { isChanged: false, isMissing: false });
  assert.deepEqual(rows.look({ from: seconds(-5000), to: seconds(-4000) }), { isChanged: false, isMissing: true });
  const question = rows.detailQuestion();
  assert.deepEqual([question.from, question.to], [seconds(-6000), seconds(-3000)].map((time) => (time / 1000).toFixed(3)));
  assert.ok(rows.answerDetail(past(-5000, [1, 2])));
  assert.deepEqual([rows.drawn.isDetail, ...drawnTimes(rows)], [true, -5000, -4999]);
  assert.deepEqual(rows.look(null), { isChanged: true, isMissing: false });
  assert.equal(rows.drawn.isDetail, false);
});

test('a view without an answer is queried again with the next sample', () => {
  const rows = begun();
  rows.look({ from: seconds(-5000), to: seconds(-4000) });
  assert.equal(rows.answerDetail(null), false);
  assert.ok(rows.isDetailMissing);
});

test('a view that stays still keeps its rows while the live ones advance', () => {
  const rows = begun();
  rows.answer(rows.question(0), past(-1200, Array(1200).fill(1)), 0);
  rows.look({ from: seconds(-1199), to: seconds(-600) });
  for (let second = 1; second < 100; second += 1) rows.add(point(second), facts(), 0);
  assert.ok(rows.drawn.isDetail);
  assert.equal(drawnTimes(rows)[0], -1200);
});

test('a paused page draws nothing newer', () => {
  const frozen = begun().drawn;
  const newest = { ...frozen, end: seconds(9), latest: [9] };
  assert.equal(rowsWhilePaused(frozen, newest), frozen);
  const other = { ...newest, reach: 3_600_000 };
  assert.deepEqual(rowsWhilePaused(frozen, other), { ...other, end: frozen.end, latest: frozen.latest });
  assert.equal(rowsWhilePaused(null, newest).end, seconds(9));
});
