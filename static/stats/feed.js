// Requests the process table as soon as there is a new one, and reports the state of the connection.

import { listen } from '../shared/dom.js';
import { mountPolling, PATIENCE, PERIOD } from '../shared/polling.js';
import { identify } from '../shared/rows.js';

/**
 * Dispatches on `target` a `sample` event for each new table and a `health` event every second.
 * A `system` event announces a new sample, and the page then requests its table: once, and as fresh as possible.
 * While such events do not arrive, the page requests the table every second, and dispatches a `system` event with
 * null when new tables arrive without them.
 * @param {EventTarget} target
 * @param {string} url
 */
export function mountFeed(target, url) {
  /** @type {?Sample} */
  let sample = null;
  let isLineOpen = false;
  let sampledAt = performance.now();
  let systemAt = sampledAt;

  /** @type {(type: string, value: unknown) => void} */
  const publish = (type, value) => void target.dispatchEvent(new CustomEvent(type, { detail: value }));

  /** @param {Response} response */
  async function readTable(response) {
    const sequence = tagOf(response);
    if (sample && sequence !== null && sequence === sample.sequence) {
      await response.body?.cancel();
    } else {
      sample = readSample(sequence, (name) => response.headers.get(name), await response.json());
      sampledAt = performance.now();
      publish('sample', sample);
    }
    return true;
  }

  /**
   * Whether to wait for the next sample: it is not due, and an event will announce it.
   * @param {boolean} isOk
   */
  function isIdle(isOk) {
    const isFresh = sample !== null && ageOf(sample) < sample.interval + PERIOD / 1000;
    return isFresh && isLineOpen && isOk;
  }

  /** @param {number} awakeSince */
  function noticeMissingSystem(awakeSince) {
    const patience = PATIENCE * PERIOD * Math.max(1, sample?.interval ?? 1);
    if (sampledAt - Math.max(systemAt, awakeSince) >= patience) publish('system', null);
  }

  const { ask } = mountPolling({
    url: () => url,
    receive: readTable,
    movedAt: () => (sample ? sampledAt : null),
    isStale: () => sample !== null && ageOf(sample) > PATIENCE * sample.interval,
    isIdle,
    onTick: noticeMissingSystem,
  }, (health) => publish('health', health));

  listen(target, 'line', (isOpen) => {
    isLineOpen = isOpen;
  });
  listen(target, 'system', (system) => {
    if (system === null) return;
    systemAt = performance.now();
    ask();
  });
}

/** @param {Response} response */
const tagOf = (response) => response.headers.get('X-Sequence') ?? response.headers.get('ETag');

/**
 * Seconds since the server took the sample.
 * @param {{bornAt: number}} sample
 */
export function ageOf(sample) {
  return (performance.now() - sample.bornAt) / 1000;
}

/**
 * @param {?string} sequence
 * @param {(name: string) => ?string} header
 * @param {Process[]} processes
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

/**
 * Both times are the server's, so the age is right even if the browser's clock is wrong.
 * @type {(sampledAt: Date, date: ?string) => number}
 */
function ageOnArrival(sampledAt, date) {
  const age = (Date.parse(date ?? '') - sampledAt.getTime()) / 1000;
  return age > 0 ? age : 0;
}
