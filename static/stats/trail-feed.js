// Where the sparklines come from: the samples that the page sees, and what was recorded before them.

import { listen } from '../shared/dom.js';
import { get } from '../shared/requests.js';
import { makeTrails, readTrails, TRAIL_REACH } from './trails.js';

/** Processes that are asked for; those that used most come first. */
const LIMIT = 500;

/**
 * Adds each new sample to trails, and what was recorded before the first; dispatches `trails` then.
 * @param {EventTarget} feed dispatches `sample`
 * @returns {ReturnType<typeof makeTrails>}
 */
export function followTrails(feed) {
  const trails = makeTrails();

  listen(feed, 'sample', async (sample) => {
    const time = sample.sampledAt?.getTime() ?? NaN;
    // What was missed, in a hidden tab for example, was recorded.
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
 * @returns {Promise<?ReturnType<typeof readTrails>>} null when the server does not tell
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
