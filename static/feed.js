// Asks the server for a sample every second and says how that goes.

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
const TIMEOUT = 5000;
/** So many missed turns are trouble; fewer are a hiccup. */
const PATIENCE = 3;

/**
 * Dispatches on `target` a `sample` event for each new sample and a `health` event every second.
 * Requests never overlap, and a hidden page asks for nothing.
 * @param {EventTarget} target
 * @param {string} url
 */
export function mountFeed(target, url) {
  let asking = false;
  let timer = null;
  let sample = null;
  let detail = null;
  let answeredAt = performance.now();
  let awakeSince = answeredAt;

  const publish = (type, value) => target.dispatchEvent(new CustomEvent(type, { detail: value }));

  async function ask() {
    asking = true;
    try {
      // `no-cache` asks with the ETag of the stored answer: a poll faster than the tick costs a 304.
      const response = await fetch(url, { cache: 'no-cache', signal: AbortSignal.timeout(TIMEOUT) });
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
    const sequence = header('X-Sequence') ?? header('ETag');
    if (sample && sequence !== null && sequence === sample.sequence) {
      await response.body?.cancel();
    } else {
      sample = readSample(sequence, header, await response.json());
      publish('sample', sample);
    }
    detail = null;
    answeredAt = performance.now();
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
    if (!asking) ask();
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

/** Seconds since the server took the sample. */
export function ageOf(sample) {
  return (performance.now() - sample.bornAt) / 1000;
}

/** @returns {Sample} */
function readSample(sequence, header, processes) {
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

async function explain(response) {
  const problem = await response.json().catch(() => null);
  return problem?.detail ?? `The server answers ${response.status}.`;
}
