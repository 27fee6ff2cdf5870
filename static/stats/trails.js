// The CPU use of each process over the last minute, sample by sample. No DOM.

import { totalPercent } from '../shared/columns.js';

/** Milliseconds. */
export const TRAIL_REACH = 60_000;

/** Trails that grow with each sample. */
export function makeTrails() {
  /** @type {number[]} */
  const times = [];
  /** @type {Map<string, (number|null)[]>} */
  const trails = new Map();
  let step = 1000;
  const of = (/** @type {string} */ key) => trails.get(key);

  /** @param {Sample} sample the newest */
  function add({ sampledAt, interval, processes }) {
    const time = sampledAt?.getTime() ?? NaN;
    if (Number.isNaN(time) || time === times.at(-1)) return;
    // The clock was set back: earlier samples belong to another time.
    if (time < (times.at(-1) ?? -Infinity)) clear();
    const old = times.findIndex((one) => one > time - TRAIL_REACH);
    const count = old < 0 ? times.length : old;
    times.splice(0, count);
    times.push(time);
    step = 1000 * interval;
    for (const process of processes) extend(process, count);
    // A process that no longer exists was not extended.
    for (const [key, trail] of trails) {
      if (trail.length < times.length) trails.delete(key);
    }
  }

  /** @type {(process: Process, count: number) => void} */
  function extend(process, count) {
    const value = totalPercent(process, 'now');
    const trail = trails.get(process.key);
    if (trail) {
      trail.splice(0, count);
      trail.push(value);
      if (value === 0 && !trail.some(Boolean)) trails.delete(process.key);
    } else if (value !== null && value > 0) {
      const start = Date.parse(process.start_time ?? '');
      trails.set(process.key, [...times.slice(0, -1).map((time) => (time < start ? null : 0)), value]);
    }
  }

  function clear() {
    times.length = 0;
    trails.clear();
  }

  /**
   * Adds recorded points before those that the page saw.
   * @param {Trails & {keys: string[]}} recorded
   */
  function prepend(recorded) {
    const [first, last] = [times[0] ?? Infinity, times.at(-1) ?? Infinity];
    const places = recorded.times.flatMap((time, index) =>
      (time < first - TOLERANCE && time > last - TRAIL_REACH ? [index] : []));
    const pick = (/** @type {(number|null)[]|undefined} */ trail) => places.map((place) => trail?.[place] ?? null);
    const none = places.map(() => 0);
    for (const key of recorded.keys) {
      const before = pick(recorded.of(key));
      const seen = trails.get(key) ?? times.map(() => 0);
      if (before.some(Boolean)) trails.set(key, [...before, ...seen]);
    }
    times.unshift(...places.map((place) => recorded.times[place]));
    for (const trail of trails.values()) {
      if (trail.length < times.length) trail.unshift(...none);
    }
  }

  /** The trails as they are now, for a paused page. */
  function frozen() {
    const held = new Map([...trails].map(([key, trail]) => [key, [...trail]]));
    return { times: [...times], step, of: (/** @type {string} */ key) => held.get(key) };
  }

  return { times, get step() { return step; }, of, add, clear, prepend, frozen };
}

/** Milliseconds by which the time of one sample may differ between two answers. */
const TOLERANCE = 5;

/**
 * The answer of /process_history as trails.
 * @param {{times: number[], processes: {pid: number, start_time: string,
 *   cpu_percent: (number|null)[]}[]}} answer
 * @returns {Trails & {keys: string[]}}
 */
export function readTrails({ times, processes }) {
  const trails = new Map(processes.map((process) =>
    [`${process.pid} ${process.start_time}`, process.cpu_percent]));
  const moments = times.map((seconds) => Math.round(seconds * 1000));
  const lengths = moments.slice(1).map((time, index) => time - moments[index]);
  return {
    times: moments,
    step: lengths.sort((left, right) => left - right)[lengths.length >> 1] ?? 1000,
    of: (key) => trails.get(key),
    keys: [...trails.keys()],
  };
}
