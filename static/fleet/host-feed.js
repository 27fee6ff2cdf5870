// Asks the hub for its hosts every second and says how that goes.

import { LIST_FIELDS, SEEN_FIELDS } from './host-columns.js';
import { identify } from './host-list.js';
import { mountPolling, PATIENCE, PERIOD } from '../shared/polling.js';
import { get } from '../shared/requests.js';

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
  /** @type {?string} */
  let tag = null;
  let url = '';
  /** @type {?number} */
  let movedAt = null;
  /**
   * The host that the newest question was about, null for all.
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
  async function take(response) {
    const newTag = response.headers.get('ETag');
    const now = performance.now();
    if (newTag !== null && newTag === tag) {
      await response.body?.cancel();
      return true;
    }
    const answer = await response.json();
    // A reader who went to another view meanwhile does not want this any more.
    if (one !== wanted.one()) return false;
    tag = newTag;
    movedAt = now;
    publish('fleet', readFleet(answer, one, now));
    if (one === null) askSeen();
    return true;
  }

  const { ask } = mountPolling({
    url: question,
    take,
    movedAt: () => movedAt,
    isStale: (now, awakeSince) =>
      movedAt !== null && now - Math.max(movedAt, awakeSince) > PATIENCE * PERIOD,
  }, (health) => publish('health', health));
  return { ask, askSeen };
}

/**
 * Asks what is worth asking of the hosts that are seen only.
 * @param {() => string[]} seen names
 * @param {(hosts: Host[]) => void} tell
 * @returns {() => Promise<void>}
 */
function makeSeenFeed(seen, tell) {
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
      tell(identify(answers.flat()));
    } catch {
      // The list says whether the hub is there; what was seen of its hosts grows old.
    } finally {
      isAsking = false;
    }
    // Others came into view meanwhile.
    if (asksAgain) ask();
  };
}

/** @type {(answer: {sampled_at: string, hosts_total: number, hosts: Host[]}, one: ?string, now: number) => Fleet} */
function readFleet({ sampled_at: sampledAt, hosts_total: total, hosts }, one, now) {
  return { sampledAt: Date.parse(sampledAt), bornAt: now, total, hosts: identify(hosts), one };
}

/**
 * As few questions as have room for all names.
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
