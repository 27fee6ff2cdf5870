// Where the sparklines come from: the samples that the page sees, and those that were recorded before them.

import { listen } from '../shared/dom.js';
import { get } from '../shared/requests.js';
import { makeTrails, readTrails, TRAIL_REACH } from './trails.js';

/** Processes to request, the busiest first. */
const LIMIT = 500;

/**
 * Adds each new sample to the trails, and what was recorded before the first; then dispatches `trails`.
 * @param {EventTarget} feed dispatches `sample`
 * @returns {ReturnType<typeof makeTrails>}
 */
export function followTrails(feed) {
  const trails = makeTrails();

  listen(feed, 'sample', async (sample) => {
    const time = sample.sampledAt?.getTime() ?? NaN;
    // The samples that were missed, for example in a hidden tab, were recorded.
    const isHole = !(Math.abs(time - (trails.times.at(-1) ?? NaN)) < 3000 * sample.interval);
    if (isHole) trails.clear();
    trails.add(sample);
    if (!isHole) return;
    const recorded = await readTrailsBefore(time);
    if (!recorded) return;
    trails.prepend(recorded);
    feed.dispatchEvent(new CustomEvent('trails'));
  });
  return trails;
}

/**
 * The trails of the minute before a moment, from the history.
 * @param {number} time milliseconds since the epoch
 * @returns {Promise<?ReturnType<typeof readTrails>>} null if the server does not answer
 */
export async function readTrailsBefore(time) {
  if (Number.isNaN(time)) return null;
  const [from, to] = [time - TRAIL_REACH, time].map((one) => new Date(one).toISOString());
  try {
    const response = await get(`process_history?${new URLSearchParams({ from, to, limit: String(LIMIT) })}`);
    return response.ok ? readTrails(await response.json()) : null;
  } catch {
    return null;
  }
}
