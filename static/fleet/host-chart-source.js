// The charts of a host of the fleet: what they draw, and where the values come from. No DOM.

import { arrangeValues, CHARTS, formatTickNumber, readSeries, roundUp } from '../shared/chart-set.js';
import { listen } from '../shared/dom.js';
import { makeUsual } from '../shared/live-points.js';

const [CPU] = CHARTS;
// Copies, because the place of a series belongs to one kind of row.
const [USER, SYSTEM, IOWAIT, STEAL, PEAK] = ['user', 'system', 'iowait', 'steal', 'peak'].map(
  (id) => CPU.series.filter((series) => series.id === id).map((series) => ({ ...series }))[0]);
const percent = (/** @type {number} */ value) => value.toFixed(1);

/** @type {Chart[]} */
export const HOST_CHARTS = [
  {
    ...CPU,
    series: [
      USER,
      SYSTEM,
      {
        id: 'other', label: 'other', names: ['cpu.busy_percent'], look: 'area',
        without: ['cpu.user_percent', 'cpu.system_percent', 'cpu.steal_percent'],
        title: 'Interrupts, low-priority work, and what the agent does not report separately',
      },
      IOWAIT,
      STEAL,
      PEAK,
    ],
  },
  {
    id: 'load',
    title: 'Load',
    isStacked: false,
    isBinary: false,
    series: [{ id: 'load-1', label: '1 min', names: ['load.load_1'], look: 'line' }],
    note: () => 'processes that run or wait',
    format: (value) => value.toFixed(2),
    formatTick: formatTickNumber,
    // An idle machine must not look overloaded, so the axis includes all of its CPUs.
    top: (greatest, system) => roundUp(Math.max(greatest, system?.cpu_count ?? 1), 10),
  },
  {
    id: 'memory',
    title: 'Memory',
    isStacked: false,
    isBinary: false,
    series: [{ id: 'memory-used', label: 'used', names: ['memory.used_percent'], look: 'area' }],
    note: () => 'percent',
    format: percent,
    formatTick: formatTickNumber,
    top: () => 100,
  },
  {
    id: 'coverage',
    title: 'Coverage',
    isStacked: false,
    isBinary: false,
    series: [{
      id: 'coverage', label: 'accounted for', names: ['ledger.coverage_percent'], look: 'line',
      quotient: ['ledger.accounted_percent', 'ledger.counted_percent'],
      title: 'The share of the busy time that processes explain',
    }],
    note: () => 'percent of the busy time',
    format: percent,
    formatTick: formatTickNumber,
    top: () => 100,
  },
];

const NAMES = arrangeValues(HOST_CHARTS);

/**
 * The message of a host, in the form of /system.
 * @param {Host} host
 */
export function asSystem(host) {
  return {
    cpu_count: host.cpu_count,
    cpu: { ...host.cpu, busy_percent: host.cpu_percent },
    load: host.load,
    memory: host.memory,
    ledger: { coverage_percent: host.coverage_percent, ...host.ledger },
  };
}

/** Milliseconds by which a clock may be wrong before the hub uses its own instead. */
const CLOCK_TOLERANCE = 2000;

/**
 * When a host's newest sample was taken, as the hub's history has it; in milliseconds.
 * @param {Host} host
 * @param {number} now by the hub's clock
 */
export function sampleTime(host, now) {
  const taken = now - 1000 * host.age_seconds;
  const told = Date.parse(host.sampled_at ?? '');
  return Math.abs(told - taken) <= CLOCK_TOLERANCE ? told : taken;
}

/**
 * The values of one host, for its charts.
 * @param {string} name
 * @returns {ChartSource}
 */
export function makeHostSource(name) {
  return { names: NAMES, recorded: NAMES, follow, parameters: { host: name } };
}

/**
 * Time advances while a host is silent, and the charts have a gap.
 * @type {ChartSource['follow']}
 */
function follow(feed, addPoint) {
  const pace = makePacer();
  const usual = makeUsual();
  const nothing = NAMES.map(() => null);
  /** @type {string|null|undefined} */
  let last = null;
  let interval = 1000;
  listen(feed, 'host', ({ host, now }) => {
    const facts = () => ({ interval, recordedSince: 0, isNewest: true });
    // An age is rounded, so the time of a sample would seem to move a little.
    if (host.sampled_at !== last) {
      last = host.sampled_at;
      const time = sampleTime(host, now);
      const told = host.interval_seconds ?? null;
      const length = 1000 * (told ?? pace(time));
      interval = told === null ? length : usual(length);
      addPoint({ time, values: NAMES.map((one) => readSeries(asSystem(host), one)), length }, facts());
    }
    if (host.state !== 'live') addPoint({ time: now, values: nothing }, facts());
  });
}

/** Moments from which to measure the interval of a client that does not report it. */
const MOMENTS = 9;

/** @returns {(time: number) => number} whole seconds between two of the moments passed to it */
function makePacer() {
  /** @type {number[]} */
  const times = [];
  return (time) => {
    times.push(time);
    if (times.length > MOMENTS) times.shift();
    const lengths = times.slice(1).map((one, index) => one - times[index]);
    const middle = lengths.sort((left, right) => left - right)[lengths.length >> 1] ?? 1000;
    return Math.max(1, Math.round(middle / 1000));
  };
}
