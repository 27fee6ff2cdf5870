// Alerts as /alerts tells of them, in words. No DOM.

import {
  formatClock, formatCount, formatMoment, formatSpan, UNKNOWN, visibleText,
} from './format.js';

/**
 * A process that used more while the alert came up than before, in percent of one CPU.
 * @typedef {{pid: number, name: string, before_percent: ?number, during_percent: ?number,
 *   has_ended: boolean}} Suspect
 */

/**
 * A rule that is pending (without an id) or fires, or an alert that is over. Times are RFC 3339.
 * @typedef {{id: ?number, rule: string, host: (string|undefined),
 *   state: 'pending'|'firing'|'resolved', since: string, until: (string|undefined), seconds: number,
 *   condition: string, unit: string, value: (number|null|undefined), worst_value: ?number,
 *   suspects: Suspect[], note: ?string, end: (string|undefined)}} Alert
 */

/** @typedef {{name: string, state: string, condition: string, unit: string, value: ?number}} Rule */

/** @typedef {{sampledAt: number, active: Alert[], recent: Alert[], rules: Rule[]}} Alerts */

/**
 * Takes an answer of /alerts; one that was asked for without the past keeps the known one.
 * @param {Object} answer
 * @param {?Alerts} before
 * @param {boolean} isWhole
 * @returns {Alerts}
 */
export function readAlerts({ sampled_at: sampledAt, active, recent, rules }, before, isWhole) {
  const order = (alert) => (alert.state === 'firing' ? 0 : 1);
  return {
    sampledAt: Date.parse(sampledAt),
    active: active.toSorted((left, right) => order(left) - order(right)),
    recent: isWhole ? recent : before?.recent ?? [],
    rules,
  };
}

/** What tells two alerts apart: a rule that is pending has no number yet. */
export const alertKey = ({ id, rule, host, since }) => [id ?? 'pending', rule, host ?? '', since].join(' ');

/** The rule's name, and whose it is if not this machine's. */
export const alertName = ({ rule, host }) => (host ? `${visibleText(host)}: ${rule}` : rule);

const UNITS = {
  percent: ' %', percent_of_all_cpus: ' % of all CPUs', percent_of_one_cpu: ' % of one CPU', number: '',
};

/** @param {?number} value in the unit of an alert */
export function alertValue(value, unit, isShort = false) {
  if (value === null || value === undefined) return UNKNOWN;
  const words = UNITS[unit] ?? '';
  const digits = unit === 'number' ? 2 : 1;
  return `${value.toFixed(digits)}${isShort ? words.slice(0, 2) : words}`;
}

/** When it began: today by the clock, else with the day. */
export function alertTime(text) {
  const time = new Date(text);
  return time.toDateString() === new Date().toDateString() ? formatClock(time) : formatMoment(time);
}

/** "for 42 s", counted on from the sample that told of it. */
export function alertLength({ seconds, state }, elapsed) {
  return `for ${formatSpan(state === 'resolved' ? seconds : seconds + Math.max(0, elapsed))}`;
}

/** "0.0 → 198.7 %", of one CPU. */
export function suspectGrowth({ before_percent: before, during_percent: during, has_ended: hasEnded }) {
  const from = before === null ? '' : `${before.toFixed(1)} → `;
  return `${from}${during === null ? UNKNOWN : during.toFixed(1)} %${hasEnded ? ', ended' : ''}`;
}

/**
 * The line beside the heading while nothing is pending or fires.
 * @param {?Alerts} alerts
 */
export function calmWords(alerts) {
  if (!alerts) return 'not known';
  const count = alerts.rules.length;
  const watched = `none, ${formatCount(count)} ${count === 1 ? 'rule' : 'rules'} watched`;
  const [last] = alerts.recent;
  if (!last) return watched;
  return `${watched} · the last one: ${alertName(last)}, ${alertTime(last.since)}, ${alertLength(last, 0)}`;
}

/**
 * What is to be said aloud when one list of alerts follows another.
 * @param {?Alerts} before
 * @param {Alerts} after
 */
export function newsOf(before, after) {
  if (!before) return '';
  const firing = (alerts) => new Map(
    alerts.active.filter((alert) => alert.state === 'firing').map((alert) => [alert.id, alert]));
  const [old, now] = [firing(before), firing(after)];
  const begun = [...now.values()].filter(({ id }) => !old.has(id)).map(({ suspects, ...alert }) => {
    const who = suspects.length > 0 ? `; ${visibleText(suspects[0].name)} grew most` : '';
    return `Alert ${alertName(alert)} fires: ${alert.condition}${who}.`;
  });
  const over = [...old.values()].filter(({ id }) => !now.has(id)).map((alert) =>
    `Alert ${alertName(alert)} is over.`);
  return [...begun, ...over].join(' ');
}

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
