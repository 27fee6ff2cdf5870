// What the machine did at a moment of the past, in the form of /system. No DOM.

/** The series to request from /history for it. */
export const PAST_SERIES = 'cpu_count,cpu.*,ledger.*,self.*';

/**
 * Combines the recorded numbers into the answer that /system had at that moment. Values that were not recorded are
 * absent; members about today, such as the recorder, are omitted.
 * @param {Past} past the samples around the moment
 * @param {?Past} whole one point with the averages over the window, or null if they are not known
 * @param {Sample} sample of the moment
 * @returns {?System} null if nothing was recorded then
 */
export function pastSystem({ times, series, step_seconds }, whole, { sampledAt, interval, window }) {
  if (!sampledAt) return null;
  const moment = sampledAt.getTime();
  const now = times.findLastIndex((seconds) => Math.round(seconds * 1000) <= moment);
  // A row holds the samples of one step, which is longer than a short interval.
  const reach = 1000 * Math.max(1.5 * interval, step_seconds);
  if (now < 0 || moment - times[now] * 1000 >= reach) return null;
  const at = (/** @type {string} */ name) => series[name]?.[now] ?? null;
  const over = (/** @type {string} */ name) => whole?.series[name]?.[0] ?? null;
  const group = (/** @type {string} */ prefix, /** @type {Read} */ read) => gather(series, prefix, read);
  return {
    sampled_at: sampledAt.toISOString(),
    interval_seconds: interval,
    window_seconds: window,
    last_gap: null,
    cpu_count: at('cpu_count') ?? NaN,
    cpu: { now: group('cpu.', at), window: group('cpu.', over) },
    ledger: { now: group('ledger.', at), window: group('ledger.', over) },
    coverage_advice: [],
    self: {
      cpu_percent: { now: at('self.cpu_percent'), window: over('self.cpu_percent') },
      rss_bytes: at('self.rss_bytes'),
    },
  };
}

/** Series that the server needs for sums; /system does not have them, and neither do older files. */
const EXTRA = ['cpu.counted_cpus', 'ledger.measured_percent', 'ledger.counted_percent', 'ledger.accounted_percent'];

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
