// What the machine did at a moment of the past, in the form of /system. No DOM.

/** The series to request from /history for it. */
export const PAST_SERIES = 'cpu_count,cpu.*,ledger.*,self.*';

/** Milliseconds by which the start of a window may be off: windows have two decimals. */
const ROUNDING = 20;

/**
 * Combines the recorded numbers into the answer that /system had at that moment. Values that were not recorded are
 * absent; members about today, such as the recorder, are omitted.
 * @param {Past} past
 * @param {Sample} sample of the moment
 * @returns {?System} null if nothing was recorded then
 */
export function pastSystem({ times, series }, { sampledAt, interval, window }) {
  if (!sampledAt) return null;
  const moment = sampledAt.getTime();
  const all = times.map((seconds, index) => ({ time: Math.round(seconds * 1000), index }));
  const now = all.findLast(({ time }) => time <= moment);
  if (!now || moment - now.time >= 1500 * interval) return null;
  // A sample covers the time before it, so the one at the very start of the window is outside; the next one may follow
  // it closely, after a late one. A merged point has the time of its first sample.
  const slack = interval > 1 ? 500 * interval : ROUNDING;
  const begin = moment - 1000 * (window ?? 0) + slack;
  const inWindow = all.filter(({ time }) => time > begin && time <= moment);

  const at = (/** @type {string} */ name) => series[name]?.[now.index] ?? null;
  const weights = weigh(all, series, 1000 * interval);
  const over = (/** @type {string} */ name) => mean(inWindow.map(({ index }) => ({
    value: series[name]?.[index] ?? null, weight: weights(name, index),
  })));
  const group = (/** @type {string} */ prefix, /** @type {Read} */ read) => gather(series, prefix, read);
  return {
    sampled_at: sampledAt.toISOString(),
    interval_seconds: interval,
    window_seconds: window,
    last_gap: null,
    cpu_count: at('cpu_count') ?? NaN,
    cpu: { now: group('cpu.', at), window: group('cpu.', over) },
    ledger: { now: group('ledger.', at), window: cut(group('ledger.', over), over) },
    coverage_advice: [],
    self: {
      cpu_percent: { now: at('self.cpu_percent'), window: over('self.cpu_percent') },
      rss_bytes: at('self.rss_bytes'),
    },
  };
}

/** Series that make the others add up; /system does not have them, and neither do older files. */
const COUNTED_CPUS = 'cpu.counted_cpus';
const MEASURED = 'ledger.measured_percent';
const COUNTED = 'ledger.counted_percent';
const ACCOUNTED = 'ledger.accounted_percent';
const EXTRA = [COUNTED_CPUS, MEASURED, COUNTED, ACCOUNTED];

/**
 * The members of one object of /system, or null if one of them is not known.
 * @type {(series: Past['series'], prefix: string, read: Read) => ?Figures}
 */
function gather(series, prefix, read) {
  const names = Object.keys(series).filter((name) => name.startsWith(prefix) && !EXTRA.includes(name));
  /** @type {Figures} */
  const members = {};
  for (const name of names) {
    const value = read(name);
    if (value === null) return null;
    members[name.slice(prefix.length)] = value;
  }
  return names.length > 0 ? members : null;
}

/**
 * The weight of a sample in a mean: the time that it covers, and the number of CPUs. So a mean of percentages is
 * the percentage of the sums, as the live one is.
 * @type {(all: {time: number, index: number}[], series: Past['series'], usual: number) =>
 *   (name: string, index: number) => number}
 */
function weigh(all, series, usual) {
  const isGap = (/** @type {number} */ index) =>
    Object.values(series).every((column) => (column[index] ?? null) === null);
  const lengths = all.map(({ time }, index) => {
    const before = all[index - 1];
    return before && !isGap(before.index) ? time - before.time : usual;
  });
  return (name, index) => {
    const cpus = series[COUNTED_CPUS]?.[index] ?? series.cpu_count?.[index] ?? 1;
    const measured = (series[MEASURED]?.[index] ?? 100) / 100;
    const share = name.startsWith('cpu.') ? cpus : name.startsWith('ledger.') ? measured : 1;
    return (lengths[index] ?? usual) * Math.max(share, 1e-6);
  };
}

/**
 * Reduces the parts of the ledger to the busy time, as the server does with the live sums: what was too much in
 * one second compensates for what was missing in the next.
 * @type {(ledger: ?Figures, over: Read) => ?Figures}
 */
function cut(ledger, over) {
  if (!ledger) return null;
  const counted = over(COUNTED);
  const accounted = over(ACCOUNTED);
  const isExact = counted !== null && accounted !== null;
  const figure = (/** @type {string} */ part) => ledger[`${part}_percent`] ?? 0;
  const busy = isExact ? counted : figure('busy');
  const balance = isExact ? counted - accounted : figure('unaccounted') - figure('excess');
  const unaccounted = Math.min(busy, Math.max(0, balance));
  /** @type {Figures} */
  const parts = {};
  let rest = busy - unaccounted;
  for (const part of ['steal', 'processes', 'kernel_threads', 'ended_children']) {
    const taken = Math.min(rest, figure(part));
    parts[`${part}_percent`] = taken;
    rest -= taken;
  }
  return {
    ...ledger, ...parts, interrupts_percent: rest, busy_percent: busy,
    unaccounted_percent: unaccounted, excess_percent: Math.max(0, -balance),
    coverage_percent: busy > 0 ? 100 * (busy - unaccounted) / busy : 100,
  };
}

/** @type {(values: {value: ?number, weight: number}[]) => ?number} */
function mean(values) {
  let total = 0;
  let weights = 0;
  for (const { value, weight } of values) {
    if (value === null) continue;
    total += value * weight;
    weights += weight;
  }
  return weights > 0 ? total / weights : null;
}
