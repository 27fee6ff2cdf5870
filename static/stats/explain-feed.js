// Asks the server who used the CPU in a stretch of time.

import { listen } from '../shared/dom.js';
import { explain, get } from '../shared/requests.js';

/**
 * The answer of /explain. Processes that used most come first.
 * @typedef {{from: string, to: string, measured_seconds: number, measured_seconds_before: number,
 *   busy_seconds: ?number, coverage_percent: ?number, processes_total: number,
 *   processes: Suspect[]}} Explanation
 */

/**
 * @typedef {{pid: number, name: string, user: ?string, start_time: string, cpu_seconds: number,
 *   user_seconds: number, system_seconds: number, children_seconds: number,
 *   cpu_seconds_before: number, new: boolean, ended: boolean, kernel: boolean}} Suspect
 */

/**
 * What is asked, and what came back: while it is `asking`, the answer is the one to the question
 * before. `detail` has the server's words where it could not tell, or null when it was silent.
 * @typedef {{range: import('../shared/chart-view.js').View, state: 'asking'|'shown'|'missing'|'failed',
 *   answer: ?Explanation, detail: ?string}} Explained
 */

/** @typedef {import('../shared/chart-view.js').View} View */

/** A view that moves is asked about when it stays. */
const SETTLED = 300;
/** Milliseconds between two attempts while the server does not tell. */
const PATIENCE = 5000;
/** Processes that are asked for: more than a reader reads. */
const LIMIT = 50;

/**
 * Dispatches `explained` on `target` with an {@link Explained}, or with null when nothing is asked.
 * @param {EventTarget} target dispatches `health`
 */
export function mountExplainFeed(target) {
  /** @type {?Explained} */
  let explained = null;
  let turn = 0;
  let timer = 0;
  let askedAt = 0;

  /** @param {?Explained} value */
  function publish(value) {
    explained = value;
    target.dispatchEvent(new CustomEvent('explained', { detail: explained }));
  }

  /** @param {View} range */
  async function ask(range) {
    const mine = ++turn;
    askedAt = performance.now();
    const found = await read(range);
    if (mine === turn) publish({ range, answer: null, detail: null, ...found });
  }

  /** @param {?import('../shared/chart-view.js').View} range null: nobody wants to know any more */
  function about(range) {
    clearTimeout(timer);
    turn += 1;
    if (range === null) {
      if (explained) publish(null);
      return;
    }
    const delay = explained ? SETTLED : 0;
    publish({ range, state: 'asking', answer: explained?.answer ?? null, detail: null });
    timer = setTimeout(() => ask(range), delay);
  }

  listen(target, 'health', (health) => {
    const isDue = performance.now() - askedAt > PATIENCE;
    const isThere = health.state === 'live' || health.state === 'stale';
    if (explained?.state === 'failed' && isThere && isDue) ask(explained.range);
  });

  return about;
}

/** @type {(range: View) => Promise<Pick<Explained, 'state'> & Partial<Explained>>} */
async function read({ from, to }) {
  const [begin, end] = [from, to].map((time) => new Date(time).toISOString());
  try {
    const query = new URLSearchParams({ from: begin, to: end, limit: String(LIMIT) });
    const response = await get(`explain?${query}`);
    if (response.ok) return { state: 'shown', answer: await response.json() };
    return { state: response.status === 404 ? 'missing' : 'failed', detail: await explain(response) };
  } catch {
    return { state: 'failed' };
  }
}
