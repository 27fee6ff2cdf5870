// The rows behind the charts: recorded and live rows become one line, gaps included.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makeTimeline, meanOf, nearestRow, readPast } from '../../static/shared/timeline.js';
import { cases } from './cases.mjs';

/** The rows of a timeline after some calls, each as its time, its values and its count. */
function rows(acts, { names = ['a'], step = 0, spacing = 1000, reach = 60_000 } = {}) {
  const timeline = makeTimeline(names, { step, spacing, reach });
  for (const [act, argument] of acts) timeline[act](argument);
  return timeline.rows().map(({ time, values, count }) => [time, ...values, count]);
}

const times = (made) => made.map(([time]) => time);
const seen = (seconds, ...values) => ['add', { time: Math.round(seconds * 1000), values }];
const recorded = (moments, values, to = '1970-01-01T01:00:00Z', step = 1) =>
  ['fill', { times: moments, series: { a: values }, step_seconds: step, to }];

test('live rows follow recorded rows', () => {
  assert.deepEqual(rows([seen(12, 7), recorded([10, 11, 12], [1, 2, 3]), seen(13, 8)]), [
    [10_000, 1, 1], [11_000, 2, 1], [12_000, 3, 1], [13_000, 8, 1]]);
});

test('live rows stay if nothing was recorded', () => {
  assert.deepEqual(rows([seen(1, 1), seen(2, 2), recorded([], [])]), [[1000, 1, 1], [2000, 2, 1]]);
});

test('missing live rows are a gap', () => {
  assert.deepEqual(rows([seen(1, 1), seen(2, 2), seen(9, 3)]), [
    [1000, 1, 1], [2000, 2, 1], [3000, null, 0], [9000, 3, 1]]);
});

test('a late sample is not a gap', () => {
  assert.equal(rows([seen(1, 1), seen(3.4, 2)]).length, 2);
});

test('recorded rows fill a gap in the live rows', () => {
  assert.deepEqual(rows([seen(1, 1), seen(4, 4), recorded([1, 2, 3, 4], [1, 2, 3, 4])]), [
    [1000, 1, 1], [2000, 2, 1], [3000, 3, 1], [4000, 4, 1]]);
});

test('a gap of the recorder stays unless live rows fill it', () => {
  const [moments, values] = [[1, 2, 3, 6], [1, 2, null, 6]];
  assert.ok(rows([recorded(moments, values)]).some((row) => row[0] === 3000 && row[1] === null && row[2] === 0));
  assert.deepEqual(
    rows([seen(3, 3), seen(4, 4), seen(5, 5), recorded(moments, values)]),
    [1, 2, 3, 4, 5, 6].map((second) => [second * 1000, second, 1]));
});

test('coarse history has no gaps between its points', () => {
  // Old points were merged, so they are farther apart than samples.
  assert.deepEqual(times(rows([recorded([10, 20, 30], [1, 2, 3])])), [10_000, 20_000, 30_000]);
});

test('a late sample counts by the time that it measured', () => {
  const point = (time, length, value) => ['add', { time: 1000 * time, values: [value], length: 1000 * length }];
  // A second of 100 and three of 20.
  assert.deepEqual(
    rows([point(11, 1, 100), point(14, 3, 20)], { step: 10_000 }), [[10_000, 40, 4]]);
});

/** Numbers from 0 to 1 that are the same in each run. */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (1103515245 * state + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Two hundred samples, some of them late, which begin where the previous one ended. */
function makeSamples(random) {
  let time = 1_750_000_000_000;
  return Array.from({ length: 200 }, () => {
    const length = random() < 0.1 ? 2500 : Math.round(980 + 40 * random());
    time += length;
    return { time, length, values: [random() < 0.5 ? 0 : 100 * random()] };
  });
}

/** The mean of the time of samples inside a range. */
function meanOfTime(samples, from, to) {
  let [total, weight] = [0, 0];
  for (const { time, length, values } of samples) {
    const part = Math.max(0, Math.min(time, to) - Math.max(time - length, from));
    [total, weight] = [total + part * values[0], weight + part];
  }
  return total / weight;
}

for (const kind of ['seen', 'recorded']) {
  test(`the mean of sixty ranges is that of the time of their samples: ${kind}`, () => {
    const random = makeRandom(16);
    const samples = makeSamples(random);
    const timeline = makeTimeline(['a'], { step: 0, spacing: 1000, reach: 1e9 });
    for (const sample of samples) timeline.add(sample);
    const past = {
      times: samples.map(({ time }) => time / 1000), series: { a: samples.map(({ values }) => values[0]) },
      step_seconds: 1, to: '2030-01-01T00:00:00Z',
    };
    const drawn = kind === 'seen' ? timeline.rows() : readPast(past, ['a'], 1000);
    for (let index = 0; index < 60; index += 1) {
      const [first, last] = [random(), random()].sort();
      const [begin, length] = [samples[1].time, samples.at(-1).time - samples[1].time];
      const [from, to] = [begin + first * length, begin + last * length];
      if (to - from < 3000) continue;
      const [mean] = meanOf(drawn, { from, to }, 1000, false);
      assert.ok(Math.abs(mean - meanOfTime(samples, from, to)) < 0.1, `${from} to ${to}`);
    }
  });
}

test('an end of a range cuts a row that combines samples', () => {
  const gathered = [10, 20, 30].map(
    (second) => ({ time: 1000 * second, count: 10, values: [second], isRecorded: true }));
  // Half of the first, all of the second and a tenth of the third.
  assert.deepEqual(meanOf(gathered, { from: 15_000, to: 31_000 }, 10_000, true), [(5 * 10 + 10 * 20 + 30) / 16]);
});

test('samples are combined into intervals', () => {
  assert.deepEqual(rows([seen(10, 1), seen(12, 3), seen(19.9, 5), seen(20, 7)], { step: 10_000 }), [
    [10_000, 3, 3], [20_000, 7, 1]]);
});

test('a recorded interval keeps its weight when samples are added', () => {
  const past = recorded([0, 10], [9, 3], '1970-01-01T00:00:13Z', 10);
  assert.deepEqual(rows([past, seen(13, 7)], { step: 10_000 }), [[0, 9, 10], [10_000, 4, 4]]);
});

test('the maximum is not a mean', () => {
  const made = rows([seen(10, 1, 1), seen(12, 3, 9), seen(13, 2, 2)], { names: ['a', 'b:max'], step: 10_000 });
  assert.deepEqual(made, [[10_000, 2, 9, 3]]);
});

test('unknown values are not part of the mean', () => {
  assert.equal(rows([seen(10, null), seen(12, 3)], { step: 10_000 })[0][1], 3);
});

test('a clock that was set back leaves no rows in the future', () => {
  assert.deepEqual(times(rows([seen(100, 1), seen(101, 2), seen(50, 3), seen(51, 4)])), [50_000, 51_000]);
});

test('old rows are dropped', () => {
  const made = rows(Array.from({ length: 200 }, (_, second) => seen(second, 0)));
  assert.equal(made[0][0], 199_000 - 61_000);
});

const three = [10_000, 20_000, 30_000].map((time) => ({ time, count: 1, values: [], isRecorded: true }));
cases('the nearest row', (time) => nearestRow(three, time), [
  [0, 0], [10_000, 0], [14_999, 0], [15_001, 1], [20_000, 1], [99_000, 2],
]);
