// Asks the server for a sample every second and says how that goes.

import { explain, get } from './requests.js';
import { identify } from './rows.js';

/**
 * @typedef {{sequence: ?string, sampledAt: ?Date, bornAt: number, interval: number, window: ?number,
 *   cpuCount: ?number, hostName: ?string, processes: import('./columns.js').Process[]}} Sample
 */

/**
 * `live`: all is well. `waiting`: nothing came yet. `silent`: no answer. `refused`: an answer, but
 * an error. `stale`: answers, but always the same sample. `silence` is in seconds.
 * @typedef {{state: 'live'|'waiting'|'silent'|'refused'|'stale', silence: number,
 *   detail: ?string}} Health
 */

const PERIOD = 1000;
/** So many missed turns are trouble; fewer are a hiccup. */
const PATIENCE = 3;

/**
 * Dispatches on `target` a `sample` event for each new sample and a `health` event every second;
 * a `system` event for each new answer about the machine, and one with null when such answers stay
 * away while samples come. Two requests for the same never overlap, and a hidden page asks for
 * nothing.
 * @param {EventTarget} target
 * @param {string} url
 * @param {string} systemUrl
 */
export function mountFeed(target, url, systemUrl) {
  let asking = false;
  let timer = null;
  let sample = null;
  let detail = null;
  let answeredAt = performance.now();
  let awakeSince = answeredAt;
  let askingSystem = false;
  let systemTag = null;
  let systemAnsweredAt = answeredAt;

  const publish = (type, value) => target.dispatchEvent(new CustomEvent(type, { detail: value }));

  async function ask() {
    asking = true;
    try {
      const response = await get(url);
      if (response.ok) await take(response);
      else detail = await explain(response);
    } catch {
      // Silence shows in `answeredAt`, whatever its cause.
      detail = null;
    } finally {
      asking = false;
    }
    publish('health', health());
  }

  async function take(response) {
    const header = (name) => response.headers.get(name);
    const sequence = tagOf(response);
    if (sample && sequence !== null && sequence === sample.sequence) {
      await response.body?.cancel();
    } else {
      sample = readSample(sequence, header, await response.json());
      publish('sample', sample);
    }
    detail = null;
    answeredAt = performance.now();
  }

  /** What goes wrong here is no trouble of the table's: the figures of the machine grow old. */
  async function askSystem() {
    askingSystem = true;
    try {
      const response = await get(systemUrl);
      if (response.ok) await takeSystem(response);
    } catch {
      // Silence shows in `systemAnsweredAt`.
    } finally {
      askingSystem = false;
    }
  }

  async function takeSystem(response) {
    const tag = tagOf(response);
    if (tag !== null && tag === systemTag) {
      await response.body?.cancel();
    } else {
      publish('system', await response.json());
      systemTag = tag;
    }
    systemAnsweredAt = performance.now();
  }

  function noticeMissingSystem() {
    const silence = answeredAt - Math.max(systemAnsweredAt, awakeSince);
    if (silence < PATIENCE * PERIOD) return;
    // What comes back is news, even if it is the same.
    systemTag = null;
    publish('system', null);
  }

  /** @returns {Health} */
  function health() {
    const now = performance.now();
    const silence = (now - answeredAt) / 1000;
    const patient = now - Math.max(answeredAt, awakeSince) < PATIENCE * PERIOD;
    let state = sample ? 'live' : 'waiting';
    if (!patient) state = detail ? 'refused' : 'silent';
    else if (sample && ageOf(sample) > PATIENCE * sample.interval) state = 'stale';
    return { state, silence, detail };
  }

  function tick() {
    // A request that hangs must not stop the clock of the banner.
    publish('health', health());
    noticeMissingSystem();
    if (!asking) ask();
    if (!askingSystem) askSystem();
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
}

const tagOf = (response) => response.headers.get('X-Sequence') ?? response.headers.get('ETag');

/** Seconds since the server took the sample. */
export function ageOf(sample) {
  return (performance.now() - sample.bornAt) / 1000;
}

/**
 * @param {?string} sequence
 * @param {(name: string) => ?string} header
 * @param {import('./columns.js').Process[]} processes
 * @returns {Sample}
 */
export function readSample(sequence, header, processes) {
  const sampledAt = new Date(header('X-Sampled-At') ?? NaN);
  return {
    sequence,
    sampledAt: Number.isNaN(sampledAt.getTime()) ? null : sampledAt,
    bornAt: performance.now() - 1000 * ageOnArrival(sampledAt, header('Date')),
    interval: Number(header('X-Interval-Seconds')) || 1,
    window: Number(header('X-Window-Seconds')) || null,
    cpuCount: Number(header('X-Cpu-Count')) || null,
    hostName: header('X-Hostname'),
    processes: identify(processes),
  };
}

/** Both times are the server's, so a browser with a wrong clock sees the right age. */
function ageOnArrival(sampledAt, date) {
  const age = (Date.parse(date ?? '') - sampledAt.getTime()) / 1000;
  return age > 0 ? age : 0;
}
