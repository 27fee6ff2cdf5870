// Alerts as /alerts tells of them. No DOM.

/**
 * Takes an answer of /alerts; one that was asked for without the past keeps the known one.
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
 * What tells two alerts apart: a rule that is pending has no number yet.
 * @type {(alert: Alert) => string}
 */
export const alertKey = ({ id, rule, host, since }) => [id ?? 'pending', rule, host ?? '', since].join(' ');

/**
 * The stretches in which an alert fired, for the charts; in milliseconds, and open at the end while
 * it does.
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
