// Gathers what the charts draw: the past from /history, and each new point as it comes.

import { NAMES } from './chart-set.js';
import { chosenStep, RANGES } from './chart-view.js';
import { followLivePoints } from './live-points.js';
import { get } from './requests.js';
import { makeTimeline, readPast } from './timeline.js';

/**
 * `rows` is what to draw, `end` the newest moment that is known, `latest` its values. `isDetail` says
 * that the rows show one stretch of the past and do not grow, `isGathered` that a
 * row stands for several samples. In milliseconds, `distance` is how far apart most rows are and
 * `reach` how far back they go.
 * @typedef {{rows: import('./timeline.js').Row[], end: number, latest: (number|null)[],
 *   isDetail: boolean, isGathered: boolean, distance: number, reach: number}} ChartRows
 */

/**
 * Where values come from: their names, those that the history surely knows, what calls a function for
 * each new point, and what /history is asked beside the names and the time.
 * @typedef {{names: string[], recorded: string[], follow: typeof followLivePoints,
 *   parameters: Object<string, string>}} ChartSource
 */

/** @type {ChartSource} */
const THIS_HOST = { names: NAMES, recorded: [], follow: followLivePoints, parameters: {} };

/** Milliseconds between two attempts to read the past, and between two that succeeded. */
const PATIENCE = 2000;
const RESPECT = 10_000;
/** A view that moves is asked for when it stays. */
const SETTLED = 250;
/** Points that are kept for a range that the reader has not chosen yet. */
const MOST_SEEN = 1500;

/**
 * What a paused page draws: the rows that it had, or those of another range, but nothing newer.
 * @param {?ChartRows} frozen
 * @param {ChartRows} newest
 */
export function rowsWhilePaused(frozen, newest) {
  if (frozen?.reach === newest.reach) return frozen;
  return { ...newest, end: frozen?.end ?? newest.end, latest: frozen?.latest ?? newest.latest };
}

/**
 * Dispatches `rows` on `target` with {@link ChartRows} whenever there is more to draw.
 * @param {EventTarget} target
 * @param {EventTarget} feed what live points come from
 * @param {string} range a key of `RANGES`
 * @param {ChartSource} source
 * @returns {{follow: (range: string) => void, refill: () => void,
 *   look: (view: ?import('./chart-view.js').View) => void}}
 */
export function mountChartFeed(target, feed, range, source = THIS_HOST) {
  const { names } = source;
  let reach = RANGES[range].seconds * 1000;
  let spacing = 1000;
  let timeline = null;
  /** What came while the page was open, for when nothing is recorded. */
  let seen = [];
  /** The names that the past was asked for: asking for what was never recorded is an error. */
  let known = new Set(source.recorded);
  let isFilled = false;
  let askAgainAt = -Infinity;
  let view = null;
  let detail = null;
  /** The rows that a view kept when the live ones went on, and the stretch that they tell of. */
  let kept = null;
  let isDetailMissing = false;
  let timer = 0;
  let turn = 0;

  const end = () => seen.at(-1)?.time ?? NaN;

  function publish() {
    if (seen.length === 0) return;
    const rows = detail ?? timeline.rows();
    const distance = usualDistance(rows);
    const value = {
      rows, end: end(), latest: seen.at(-1).values, isDetail: detail !== null,
      isGathered: distance > 1.5 * spacing, distance, reach,
    };
    target.dispatchEvent(new CustomEvent('rows', { detail: value }));
  }

  function begin() {
    const step = chosenStep(reach) * 1000;
    timeline = makeTimeline(names, { step: step > spacing ? step : 0, spacing, reach });
    for (const point of seen) timeline.add(point);
    isFilled = false;
    askAgainAt = -Infinity;
  }

  function take(point, { interval, recordedSince, isNewest }) {
    const last = seen.at(-1);
    if (last && point.time === last.time) return;
    keepView(point.time, !isFilled && !Number.isNaN(recordedSince));
    // What was missed meanwhile, in a hidden tab or behind a broken line, was recorded.
    if (last && Math.abs(point.time - last.time) > 2.5 * interval) isFilled = false;
    const news = names.filter((name, index) => point.values[index] !== null && !known.has(name));
    if (news.length > 0) {
      known = new Set([...known, ...news]);
      isFilled = false;
      // A recorder that has just begun may not have seen what we see.
      const isYoung = point.time - recordedSince < PATIENCE;
      askAgainAt = isYoung ? performance.now() + PATIENCE : -Infinity;
    }
    if (point.time < last?.time) seen = seen.filter(({ time }) => time < point.time);
    seen.push(point);
    if (seen.length > MOST_SEEN) seen.shift();
    if (timeline === null || interval !== spacing) {
      spacing = interval;
      begin();
    } else {
      timeline.add(point);
    }
    if (!isNewest) return;
    publish();
    if (!Number.isNaN(recordedSince)) fill();
    if (isDetailMissing) readDetail();
  }

  async function fill() {
    if (isFilled || known.size === 0 || performance.now() < askAgainAt) return;
    askAgainAt = performance.now() + PATIENCE;
    const asking = timeline;
    const past = await ask(`-${reach / 1000}s`, 'now');
    if (past === null || asking !== timeline) return;
    timeline.fill(past);
    isFilled = true;
    // A page that misses every other sample must not make a busy machine busier.
    askAgainAt = performance.now() + RESPECT;
    publish();
  }

  async function ask(from, to) {
    const parameters = new URLSearchParams({ ...source.parameters, series: [...known].join(), from, to });
    try {
      const response = await get(`history?${parameters}`);
      if (response.ok) return await response.json();
      // Nothing was recorded under these names; that is an answer, and the rest comes live.
      return response.status === 400 ? { times: [], series: {}, step_seconds: 1, to: '' } : null;
    } catch {
      return null;
    }
  }

  /** Reads a view of the past with as much again on either side, for whoever goes on moving. */
  async function readDetail() {
    const mine = ++turn;
    // Before the first sample nobody knows what there is to ask for.
    isDetailMissing = known.size === 0;
    if (isDetailMissing) return;
    const { from, to } = view;
    const length = to - from;
    const seconds = (time) => (Math.min(time, end()) / 1000).toFixed(3);
    const past = await ask(seconds(from - length), seconds(to + length));
    if (mine !== turn || view === null) return;
    // The next sample says that the server is there again.
    isDetailMissing = past === null;
    if (past === null) return;
    detail = readPast(past, names, spacing);
    publish();
  }

  /** Live rows forget their oldest, and a view that stands still must not lose what it shows. */
  function keepView(now, isMoreRecorded) {
    if (view === null || detail !== null || !isAtHand(view) || view.from >= now - reach) return;
    kept = { rows: timeline.rows(), from: end() - reach, to: end() };
    detail = kept.rows;
    isDetailMissing = isMoreRecorded;
  }

  /** The rows at hand do, when they reach so far back and the server has none that are finer. */
  const isAtHand = (wanted) => wanted.from >= end() - reach && isFine(wanted);
  const isKept = (wanted) =>
    kept !== null && wanted.from >= kept.from && wanted.to <= kept.to && isFine(wanted);

  function isFine({ from, to }) {
    const step = (length) => Math.max(chosenStep(length) * 1000, spacing);
    return step(3 * (to - from)) >= step(reach);
  }

  function show(rows) {
    if (detail === rows) return;
    detail = rows;
    publish();
  }

  source.follow(feed, take);

  return {
    follow(newRange) {
      reach = RANGES[newRange].seconds * 1000;
      if (timeline === null) return;
      begin();
      fill();
      publish();
    },
    /** There is more in the past than there was. */
    refill() {
      isFilled = false;
    },
    look(newView) {
      view = newView;
      turn += 1;
      isDetailMissing = false;
      clearTimeout(timer);
      if (view === null) kept = null;
      if (view === null || isAtHand(view)) show(null);
      else if (isKept(view)) show(kept.rows);
      else timer = setTimeout(readDetail, SETTLED);
    },
  };
}

/** Milliseconds between two rows, as most of them have it. */
function usualDistance(rows) {
  const distances = rows.slice(1).map((row, index) => row.time - rows[index].time);
  return distances.sort((left, right) => left - right)[distances.length >> 1] ?? 0;
}
