// The shape of a sparkline: the CPU use of one process, sample by sample. No DOM.

import { TRAIL_REACH } from './trails.js';

/** The size of the drawing, in its own units; the style sheet defines its size on the page. */
export const WIDTH = 120;
export const HEIGHT = 16;

/** A sample that covers more than this many times the usual interval is a gap. */
const GAP = 2.5;
/** Any use must be visible, however small. */
const LEAST = 1;

/**
 * A path for SVG, filled from the bottom: each sample is a step as wide as the time that it covers, and as high
 * as a share of one CPU, or of the highest step if that is more.
 * @param {{times: number[], step: number}} trails whose last moment is at the right edge
 * @param {(number|null)[]|undefined} values percent of one CPU, one for each moment
 * @returns {string} empty if there is nothing to draw
 */
export function sparkline({ times, step }, values) {
  if (!values || times.length === 0) return '';
  const end = times[times.length - 1];
  const scale = Math.max(100, ...values.map(Number));
  const place = (/** @type {number} */ time) => round(Math.max(0, WIDTH * (1 - (end - time) / TRAIL_REACH)));
  let path = '';
  let level = HEIGHT;
  /** @type {(y: number, x: number) => void} */
  const climb = (y, x) => {
    if (y === level) return;
    path += path === '' ? `M${x} ${HEIGHT}V${y}` : `H${x}V${y}`;
    level = y;
  };
  times.forEach((time, index) => {
    const before = times[index - 1] ?? time - step;
    const begin = time - before > GAP * step ? time - step : before;
    if (begin !== before) climb(HEIGHT, place(before));
    const value = values[index] ?? 0;
    const height = value > 0 ? Math.max(LEAST, HEIGHT * value / scale) : 0;
    climb(round(HEIGHT - height), place(begin));
  });
  return path && `${path}H${WIDTH}V${HEIGHT}Z`;
}

/** @type {(value: number) => number} */
const round = (value) => Math.round(value * 10) / 10;
