// Alerts as /alerts reports them. No DOM.

/**
 * Reads an answer of /alerts. An answer that was requested without resolved alerts keeps the known ones.
 * @param {{sampled_at: string, active: Alert[], recent: Alert[], rules: Rule[]}} answer
 * @param {?Alerts} before
 * @param {boolean} isWhole
 * @returns {Alerts}
 */
export function readAlerts({ sampled_at: sampledAt, active, recent, rules }, before, isWhole) {
  const order = (/** @type {Alert} */ alert) => (alert.state === 'firing' ? 0 : 1);
  return {
    sampledAt: Date.parse(sampledAt),
    active: active.toSorted((left, right) => order(left) - order(right)),
    recent: isWhole ? recent : before?.recent ?? [],
    rules,
  };
}

/**
 * Identifies an alert. A pending rule has no id yet.
 * @type {(alert: Alert) => string}
 */
export const alertKey = ({ id, rule, host, since }) => [id ?? 'pending', rule, host ?? '', since].join(' ');

/**
 * The time ranges in which alerts fired, in milliseconds, for the charts. The range of a firing alert is
 * open at its end.
 * @param {?Alerts} alerts
 * @returns {{key: string, from: number, to: number}[]}
 */
export function alertSpans(alerts) {
  const fired = [...alerts?.active ?? [], ...alerts?.recent ?? []].filter(({ state }) => state !== 'pending');
  return fired.map((alert) => ({
    key: alertKey(alert),
    from: Date.parse(alert.since),
    to: alert.until ? Date.parse(alert.until) : Infinity,
  }));
}
