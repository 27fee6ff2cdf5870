// The shape of a host's last minute. No DOM.

/** The height of the drawing in its own units; its width is the number of seconds. */
const HEIGHT = 20;

/**
 * Paths for SVG: the edge of the CPU use and the area below it, a step for each second. A second without a value
 * is a gap.
 * @param {(number|null)[]} values percent, the oldest first
 * @returns {{line: string, area: string}} empty if there is nothing to draw
 */
export function sparkPaths(values) {
  let line = '';
  let area = '';
  /** @type {?number} */
  let begin = null;
  /** @type {?number} */
  let level = null;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      if (begin !== null) area += `V${HEIGHT}H${begin}Z`;
      begin = null;
      continue;
    }
    const y = Math.round(10 * HEIGHT * (1 - Math.min(value, 100) / 100)) / 10;
    if (begin === null) {
      begin = index;
      line += `M${index} ${y}`;
      area += `M${index} ${HEIGHT}V${y}`;
    } else if (y !== level) {
      line += `V${y}`;
      area += `V${y}`;
    }
    level = y;
    line += `H${index + 1}`;
    area += `H${index + 1}`;
  }
  if (begin !== null) area += `V${HEIGHT}H${begin}Z`;
  return { line, area };
}
