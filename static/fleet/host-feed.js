// Asks the hub for its hosts every second and says how that goes.

import { LIST_FIELDS, SEEN_FIELDS } from './host-columns.js';
import { identify } from './host-list.js';
import { explain, get } from '../shared/requests.js';

/** @typedef {import('./host-columns.js').Host} Host */

/**
 * `hosts` is the whole fleet, or the one host that is looked at. `sampledAt` is by the hub's clock,
 * `bornAt` by the page's.
 * @typedef {{sampledAt: number, bornAt: number, total: number, hosts: Host[],
 *   one: ?string}} Fleet
 */

/** @typedef {import('../stats/feed.js').Health} Health */

const PERIOD = 1000;
/** So many missed turns are trouble; fewer are a hiccup. */
const PATIENCE = 3;
/** Bytes of names in one question: a request line has an end. */
const LONGEST = 3000;

/**
 * Dispatches on `target` a `fleet` event for each new answer, a `seen` event with what was asked of
 * the hosts that are seen, and a `health` event every second. A hidden page asks for nothing.
 * @param {EventTarget} target
 * @param {{one: () => ?string, seen: () => string[]}} wanted names: of the host that is looked at, or
 *   of those in the list that are seen
 * @returns {{ask: () => void, askSeen: () => void}} for when what is wanted changed
 */
export function mountHostFeed(target, wanted) {
  let isAsking = false;
  let isAskingSeen = false;
  let askSeenAgain = false;
  let askAgain = false;
  let timer = null;
  let tag = null;
  let url = '';
  let detail = null;
  let hasFleet = false;
  let answeredAt = performance.now();
  let movedAt = answeredAt;
  let awakeSince = answeredAt;

  const publish = (type, value) => target.dispatchEvent(new CustomEvent(type, { detail: value }));

  async function ask() {
    if (isAsking) {
      askAgain = true;
      return;
    }
    isAsking = true;
    const one = wanted.one();
    const asked = one === null ? `hosts?fields=${LIST_FIELDS.join()}` : `hosts?${new URLSearchParams({ host: one })}`;
    if (asked !== url) tag = null;
    url = asked;
    try {
      const response = await get(url);
      if (response.ok) await take(response, one);
      else detail = await explain(response);
    } catch {
      // Silence shows in `answeredAt`, whatever its cause.
      detail = null;
    } finally {
      isAsking = false;
    }
    publish('health', health());
    if (askAgain) {
      askAgain = false;
      ask();
    }
  }

  async function take(response, one) {
    const newTag = response.headers.get('ETag');
    const now = performance.now();
    if (newTag !== null && newTag === tag) {
      await response.body?.cancel();
    } else {
      const answer = await response.json();
      // Whoever went to another view meanwhile does not want this any more.
      if (one !== wanted.one()) return;
      tag = newTag;
      movedAt = now;
      hasFleet = true;
      publish('fleet', readFleet(answer, one, now));
      if (one === null) askSeen();
    }
    detail = null;
    answeredAt = now;
  }

  async function askSeen() {
    if (isAskingSeen) {
      askSeenAgain = true;
      return;
    }
    const names = wanted.seen();
    if (names.length === 0) return;
    isAskingSeen = true;
    try {
      const answers = await Promise.all(questions(names).map(async (question) => {
        const response = await get(question);
        return response.ok ? (await response.json()).hosts : [];
      }));
      publish('seen', identify(answers.flat()));
    } catch {
      // The list says whether the hub is there; what was seen of its hosts grows old.
    } finally {
      isAskingSeen = false;
    }
    // Others came into view meanwhile.
    if (askSeenAgain) {
      askSeenAgain = false;
      askSeen();
    }
  }

  /** @returns {Health} */
  function health() {
    const now = performance.now();
    const patient = now - Math.max(answeredAt, awakeSince) < PATIENCE * PERIOD;
    let state = hasFleet ? 'live' : 'waiting';
    if (!patient) state = detail ? 'refused' : 'silent';
    else if (hasFleet && now - Math.max(movedAt, awakeSince) > PATIENCE * PERIOD) state = 'stale';
    const since = state === 'stale' ? movedAt : answeredAt;
    return { state, silence: (now - since) / 1000, detail };
  }

  function tick() {
    // A request that hangs must not stop the clock of the banner.
    publish('health', health());
    if (!isAsking) ask();
  }

  function follow() {
    clearInterval(timer);
    if (document.hidden) return;
    awakeSince = performance.now();
    timer = setInterval(tick, PERIOD);
    tick();
  }

  document.addEventListener('visibilitychange', follow);
  follow();
  return { ask, askSeen };
}

/** @returns {Fleet} */
function readFleet({ sampled_at: sampledAt, hosts_total: total, hosts }, one, now) {
  return { sampledAt: Date.parse(sampledAt), bornAt: now, total, hosts: identify(hosts), one };
}

/** As few questions as have room for all names. */
function questions(names) {
  const texts = [];
  let text = '';
  for (const name of names) {
    const next = `&${new URLSearchParams({ host: name })}`;
    if (text !== '' && text.length + next.length > LONGEST) {
      texts.push(text);
      text = '';
    }
    text += next;
  }
  return [...texts, text].map((part) => `hosts?fields=${SEEN_FIELDS.join()}${part}`);
}
