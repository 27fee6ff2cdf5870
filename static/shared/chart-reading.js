// What the charts show of a time range, and which moment a click on them means. No DOM.

import { RANGES } from './chart-view.js';
import { formatClock, formatMoment } from './format.js';
import { meanOf, nearestRow } from './timeline.js';

/**
 * A place in the view as a share of its width; null for a place outside it.
 * @param {?number} share may be NaN
 */
export const clampShare = (share) => (share !== null && share >= 0 && share <= 1 ? share : null);

/**
 * The place of the moment that the rest of the page shows.
 * @param {View} view
 * @param {?{moment: number}} past
 */
export function visitedShare({ from, to }, past) {
  return past ? clampShare((past.moment - from) / (to - from)) : null;
}

/**
 * The values at a place in the view, otherwise of the newest sample while the charts follow it, otherwise of the
 * whole view.
 * @param {Drawn} drawn
 * @param {View} view
 * @param {?number} share
 * @param {boolean} isFollowing
 * @returns {Reading}
 */
export function readingOf({ rows, latest, distance, isGathered }, { from, to }, share, isFollowing) {
  if (share !== null) {
    const time = from + (to - from) * share;
    const row = rows[nearestRow(rows, time)];
    const isNear = row && Math.abs(row.time - time) <= Math.max(2 * distance, (to - from) / 200);
    return { values: isNear ? row.values : [], moment: formatClock(new Date(isNear ? row.time : time)) };
  }
  if (isFollowing) return { values: latest, moment: '' };
  return { values: meanOf(rows, { from, to }, distance, isGathered), moment: 'on average' };
}

/**
 * The moment that a click on the charts means: that of the sample that is drawn there, not of the one before it.
 * In a gap, or where a row covers several samples, it is the place itself.
 * @param {Drawn} drawn
 * @param {number} time
 */
export function momentAt({ rows, isGathered, distance }, time) {
  const row = rows[nearestRow(rows, time)];
  const isHit = row?.count > 0 && !isGathered && Math.abs(row.time - time) <= 2 * distance;
  return isHit ? row.time : time;
}

/**
 * The view in words, for screen readers.
 * @param {?View} view
 * @param {string} range a key of `RANGES`
 */
export function scopeText(view, range) {
  if (!view) return RANGES[range].words;
  const [from, to] = [new Date(view.from), new Date(view.to)];
  const isToday = from.toDateString() === new Date().toDateString();
  const begin = isToday ? formatClock(from) : formatMoment(from);
  return `not live: ${begin} to ${formatClock(to)}`;
}

/**
 * The hidden series after the reader pressed one in the legend.
 * @param {string[]} hidden
 * @param {string} id
 */
export function toggled(hidden, id) {
  return hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id];
}
