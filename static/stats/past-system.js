// What the machine did at a moment of the past, in the form of /system. No DOM.

/** What is asked of /history for it. */
export const PAST_SERIES = 'cpu_count,cpu.*,ledger.*,self.*';

/**
 * Puts the recorded numbers together as /system would have told them then. What was not recorded is
 * absent; the parts that are about today, such as the recorder, are left out.
 * @param {Past} past
 * @param {Sample} sample of the moment
 * @returns {?System} null when nothing was recorded then
 */
export function pastSystem({ times, series }, { sampledAt, interval, window }) {
  if (!sampledAt) return null;
  const moment = sampledAt.getTime();
  const all = times.map((seconds, index) => ({ time: Math.round(seconds * 1000), index }));
  const now = all.findLast(({ time }) => time <= moment);
  if (!now || moment - now.time >= 1500 * interval) return null;
  // A sample tells of the time before it, so the one at the very begin of the window is outside.
  const begin = moment - 1000 * (window ?? 0) + 500 * interval;
  const inWindow = all.filter(({ time }) => time > begin && time <= moment);

  const at = (/** @type {string} */ name) => series[name]?.[now.index] ?? null;
  const over = (/** @type {string} */ name) => mean(inWindow.map(({ index }) => series[name]?.[index] ?? null));
  const group = (/** @type {string} */ prefix, /** @type {Read} */ read) => gather(series, prefix, read);
  return {
    sampled_at: sampledAt.toISOString(),
    interval_seconds: interval,
    window_seconds: window,
    last_gap: null,
    cpu_count: at('cpu_count') ?? NaN,
    cpu: { now: group('cpu.', at), window: group('cpu.', over) },
    ledger: { now: group('ledger.', at), window: withCoverage(group('ledger.', over)) },
    coverage_advice: [],
    self: {
      cpu_percent: { now: at('self.cpu_percent'), window: over('self.cpu_percent') },
      rss_bytes: at('self.rss_bytes'),
    },
  };
}

/**
 * The members of one object of /system, or null when one of them is not known.
 * @type {(series: Past['series'], prefix: string, read: Read) => ?Figures}
 */
function gather(series, prefix, read) {
  const names = Object.keys(series).filter((name) => name.startsWith(prefix));
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
 * A mean of shares is no share of means: coverage follows from what was busy over the window.
 * @type {(ledger: ?Figures) => ?Figures}
 */
function withCoverage(ledger) {
  if (!ledger) return null;
  const { busy_percent: busy, unaccounted_percent: unaccounted } = ledger;
  return { ...ledger, coverage_percent: busy > 0 ? 100 * (busy - unaccounted) / busy : 100 };
}

/** @type {(values: (number|null)[]) => ?number} */
function mean(values) {
  const known = values.flatMap((value) => (value === null ? [] : [value]));
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
