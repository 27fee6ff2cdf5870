// Where the newest points of the charts come from.

import { NAMES, readSeries } from './chart-set.js';
import { listen } from './dom.js';

/**
 * Calls `addPoint` with each new point. `facts` has the configured distance between points and the first recorded
 * moment, both in milliseconds, and whether more points follow at once.
 * @param {EventTarget} feed dispatches `missed` and `system`, see events.js
 * @param {(point: Point,
 *   facts: {interval: number, recordedSince: number, isNewest: boolean}) => void} addPoint
 */
export function followLivePoints(feed, addPoint) {
  const usual = makeUsual();

  /** @type {(system: any, isNewest: boolean) => void} */
  function addSystem(system, isNewest) {
    const time = Date.parse(system?.sampled_at ?? '');
    if (Number.isNaN(time)) return;
    const values = NAMES.map((name) => readSeries(system, name));
    const length = (system.interval_seconds ?? 1) * 1000;
    const interval = usual(length);
    addPoint({ time, values, length }, { interval, recordedSince: recordedSince(system.recorder), isNewest });
  }

  listen(feed, 'missed', (systems) => {
    for (const system of systems) addSystem(system, false);
  });
  listen(feed, 'system', (system) => addSystem(system, true));
}

/** Measured intervals vary. One late sample changes nothing; three in a row do. */
export function makeUsual() {
  let value = NaN;
  let odd = 0;
  return (/** @type {number} */ measured) => {
    odd = Math.abs(measured - value) <= 0.3 * value ? 0 : odd + 1;
    if (Number.isNaN(value) || odd === 3) value = measured;
    return value;
  };
}

/**
 * The first moment that can be queried, in milliseconds; NaN if nothing was ever recorded.
 * @type {(recorder: any) => number}
 */
function recordedSince(recorder) {
  const held = recorder?.held_samples > 0 ? recorder.since : null;
  return Date.parse(recorder?.oldest ?? held ?? '');
}
