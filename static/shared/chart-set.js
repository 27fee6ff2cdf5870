// Defines the charts, what they draw, and how their values read. No DOM.

import { formatBytes } from './format.js';

/** @type {(value: number) => string} */
const rate = (value) => `${formatBytes(value)}/s`;

/** @type {Chart[]} */
export const CHARTS = [
  {
    id: 'cpu',
    title: 'CPU',
    isStacked: true,
    isBinary: false,
    series: [
      { id: 'user', label: 'user', names: ['cpu.user_percent'], look: 'area' },
      { id: 'system', label: 'system', names: ['cpu.system_percent'], look: 'area' },
      { id: 'nice', label: 'nice', names: ['cpu.nice_percent'], look: 'area' },
      {
        id: 'interrupts', label: 'interrupts', look: 'area',
        names: ['cpu.irq_percent', 'cpu.softirq_percent'],
      },
      {
        id: 'iowait', label: 'I/O wait', names: ['cpu.iowait_percent'], look: 'hatched',
        title: 'Idle, while something waits for a disk',
      },
      {
        id: 'steal', label: 'stolen', names: ['cpu.steal_percent'], look: 'hatched',
        title: 'Time that the hypervisor gave to other machines',
      },
      {
        id: 'peak', label: 'peak', names: ['cpu.busy_percent:max'], look: 'shade', isPeak: true,
        title: 'The busiest sample of each interval that is drawn as one point',
      },
    ],
    note: (system) => {
      const count = system?.cpu_count;
      return count > 1 ? `percent of ${count} CPUs` : 'percent of the CPU';
    },
    format: (value) => value.toFixed(1),
    formatTick: formatTickNumber,
    top: () => 100,
  },
  {
    id: 'load',
    title: 'Load',
    isStacked: false,
    isBinary: false,
    series: [
      { id: 'load-1', label: '1 min', names: ['load.load_1'], look: 'line' },
      { id: 'load-5', label: '5 min', names: ['load.load_5'], look: 'dashed' },
      { id: 'load-15', label: '15 min', names: ['load.load_15'], look: 'dotted' },
    ],
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
    isBinary: true,
    series: [
      {
        id: 'memory-used', label: 'used', names: ['memory.used_bytes'], look: 'area',
        title: 'Memory that is not available to new programs without swapping',
      },
      { id: 'memory-cached', label: 'cached', names: ['memory.cached_bytes'], look: 'dashed' },
      { id: 'swap-used', label: 'swap', names: ['swap.used_bytes'], look: 'dotted' },
    ],
    note: (system) => {
      const total = system?.memory?.total_bytes;
      return total ? `of ${formatBytes(total)}` : '';
    },
    format: formatBytes,
    formatTick: formatTickBytes,
    top: (greatest, system) => system?.memory?.total_bytes ?? roundUp(greatest, 2),
  },
  {
    id: 'disk',
    title: 'Disk I/O',
    isStacked: false,
    isBinary: true,
    series: [
      { id: 'disk-read', label: 'read', names: ['disk_total.read_bytes_per_second'], look: 'line' },
      {
        id: 'disk-write', label: 'written', names: ['disk_total.write_bytes_per_second'],
        look: 'dashed',
      },
    ],
    note: () => 'bytes per second',
    format: rate,
    formatTick: formatTickBytes,
    // The occasional activity of an idle disk must not fill the chart.
    top: (greatest) => roundUp(Math.max(greatest, 1024 ** 2), 2),
  },
];

/**
 * The place of each series' values in a row, because they are read a thousand times a second.
 * @type {Map<ChartSeries, {added: number[], taken: number[], quotient: number[]}>}
 */
const PLACES = new Map();

/**
 * Assigns the values of some charts their places in a row.
 * @param {Chart[]} charts
 * @returns {string[]} all that they draw, each once and in the order of a row
 */
export function arrangeValues(charts) {
  const series = charts.flatMap((chart) => chart.series);
  const names = [...new Set(series.flatMap(
    ({ names, without = [], quotient = [] }) => [...names, ...without, ...quotient]))];
  const places = (/** @type {string[]} */ list) => list.map((name) => names.indexOf(name));
  for (const one of series) {
    PLACES.set(one, {
      added: places(one.names), taken: places(one.without ?? []), quotient: places(one.quotient ?? []),
    });
  }
  return names;
}

/** All that the charts of this machine draw: the names to query /history for, and paths in /system. */
export const NAMES = arrangeValues(CHARTS);

/**
 * A number in the answer of /system, by its path.
 * @param {any} system
 * @param {string} name
 * @returns {?number}
 */
export function readSeries(system, name) {
  let value = system;
  for (const step of name.replace(/:.*/, '').split('.')) {
    // A value that is measured over an interval has one for the last interval and one for the whole window.
    const scope = value && typeof value === 'object' && 'now' in value ? value.now : value;
    value = scope?.[step];
  }
  return typeof value === 'number' ? value : null;
}

/**
 * The value of a series in a row. If one part is unknown, the sum of the others does not replace it.
 * @param {ChartSeries} series
 * @param {(number|null)[]} values in the order that `arrangeValues` defined
 */
export function seriesValue(series, values) {
  const { added, taken, quotient } = PLACES.get(series) ?? { added: [], taken: [], quotient: [] };
  const [part, whole] = quotient.map((place) => values[place] ?? null);
  if (typeof part === 'number' && typeof whole === 'number') {
    return whole > 0 ? Math.min(100, 100 * part / whole) : 100;
  }
  let sum = 0;
  for (const place of added) {
    const value = values[place] ?? null;
    if (value === null) return null;
    sum += value;
  }
  for (const place of taken) sum -= values[place] ?? 0;
  // Each part was rounded separately, so the difference may be slightly below zero.
  return taken.length > 0 ? Math.max(0, sum) : sum;
}

/**
 * The next round number, so that an axis stays the same while values change below it: 1, 2 or 5 times
 * a power of ten, or a power of two.
 * @param {number} value
 * @param {number} base
 */
export function roundUp(value, base) {
  const power = base ** Math.floor(Math.log(value) / Math.log(base));
  const steps = base === 10 ? [1, 2, 5, 10] : [1, base];
  return power * (steps.find((step) => step * power >= value * (1 - 1e-9)) ?? base);
}

/**
 * The axis itself shows where zero is; its label would collide with the first time label.
 * @type {(value: number) => string}
 */
export function formatTickNumber(value) {
  return value === 0 ? '' : String(value);
}

/**
 * Short enough for the label of an axis.
 * @type {(value: number) => string}
 */
function formatTickBytes(value) {
  return value === 0 ? '' : formatBytes(value).replace('.0 ', ' ').replace('iB', '').replace(' ', '');
}
