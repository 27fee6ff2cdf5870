// The shape of the sparklines in the rows.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sparkline } from '../../static/stats/sparkline.js';
import { cases } from './cases.mjs';

const shape = (times, values) => sparkline({ times, step: 1000 }, values);

cases('the shape', shape, [
  [[], [], ''],
  [[1000, 2000], undefined, ''],
  [[1000, 2000], [0, 0], ''],
  // One of sixty seconds is 2 of 120 units wide, and half a CPU is half of 16 units high.
  [[1000, 2000], [0, 50], 'M118 16V8H120V16Z'],
  [[1000, 2000, 3000], [50, 100, 50], 'M114 16V8H116V0H118V8H120V16Z'],
  // Beyond one CPU the greatest value is the height.
  [[1000, 2000], [100, 400], 'M116 16V12H118V0H120V16Z'],
  // A small value is visible, and the time before the process started is not drawn.
  [[1000, 2000], [null, 0.01], 'M118 16V15H120V16Z'],
]);

test('equal values are one step, and a gap stays a gap', () => {
  const drawn = shape([1000, 2000, 3000, 33_000, 34_000, 35_000, 36_000], [50, 50, 50, 50, 50, 50, 50]);
  assert.equal(drawn.split('V16').length - 1, 2);
});
