// Requests the hub's hosts every second and reports the state of the connection.

import { LIST_FIELDS, SEEN_FIELDS } from './host-columns.js';
import { identify } from './host-list.js';
import { mountPolling, PATIENCE, PERIOD } from '../shared/polling.js';
import { get } from '../shared/requests.js';

/** Bytes of names in one request, because the request line is limited. */
const LONGEST = 3000;

/**
 * Dispatches on `target` a `fleet` event for each new answer, a `seen` event with the fields of the visible
 * hosts, and a `health` event every second. A hidden page sends no requests.
 * @param {EventTarget} target
 * @param {{one: () => ?string, seen: () => string[]}} wanted names: of the selected host, or of the visible hosts
 *   in the list
 * @returns {{ask: () => void, askSeen: () => void}} for when the wanted hosts changed
 */
export function mountHostFeed(target, wanted) {
  /** @type {?string} */
  let tag = null;
  let url = '';
  /** @type {?number} */
  let movedAt = null;
  /**
   * The host of the newest request, null for all.
   * @type {?string}
   */
  let one = null;

  /** @type {(type: string, value: unknown) => void} */
  const publish = (type, value) => void target.dispatchEvent(new CustomEvent(type, { detail: value }));
  const askSeen = makeSeenFeed(wanted.seen, (hosts) => publish('seen', hosts));

  function question() {
    one = wanted.one();
    const asked = one === null ? `hosts?fields=${LIST_FIELDS.join()}` : `hosts?${new URLSearchParams({ host: one })}`;
    if (asked !== url) tag = null;
    url = asked;
    return url;
  }

  /** @param {Response} response */
  async function readHosts(response) {
    const newTag = response.headers.get('ETag');
    const now = performance.now();
    if (newTag !== null && newTag === tag) {
      await response.body?.cancel();
      return true;
    }
    const answer = await response.json();
    // The reader has switched to another view.
    if (one !== wanted.one()) return false;
    tag = newTag;
    movedAt = now;
    publish('fleet', readFleet(answer, one, now));
    if (one === null) askSeen();
    return true;
  }

  const { ask } = mountPolling({
    url: question,
    receive: readHosts,
    movedAt: () => movedAt,
    isStale: (now, awakeSince) =>
      movedAt !== null && now - Math.max(movedAt, awakeSince) > PATIENCE * PERIOD,
  }, (health) => publish('health', health));
  return { ask, askSeen };
}

/**
 * Requests the fields that only visible hosts need.
 * @param {() => string[]} seen names
 * @param {(hosts: Host[]) => void} report
 * @returns {() => Promise<void>}
 */
function makeSeenFeed(seen, report) {
  let isAsking = false;
  let asksAgain = false;

  return async function ask() {
    asksAgain = isAsking;
    if (isAsking) return;
    const names = seen();
    if (names.length === 0) return;
    isAsking = true;
    try {
      const answers = await Promise.all(questions(names).map(async (question) => {
        const response = await get(question);
        return response.ok ? (await response.json()).hosts : [];
      }));
      report(identify(answers.flat()));
    } catch {
      // The list shows whether the hub answers; the fields of its hosts become outdated.
    } finally {
      isAsking = false;
    }
    // Other hosts have become visible.
    if (asksAgain) ask();
  };
}

/** @type {(answer: {sampled_at: string, hosts_total: number, hosts: Host[]}, one: ?string, now: number) => Fleet} */
function readFleet({ sampled_at: sampledAt, hosts_total: total, hosts }, one, now) {
  return { sampledAt: Date.parse(sampledAt), bornAt: now, total, hosts: identify(hosts), one };
}

/**
 * As few requests as can hold all names.
 * @param {string[]} names
 */
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
