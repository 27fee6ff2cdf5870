// Reads a moment of the past: its processes, what the machine did, and the samples before and after it.

import { FIELDS } from '../shared/columns.js';
import { readSample } from './feed.js';
import { PAST_SERIES, pastSystem } from './past-system.js';
import { explain, get } from '../shared/requests.js';
import { readTrailsBefore } from './trail-feed.js';

/** A moment about which nothing is known. */
export const NOTHING = { sample: null, system: null, trails: null, before: null, after: null, detail: null };

/** Seconds of a step that contains every range: steps begin at multiples of their length since the epoch. */
const WHOLE = 1e11;

/** Milliseconds of the ranges in which to look for the next sample across a gap, one after the other. */
const SPANS = [60_000, 3_600_000, 86_400_000, 30 * 86_400_000];

/**
 * @param {number} time milliseconds since the epoch
 * @returns {Promise<Moment>}
 */
export async function readMoment(time) {
  try {
    const query = new URLSearchParams({ fields: FIELDS.join(), at: new Date(time).toISOString() });
    const response = await get(`cpu_usage?${query}`);
    if (response.status === 404) return { ...NOTHING, state: 'missing' };
    if (!response.ok) return { ...NOTHING, state: 'failed', detail: await explain(response) };
    const header = (/** @type {string} */ name) => response.headers.get(name);
    const sample = readSample(null, header, await response.json());
    // A table of the past does not have the configured interval, but the interval that it covers.
    sample.interval = Number(header('X-Resolution-Seconds')) || 1;
    const ends = ['X-Window-Start', 'X-Window-End'].map((name) => Date.parse(header(name) ?? ''));
    const [past, window, trails] = await Promise.all([
      readSurroundings(sample), readWindow(ends), readTrailsBefore(sample.sampledAt?.getTime() ?? NaN)]);
    return { ...NOTHING, state: 'shown', sample, trails, ...past && describe(past, window, sample) };
  } catch {
    return { ...NOTHING, state: 'failed' };
  }
}

/**
 * The samples around a moment. The table is useful without them.
 * @param {Sample} sample
 * @returns {Promise<?Past>}
 */
async function readSurroundings(sample) {
  const moment = sample.sampledAt?.getTime() ?? NaN;
  const step = 1000 * sample.interval;
  return readHistory(PAST_SERIES, moment - 3 * step, moment + 3 * step, 1).catch(() => null);
}

/**
 * The time that the averages of the table cover, as one point: the server adds up its samples.
 * @param {number[]} ends milliseconds since the epoch
 * @returns {Promise<?Past>}
 */
async function readWindow([begin, end]) {
  if (!(begin < end)) return null;
  return readHistory(PAST_SERIES, begin, end, WHOLE).catch(() => null);
}

/**
 * @param {Past} past
 * @param {?Past} window
 * @param {Sample} sample
 * @returns {Partial<Moment>}
 */
function describe(past, window, sample) {
  const moment = sample.sampledAt?.getTime() ?? NaN;
  const times = recordedTimes(past);
  return {
    system: pastSystem(past, window, sample),
    before: times.findLast((time) => time < moment) ?? null,
    after: times.find((time) => time > moment) ?? null,
  };
}

/**
 * The nearest sample before or after a moment, across gaps of up to a month.
 * @param {number} time milliseconds since the epoch
 * @param {number} direction -1 for earlier, 1 for later
 * @returns {Promise<?number>} null if there is none
 * @throws if the server does not answer
 */
export async function findNeighbour(time, direction) {
  const isBeyond = (/** @type {number} */ one) => (one - time) * direction > 0;
  /** @type {(times: number[]) => number|undefined} */
  const nearest = (times) => (direction < 0 ? times.findLast(isBeyond) : times.find(isBeyond));
  for (const span of SPANS) {
    const far = time + direction * span;
    const past = await readHistory('cpu_count', Math.min(time, far), Math.max(time, far));
    const step = 1000 * (past?.step_seconds ?? 0);
    const known = past ? recordedTimes(past) : [];
    // A row that covers several samples may begin before the moment.
    const candidates = known.filter((one) => isBeyond(one) || isBeyond(one + step));
    if (step <= 1000 && candidates.some(isBeyond)) return nearest(candidates) ?? null;
    const starts = direction < 0 ? candidates.reverse() : candidates;
    for (const start of starts.slice(0, 2)) {
      const fine = await readHistory('cpu_count', start, start + step, 1);
      const found = fine && nearest(recordedTimes(fine));
      if (found) return found;
    }
  }
  return null;
}

/**
 * @param {string} series
 * @param {number} from milliseconds since the epoch, as is `to`
 * @param {number} to
 * @param {number} [step] seconds
 * @returns {Promise<?Past>} null if nothing was recorded under that name
 */
async function readHistory(series, from, to, step) {
  const [begin, end] = [from, to].map((time) => new Date(time).toISOString());
  const query = new URLSearchParams({ series, from: begin, to: end, ...(step && { step: String(step) }) });
  const response = await get(`history?${query}`);
  if (response.status === 400) return null;
  if (!response.ok) throw new Error(await explain(response));
  return response.json();
}

/**
 * Milliseconds since the epoch of each recorded row, without the gaps.
 * @param {Past} past
 */
function recordedTimes({ times, series }) {
  return times.filter((_, index) => (series.cpu_count?.[index] ?? null) !== null)
    .map((seconds) => Math.round(seconds * 1000));
}
