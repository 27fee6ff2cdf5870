// One test for each case of a table, so that a failure names its case.

import assert from 'node:assert/strict';
import { test } from 'node:test';

/**
 * @template {unknown[]} A
 * @param {string} name
 * @param {(...input: A) => unknown} act the function to test
 * @param {[...A, unknown][]} table the arguments of each case, and last the expected result
 */
export function cases(name, act, table) {
  for (const [index, line] of table.entries()) {
    const expected = line[line.length - 1];
    const input = /** @type {A} */ (/** @type {unknown} */ (line.slice(0, -1)));
    test(`${name} ${index + 1}: ${JSON.stringify(input)}`, () => {
      assert.deepEqual(act(...input), expected);
    });
  }
}
