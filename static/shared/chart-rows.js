// What the charts draw, and which data they need. No DOM, no clock and no server: points and answers
// go in, rows and queries come out.

import { chosenStep, RANGES } from './chart-view.js';
import { makeTimeline, readPast } from './timeline.js';

/** Milliseconds between two attempts to read the past, and between two successful ones. */
const PATIENCE = 2000;
const RESPECT = 10_000;
/** Points that are kept for a range that the reader has not selected yet. */
const MOST_SEEN = 1500;

export class ChartRows {
  /** @type {string[]} */
  #names;
  #reach;
  #spacing = 1000;
  /** @type {?ReturnType<typeof makeTimeline>} */
  #timeline = null;
  /**
   * What arrived while the page was open, in case nothing is recorded.
   * @type {Point[]}
   */
  #seen = [];
  /**
   * The names to query the past for: a query for a series that was never recorded is an error.
   * @type {Set<string>}
   */
  #known;
  #isFilled = false;
  #askAgainAt = -Infinity;
  /** @type {?View} */
  #view = null;
  /**
   * The rows of one range of the past; null while the live ones are drawn.
   * @type {?Row[]}
   */
  #detail = null;
  /**
   * The rows that a view kept when the live ones advanced.
   * @type {?{rows: Row[], from: number, to: number}}
   */
  #kept = null;

  /** Whether the rows of the view must be requested with the next sample. */
  isDetailMissing = false;

  /**
   * @param {string[]} names of the values, in their order
   * @param {string[]} recorded those that the history certainly has
   * @param {string} range a key of `RANGES`
   */
  constructor(names, recorded, range) {
    this.#names = names;
    this.#known = new Set(recorded);
    this.#reach = reachOf(range);
  }

  get #end() {
    return this.#seen.at(-1)?.time ?? NaN;
  }

  /** @returns {?Drawn} null before the first point */
  get drawn() {
    const last = this.#seen.at(-1);
    if (!last || !this.#timeline) return null;
    const rows = this.#detail ?? this.#timeline.rows();
    const distance = usualDistance(rows);
    return {
      rows, end: last.time, latest: last.values, isDetail: this.#detail !== null,
      isGathered: distance > 1.5 * this.#spacing, distance, reach: this.#reach,
    };
  }

  /**
   * @param {Point} point the newest
   * @param {Facts} facts
   * @param {number} now by the clock that is passed to `question`
   * @returns {boolean} whether the point was new
   */
  add(point, { interval, recordedSince }, now) {
    const last = this.#seen.at(-1);
    if (last && point.time === last.time) return false;
    this.#keepView(point.time, !this.#isFilled && !Number.isNaN(recordedSince));
    // The samples that were missed, in a hidden tab or during an interruption, were recorded.
    if (last && Math.abs(point.time - last.time) > 2.5 * interval) this.#isFilled = false;
    if (last && point.time < last.time) this.#seen = this.#seen.filter(({ time }) => time < point.time);
    this.#seen.push(point);
    if (this.#seen.length > MOST_SEEN) this.#seen.shift();
    if (this.#timeline === null || interval !== this.#spacing) {
      this.#spacing = interval;
      this.#begin();
    } else {
      this.#timeline.add(point);
    }
    this.#noticeNames(point, { recordedSince, interval }, now);
    return true;
  }

  /** @param {string} range to follow from now on */
  follow(range) {
    this.#reach = reachOf(range);
    if (this.#timeline !== null) this.#begin();
  }

  /** The record has more of the past than before. */
  refill() {
    this.#isFilled = false;
  }

  /**
   * @param {?View} view what the charts show, null for the range that they follow
   * @returns {{isChanged: boolean, isMissing: boolean}} whether there are other rows to draw, and
   *   whether the rows of the view must be requested
   */
  look(view) {
    this.#view = view;
    this.isDetailMissing = false;
    if (view === null) this.#kept = null;
    if (view === null || this.#isAtHand(view)) return { isChanged: this.#show(null), isMissing: false };
    const kept = this.#keptFor(view);
    return { isChanged: kept !== null && this.#show(kept), isMissing: kept === null };
  }

  /**
   * @param {number} now
   * @returns {?Question} about the range that is followed, null while no query is needed
   */
  question(now) {
    if (this.#isFilled || this.#known.size === 0 || now < this.#askAgainAt) return null;
    this.#askAgainAt = now + PATIENCE;
    return this.#ask(`-${this.#reach / 1000}s`, 'now');
  }

  /**
   * @param {Question} question
   * @param {?Past} past null without an answer
   * @param {number} now
   * @returns {boolean} whether there are other rows to draw
   */
  answer({ timeline }, past, now) {
    if (past === null || timeline !== this.#timeline) return false;
    this.#timeline?.fill(past);
    this.#isFilled = true;
    // A page that misses every other sample must not load a busy machine even more.
    this.#askAgainAt = now + RESPECT;
    return true;
  }

  /** @returns {?Question} about the view, plus its length on either side for a reader who continues to move */
  detailQuestion() {
    // Before the first sample there is nothing to query for.
    this.isDetailMissing = this.#known.size === 0;
    if (this.#view === null || this.isDetailMissing) return null;
    const { from, to } = this.#view;
    const length = to - from;
    const seconds = (/** @type {number} */ time) => (Math.min(time, this.#end) / 1000).toFixed(3);
    return this.#ask(seconds(from - length), seconds(to + length));
  }

  /**
   * @param {?Past} past null without an answer; the next sample shows that the server answers again
   * @returns {boolean} whether there are other rows to draw
   */
  answerDetail(past) {
    if (this.#view === null) return false;
    this.isDetailMissing = past === null;
    if (past === null) return false;
    this.#detail = readPast(past, this.#names, this.#spacing);
    return true;
  }

  #begin() {
    const step = chosenStep(this.#reach) * 1000;
    const gathered = step > this.#spacing ? step : 0;
    this.#timeline = makeTimeline(this.#names, { step: gathered, spacing: this.#spacing, reach: this.#reach });
    for (const point of this.#seen) this.#timeline.add(point);
    this.#isFilled = false;
    this.#askAgainAt = -Infinity;
  }

  /** @type {(point: Point, facts: {recordedSince: number, interval: number}, now: number) => void} */
  #noticeNames(point, { recordedSince, interval }, now) {
    const news = this.#names.filter((name, index) => point.values[index] !== null && !this.#known.has(name));
    if (news.length === 0) return;
    this.#known = new Set([...this.#known, ...news]);
    this.#isFilled = false;
    // A recorder that has just started may have fewer samples than the page.
    const isYoung = point.time - recordedSince < Math.max(PATIENCE, 5 * interval);
    this.#askAgainAt = isYoung ? now + PATIENCE : -Infinity;
  }

  /** @type {(from: string, to: string) => Question} */
  #ask(from, to) {
    return { series: [...this.#known].join(), from, to, timeline: this.#timeline };
  }

  /**
   * Live rows forget their oldest, but a view that stays still must keep what it shows.
   * @type {(now: number, isMoreRecorded: boolean) => void}
   */
  #keepView(now, isMoreRecorded) {
    if (this.#view === null || this.#timeline === null || this.#detail !== null) return;
    if (!this.#isAtHand(this.#view) || this.#view.from >= now - this.#reach) return;
    this.#detail = this.#timeline.rows();
    this.#kept = { rows: this.#detail, from: this.#end - this.#reach, to: this.#end };
    this.isDetailMissing = isMoreRecorded;
  }

  /**
   * The rows at hand are enough if they reach far enough back and the server has no finer ones.
   * @type {(view: View) => boolean}
   */
  #isAtHand(view) {
    return view.from >= this.#end - this.#reach && this.#isFine(view);
  }

  /** @type {(view: View) => ?Row[]} */
  #keptFor(view) {
    const kept = this.#kept;
    return kept && view.from >= kept.from && view.to <= kept.to && this.#isFine(view) ? kept.rows : null;
  }

  /** @type {(view: View) => boolean} */
  #isFine({ from, to }) {
    const step = (/** @type {number} */ length) => Math.max(chosenStep(length) * 1000, this.#spacing);
    return step(3 * (to - from)) >= step(this.#reach);
  }

  /** @type {(rows: ?Row[]) => boolean} */
  #show(rows) {
    if (this.#detail === rows) return false;
    this.#detail = rows;
    return true;
  }
}

/**
 * What a paused page draws: the rows that it had, or those of another range, but nothing newer.
 * @param {?Drawn} frozen
 * @param {Drawn} newest
 * @returns {Drawn}
 */
export function rowsWhilePaused(frozen, newest) {
  if (frozen?.reach === newest.reach) return frozen;
  return { ...newest, end: frozen?.end ?? newest.end, latest: frozen?.latest ?? newest.latest };
}

/** @param {string} range a key of `RANGES` */
const reachOf = (range) => RANGES[range].seconds * 1000;

/**
 * Milliseconds between two rows, for most of them.
 * @param {Row[]} rows
 */
function usualDistance(rows) {
  const distances = rows.slice(1).map((row, index) => row.time - rows[index].time);
  return distances.sort((left, right) => left - right)[distances.length >> 1] ?? 0;
}
