// Rows of values in order of time: recorded ones, and those that arrived since. No DOM.

/** A distance between two rows of this many times the usual one is a gap. */
const GAP = 2.5;

/**
 * @param {string[]} names of the values, in their order
 * @param {{step: number, spacing: number, reach: number}} scale in milliseconds: the interval whose points one
 *   row combines, or 0 for one row per point; the distance between points; how far back rows are kept
 */
export function makeTimeline(names, { step, spacing, reach }) {
  const parts = names.map((name) => (name.endsWith(':max') ? greater : mean));
  const distance = Math.max(step, spacing);
  /** @type {Row[]} */
  let rows = [];

  const startOf = (/** @type {number} */ time) => (step > 0 ? Math.floor(time / step) * step : time);

  return {
    /** Rows with the gaps between them; they do not change afterwards. */
    rows: () => withGaps(rows, distance, names.length),

    /** @param {Point} point the newest */
    add(point) {
      const time = startOf(point.time);
      // These rows are in the future: the clock was set back.
      while (rows.length > 0 && rows[rows.length - 1].time > time) rows.pop();
      const isKnown = point.values.some((value) => value !== null);
      const count = isKnown ? (point.length ?? spacing) / spacing : 0;
      const row = { time, count, values: point.values, isRecorded: false };
      const last = rows.at(-1);
      if (!last || last.time !== time) rows.push(row);
      else rows[rows.length - 1] = last.count > 0 && step > 0 ? mix(last, row, parts) : row;
      const oldest = point.time - reach - distance;
      while (rows[0].time < oldest) rows.shift();
    },

    /**
     * Adds recorded points. They replace those that the page saw, except where nothing was recorded.
     * @param {Past} past
     */
    fill(past) {
      const recorded = readPast(past, names, spacing);
      const seen = rows.filter((row) => !row.isRecorded);
      rows = merge(recorded, seen, distance * 0.4);
    },
  };
}

/**
 * @param {Past} past
 * @param {string[]} names
 * @param {number} spacing
 * @returns {Row[]}
 */
export function readPast({ times, series, step_seconds: step, to }, names, spacing) {
  const columns = names.map((name) => series[name] ?? []);
  const moments = times.map((seconds) => Math.round(seconds * 1000));
  const isKnown = (/** @type {number} */ index) => columns.some((column) => (column[index] ?? null) !== null);
  // Samples that are not merged into steps have times of their own, at the end of what they measured.
  const isOfSamples = moments.some((time) => time % (step * 1000) !== 0);
  return moments.map((time, index) => {
    const values = columns.map((column) => column[index] ?? null);
    if (!isKnown(index)) return { time, count: 0, values, isRecorded: true };
    if (isOfSamples) {
      const length = index > 0 && isKnown(index - 1) ? time - moments[index - 1] : spacing;
      return { time, count: length / spacing, values, isRecorded: true };
    }
    // The newest interval is not over, so it has only the samples that had time to arrive.
    const length = Math.min(step * 1000, Date.parse(to) - time);
    return { time, count: Math.max(1, Math.round(length / spacing)), values, isRecorded: true };
  });
}

/**
 * All rows in one order; of rows of the same time, the one with the most information stays.
 * @type {(recorded: Row[], seen: Row[], tolerance: number) => Row[]}
 */
function merge(recorded, seen, tolerance) {
  const sorted = recorded.concat(seen).sort((left, right) => left.time - right.time);
  /** @type {Row[]} */
  const result = [];
  for (const row of sorted) {
    const last = result.at(-1);
    if (!last || row.time - last.time > tolerance) result.push(row);
    else if (rank(row) > rank(last)) result[result.length - 1] = row;
  }
  return result;
}

/** @type {(row: Row) => number} */
const rank = ({ count, isRecorded }) => (count === 0 ? 0 : isRecorded ? 2 : 1);

/** @type {(left: Row, right: Row, parts: Part[]) => Row} */
function mix(left, right, parts) {
  const values = left.values.map((value, index) =>
    parts[index](value, left.count, right.values[index], right.count));
  return { ...left, count: left.count + right.count, values };
}

/** @type {Part} */
function mean(left, leftCount, right, rightCount) {
  if (left === null || right === null) return left ?? right;
  return (left * leftCount + right * rightCount) / (leftCount + rightCount);
}

/** @type {Part} */
function greater(left, leftCount, right) {
  return left === null || right === null ? left ?? right : Math.max(left, right);
}

/**
 * Where the recorder has a gap, the page may have seen rows; where nothing was recorded, only the distances
 * between rows show gaps.
 * @type {(rows: Row[], distance: number, width: number) => Row[]}
 */
function withGaps(rows, distance, width) {
  const nothing = new Array(width).fill(null);
  /** @type {Row[]} */
  const result = [];
  /** @type {?Row} */
  let before = null;
  for (const [index, row] of rows.entries()) {
    const last = before;
    if (row.count === 0) {
      const after = rows[index + 1];
      if (last && after?.count > 0 && after.time - last.time <= GAP * distance) continue;
    } else {
      before = row;
      const isSeen = last && !(last.isRecorded && row.isRecorded);
      if (isSeen && result.at(-1) === last && row.time - last.time > GAP * distance) {
        result.push({ time: last.time + distance, count: 0, values: nothing, isRecorded: false });
      }
    }
    result.push(row);
  }
  return result;
}

/**
 * The row nearest to a moment.
 * @param {Row[]} rows
 * @param {number} time
 * @returns {number} its index, or -1 without rows
 */
export function nearestRow(rows, time) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].time < time) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return rows.length > 0 ? 0 : -1;
  if (low === rows.length) return low - 1;
  return time - rows[low - 1].time <= rows[low].time - time ? low - 1 : low;
}

/**
 * The means of the known values over a time range. A row counts by the time that it measured inside the range.
 * @param {Row[]} rows
 * @param {View} range
 * @param {number} distance between most rows, in milliseconds
 * @param {boolean} isGathered whether a row begins at its time; a sample measured the time before it
 */
export function meanOf(rows, { from, to }, distance, isGathered) {
  const inside = rows.flatMap(({ time, count, values }) => {
    const length = isGathered ? distance : count * distance;
    const begin = isGathered ? time : time - length;
    const part = Math.min(begin + length, to) - Math.max(begin, from);
    return count > 0 && part > 0 ? [{ values, count: count * part / length }] : [];
  });
  const width = rows[0]?.values.length ?? 0;
  return Array.from({ length: width }, (_, index) => {
    let sum = 0;
    let weight = 0;
    for (const { values, count } of inside) {
      const value = values[index];
      if (value === null) continue;
      sum += value * count;
      weight += count;
    }
    return weight > 0 ? sum / weight : null;
  });
}
