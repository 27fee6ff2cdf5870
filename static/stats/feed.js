// Asks the server for the process table as soon as there is a new one, and says how that goes.

import { explain, get } from '../shared/requests.js';
import { identify } from '../shared/rows.js';

/**
 * @typedef {{sequence: ?string, sampledAt: ?Date, bornAt: number, interval: number, window: ?number,
 *   cpuCount: ?number, hostName: ?string, processes: import('../shared/columns.js').Process[]}} Sample
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
 * Dispatches on `target` a `sample` event for each new table and a `health` event every second.
 * A `system` event says that there is a new sample, and its table is asked for then: once, and at
 * its freshest. Where such events stay away the page asks every second by itself, and dispatches a
 * `system` event with null when new tables come without them. Two requests never overlap, and a
 * hidden page asks for nothing.
 * @param {EventTarget} target
 * @param {string} url
 */
export function mountFeed(target, url) {
  let isAsking = false;
  let isBehind = false;
  let isWell = false;
  let timer = null;
  let sample = null;
  let detail = null;
  let isLineOpen = false;
  let answeredAt = performance.now();
  let awakeSince = answeredAt;
  let sampledAt = answeredAt;
  let systemAt = answeredAt;

  const publish = (type, value) => target.dispatchEvent(new CustomEvent(type, { detail: value }));

  async function ask() {
    isBehind = isAsking;
    if (isAsking) return;
    isAsking = true;
    try {
      const response = await get(url);
      isWell = response.ok;
      if (isWell) await take(response);
      else detail = await explain(response);
    } catch {
      // Silence shows in `answeredAt`, whatever its cause.
      isWell = false;
      detail = null;
    } finally {
      isAsking = false;
    }
    publish('health', health());
    if (isBehind) ask();
  }

  async function take(response) {
    const header = (name) => response.headers.get(name);
    const sequence = tagOf(response);
    if (sample && sequence !== null && sequence === sample.sequence) {
      await response.body?.cancel();
    } else {
      sample = readSample(sequence, header, await response.json());
      sampledAt = performance.now();
      publish('sample', sample);
    }
    detail = null;
    answeredAt = performance.now();
  }

  /** Whether the next sample can be waited for: it is not due, and will be told of. */
  function isCalm() {
    const isFresh = sample !== null && ageOf(sample) < sample.interval + PERIOD / 1000;
    return isFresh && isLineOpen && isWell && !isAsking;
  }

  function noticeMissingSystem() {
    const patience = PATIENCE * PERIOD * Math.max(1, sample?.interval ?? 1);
    if (sampledAt - Math.max(systemAt, awakeSince) >= patience) publish('system', null);
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
    // An open line on which nothing is due is as good as an answer.
    const calm = isCalm();
    if (calm) answeredAt = performance.now();
    // A request that hangs must not stop the clock of the banner.
    publish('health', health());
    noticeMissingSystem();
    if (!calm && !isAsking) ask();
  }

  function follow() {
    clearInterval(timer);
    if (document.hidden) return;
    awakeSince = performance.now();
    timer = setInterval(tick, PERIOD);
    ask();
    tick();
  }

  target.addEventListener('line', (event) => {
    isLineOpen = event.detail;
  });
  target.addEventListener('system', (event) => {
    if (event.detail === null) return;
    systemAt = performance.now();
    ask();
  });
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
 * @param {import('../shared/columns.js').Process[]} processes
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
