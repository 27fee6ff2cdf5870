// Where a step through time leads, and the steps that wait for the current one.

import { findNeighbour, readMoment } from './past-moment.js';

/** Steps that may wait for the current one, so that the page does not continue long after a key is released. */
const MOST_WAITING = 3;

/**
 * Where a step leads if the page knows it without a request: a moment in milliseconds since the epoch, null for
 * the present, undefined if it must ask the server.
 * @param {?PastShown} past
 * @param {number} newest the newest moment that is known
 * @param {number} base where the step begins
 * @param {number} direction -1 for earlier, 1 for later
 * @param {number} distance milliseconds, or 0 for one sample
 * @returns {?number|undefined}
 */
export function knownDestination(past, newest, base, direction, distance) {
  const beside = direction < 0 ? past?.before : past?.after;
  if (distance === 0 && past?.state === 'shown' && beside) {
    return direction > 0 && beside >= newest ? null : beside;
  }
  const aim = base + direction * distance;
  if (direction > 0 && newest - aim < 1500 * (past?.sample?.interval ?? 1)) return null;
  return undefined;
}

/**
 * Asks the server for the moment of the sample that a step leads to.
 * @param {number} base
 * @param {number} direction -1 for earlier, 1 for later
 * @param {number} distance milliseconds, or 0 for one sample
 * @returns {Promise<?number>} null if there is none
 * @throws if the server does not answer
 */
export async function askDestination(base, direction, distance) {
  const aim = base + direction * distance;
  if (distance > 0) {
    const { state, sample } = await readMoment(aim);
    if (state === 'shown' && sample?.sampledAt) return sample.sampledAt.getTime();
  }
  const found = await findNeighbour(aim, direction);
  if (found !== null || distance === 0 || direction > 0) return found;
  // Less than a whole step of the history remains.
  const first = await findNeighbour(aim, 1);
  return first !== null && first < base ? first : null;
}

/**
 * Runs steps one after the other.
 * @param {(direction: number, distance: number) => Promise<void>} run
 */
export function makeStepQueue(run) {
  /** @type {[number, number][]} */
  let waiting = [];
  let isStepping = false;

  /**
   * @param {number} direction -1 for earlier, 1 for later
   * @param {number} distance milliseconds, or 0 for one sample
   * @returns {Promise<void>}
   */
  async function step(direction, distance) {
    if (isStepping) {
      if (waiting.length < MOST_WAITING) waiting.push([direction, distance]);
      return;
    }
    isStepping = true;
    try {
      await run(direction, distance);
    } finally {
      isStepping = false;
    }
    const next = waiting.shift();
    if (next) step(...next);
  }

  return {
    step,
    /** Discards the waiting steps. */
    clear() {
      waiting = [];
    },
  };
}
