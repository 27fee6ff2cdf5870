// Where in time the page is: in the present, or at a moment of the past.

import { listen } from '../shared/dom.js';
import { NOTHING, readMoment } from './past-moment.js';
import { readMomentOfAddress, writeMomentToAddress } from './time-address.js';
import { askDestination, knownDestination, makeStepQueue } from './time-steps.js';

/** Milliseconds after which the page tells a reader who sees one moment that it is looking up another. */
const UNNOTICED = 200;
/** Milliseconds between two attempts while the server does not answer. */
const PATIENCE = 5000;

/**
 * Dispatches `past` on `target` with a {@link PastShown}, or with null for the present.
 * @param {EventTarget} target dispatches `health`
 * @param {() => number} newest the newest moment that is known, in milliseconds since the epoch
 */
export function mountTimeTravel(target, newest) {
  /** @type {?PastShown} */
  let past = null;
  const steps = makeStepQueue(step);
  const reader = makeReader(() => past, publish);

  /** @param {?PastShown} value */
  function publish(value) {
    past = value;
    target.dispatchEvent(new CustomEvent('past', { detail: past }));
  }

  /**
   * Goes to a moment; the browser's back button returns.
   * @param {number} moment
   */
  function visit(moment) {
    steps.clear();
    if (!Number.isFinite(moment)) return;
    writeMomentToAddress(moment, past === null || moment !== past.moment);
    reader.read(moment);
  }

  function goLive() {
    steps.clear();
    reader.leave();
    if (past === null) return;
    writeMomentToAddress(null, true);
    publish(null);
  }

  /** @type {(direction: number, distance: number) => Promise<void>} */
  async function step(direction, distance) {
    const mine = reader.turn();
    const base = past?.moment ?? newest();
    if (!Number.isFinite(base) || (!past && direction > 0)) return;
    const target = await destination(past, newest(), base, direction, distance);
    // The reader has gone elsewhere.
    if (mine !== reader.turn()) return;
    if (target === undefined) stay('the server does not answer for the neighbouring sample', base);
    else if (target === null && direction > 0) goLive();
    else if (target === null) stay('nothing earlier is recorded', base);
    else {
      writeMomentToAddress(target, past === null);
      await reader.read(target);
    }
  }

  /** @type {(edge: string, base: number) => void} */
  function stay(edge, base) {
    if (past) publish({ ...past, edge });
    else reader.read(base);
  }

  function followAddress() {
    const wanted = readMomentOfAddress();
    steps.clear();
    if (wanted !== null && !Number.isNaN(wanted.time)) {
      if (wanted.time !== past?.moment) reader.read(wanted.time);
      return;
    }
    reader.leave();
    if (wanted !== null) publish(unreadable(wanted.text));
    else if (past) publish(null);
  }

  // A moment that could not be looked up is requested again once the server answers.
  listen(target, 'health', (health) => {
    if (past?.state === 'failed' && answers(health) && reader.isDue()) reader.read(past.moment);
  });
  addEventListener('popstate', followAddress);

  return { visit, step: steps.step, goLive, followAddress };
}

/**
 * Looks moments up; reports only the last of several.
 * @param {() => ?PastShown} current what is on the screen
 * @param {(past: PastShown) => void} report
 */
function makeReader(current, report) {
  let turn = 0;
  let askedAt = 0;
  return {
    /** @param {number} moment */
    async read(moment) {
      const mine = ++turn;
      askedAt = performance.now();
      // A step that is answered at once must not flicker.
      const delay = current()?.state === 'shown' ? UNNOTICED : 0;
      const found = await reportWhenLate(readMoment(moment), delay, () => {
        if (mine === turn) report(asking(current(), moment));
      });
      if (mine !== turn) return;
      const shownAt = found.sample?.sampledAt?.getTime() ?? moment;
      report({ ...found, moment: shownAt, text: null, edge: null });
      // The address has the time of the sample, not of the place in the chart that was clicked.
      if (found.state === 'shown') writeMomentToAddress(shownAt, false);
    },
    /** Cancels the current lookup. */
    leave() {
      turn += 1;
    },
    /** Counts lookups and cancellations. */
    turn: () => turn,
    isDue: () => performance.now() - askedAt > PATIENCE,
  };
}

/** @type {(past: ?PastShown, moment: number) => PastShown} */
const asking = (past, moment) =>
  ({ ...(past ?? NOTHING), moment, text: null, state: 'asking', edge: null });

/** @type {(text: string) => PastShown} */
const unreadable = (text) => ({ ...NOTHING, moment: NaN, text, state: 'missing', edge: null });

/**
 * Waits for an answer, and calls `report` if it takes longer than a delay in milliseconds; at once for 0.
 * @template T
 * @param {Promise<T>} answer
 * @param {number} delay
 * @param {() => void} report
 */
async function reportWhenLate(answer, delay, report) {
  if (delay === 0) report();
  const timer = delay > 0 ? setTimeout(report, delay) : 0;
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The moment of the sample that a step leads to: null if there is none, undefined if the server does not
 * answer.
 * @type {(past: ?PastShown, newest: number, base: number, direction: number, distance: number) => Promise<?number|undefined>}
 */
async function destination(past, newest, base, direction, distance) {
  const known = knownDestination(past, newest, base, direction, distance);
  if (known !== undefined) return known;
  try {
    return await askDestination(base, direction, distance);
  } catch {
    return undefined;
  }
}

/** @param {Health} health */
const answers = ({ state }) => state === 'live' || state === 'stale';
