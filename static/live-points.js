// Where the newest points of the charts come from.

import { NAMES, readSeries } from './chart-set.js';

/**
 * Calls `take` with each new point, with how far apart they are meant to be, and with the first
 * moment that was recorded, in milliseconds.
 * @param {EventTarget} feed dispatches `system`
 * @param {(point: import('./timeline.js').Point,
 *   facts: {interval: number, recordedSince: number}) => void} take
 */
export function followLivePoints(feed, take) {
  feed.addEventListener('system', ({ detail: system }) => {
    const time = Date.parse(system?.sampled_at ?? '');
    if (Number.isNaN(time)) return;
    const values = NAMES.map((name) => readSeries(system, name));
    const interval = (system.interval_seconds ?? 1) * 1000;
    take({ time, values }, { interval, recordedSince: recordedSince(system.recorder) });
  });
}

/** The first moment that can be asked for, in milliseconds; NaN when nothing was ever recorded. */
function recordedSince(recorder) {
  const held = recorder?.held_samples > 0 ? recorder.since : null;
  return Date.parse(recorder?.oldest ?? held ?? '');
}
