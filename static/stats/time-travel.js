// Where in time the page is: in the present, or at a moment of the past.

import { findNeighbour, NOTHING, readMoment } from './past-moment.js';
import { readMomentOfAddress, writeMomentToAddress } from './time-address.js';

/**
 * The past that is on the screen. `moment` is what was asked for, in milliseconds since the epoch, or
 * when it is shown that of its sample; NaN when the address asks for `text`, which is no time.
 * While it is `asking`, the sample is the one that was shown before. `edge` says why a step led
 * nowhere.
 * @typedef {Omit<import('./past-moment.js').Moment, 'state'> & {moment: number, text: ?string,
 *   state: 'asking'|'shown'|'missing'|'failed', edge: ?string}} Past
 */

/** Steps that may wait for the one under way, so that a key held down does not run on for long. */
const MOST_WAITING = 3;
/** Milliseconds after which a reader who sees one moment must be told that another is looked up. */
const UNNOTICED = 200;
/** Milliseconds between two attempts while the server does not tell. */
const PATIENCE = 5000;

/**
 * Dispatches `past` on `target` with a {@link Past}, or with null for the present.
 * @param {EventTarget} target dispatches `health`
 * @param {() => number} newest the newest moment that is known, in milliseconds since the epoch
 */
export function mountTimeTravel(target, newest) {
  /** @type {?Past} */
  let past = null;
  let turn = 0;
  let askedAt = 0;
  /** Steps that were asked for while one was under way. */
  let waiting = [];
  let isStepping = false;

  function publish(value) {
    past = value;
    target.dispatchEvent(new CustomEvent('past', { detail: past }));
  }

  const asking = (moment) =>
    ({ ...(past ?? NOTHING), moment, text: null, state: 'asking', edge: null });

  async function read(moment) {
    const mine = ++turn;
    askedAt = performance.now();
    const tell = () => mine === turn && publish(asking(moment));
    // A step that is answered at once must not flicker.
    const timer = past?.state === 'shown' ? setTimeout(tell, UNNOTICED) : tell();
    const found = await readMoment(moment);
    clearTimeout(timer);
    if (mine !== turn) return;
    const shownAt = found.sample?.sampledAt.getTime() ?? moment;
    publish({ ...found, moment: shownAt, text: null, edge: null });
    // The address is that of the sample, whatever place in the chart was hit.
    if (found.state === 'shown') writeMomentToAddress(shownAt, false);
  }

  /** Goes to a moment; the browser's back button leads away again. */
  function visit(moment) {
    waiting = [];
    if (!Number.isFinite(moment)) return;
    writeMomentToAddress(moment, past === null || moment !== past.moment);
    read(moment);
  }

  function goLive() {
    waiting = [];
    turn += 1;
    if (past === null) return;
    writeMomentToAddress(null, true);
    publish(null);
  }

  /**
   * @param {number} direction -1 for earlier, 1 for later
   * @param {number} distance milliseconds, or 0 for one sample
   */
  async function step(direction, distance) {
    if (isStepping) {
      if (waiting.length < MOST_WAITING) waiting.push([direction, distance]);
      return;
    }
    isStepping = true;
    try {
      await take(direction, distance);
    } finally {
      isStepping = false;
    }
    const next = waiting.shift();
    if (next) step(...next);
  }

  async function take(direction, distance) {
    const mine = turn;
    const base = past?.moment ?? newest();
    if (!Number.isFinite(base) || (!past && direction > 0)) return;
    const target = await destination(base, direction, distance);
    // Somebody went elsewhere meanwhile.
    if (mine !== turn) return;
    if (target === undefined) return stay('the server does not say what lies beside it', base);
    if (target === null && direction > 0) return goLive();
    if (target === null) return stay('nothing earlier is recorded', base);
    writeMomentToAddress(target, past === null);
    await read(target);
  }

  /** The moment of the sample that a step leads to: null when there is none, undefined when nobody knows. */
  async function destination(base, direction, distance) {
    const aim = base + direction * distance;
    const beside = direction < 0 ? past?.before : past?.after;
    if (distance === 0 && past?.state === 'shown' && beside) {
      return direction > 0 && beside >= newest() ? null : beside;
    }
    if (direction > 0 && newest() - aim < 1500 * (past.sample?.interval ?? 1)) return null;
    try {
      if (distance > 0) {
        const { state, sample } = await readMoment(aim);
        if (state === 'shown') return sample.sampledAt.getTime();
      }
      const found = await findNeighbour(aim, direction);
      if (found !== null || distance === 0 || direction > 0) return found;
      // Less than a whole step is left of the history.
      const first = await findNeighbour(aim, 1);
      return first < base ? first : null;
    } catch {
      return undefined;
    }
  }

  function stay(edge, base) {
    if (past) publish({ ...past, edge });
    else read(base);
  }

  function followAddress() {
    const wanted = readMomentOfAddress();
    waiting = [];
    if (wanted === null) {
      turn += 1;
      if (past) publish(null);
    } else if (Number.isNaN(wanted.time)) {
      turn += 1;
      publish({ ...NOTHING, moment: NaN, text: wanted.text, state: 'missing', edge: null });
    } else if (wanted.time !== past?.moment) {
      read(wanted.time);
    }
  }

  // Whoever waits for a moment gets it once the server is there again.
  target.addEventListener('health', ({ detail: health }) => {
    const isDue = performance.now() - askedAt > PATIENCE;
    if (past?.state === 'failed' && answers(health) && isDue) read(past.moment);
  });
  addEventListener('popstate', followAddress);

  return { visit, step, goLive, followAddress };
}

/** @param {import('./feed.js').Health} health */
const answers = ({ state }) => state === 'live' || state === 'stale';
