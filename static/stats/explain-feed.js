// Asks the server which processes used the CPU in a time range.

import { listen } from '../shared/dom.js';
import { explain, get } from '../shared/requests.js';

/** Milliseconds that a view must stay still before its query is sent. */
const SETTLED = 300;
/** Milliseconds between two attempts while the server does not answer. */
const PATIENCE = 5000;
/** Processes to request: more than a reader reads. */
const LIMIT = 50;

/**
 * Dispatches `explained` on `target` with an {@link Explained}, or with null if there is no query.
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

  /** @param {?View} range null cancels the query */
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
