// Alerts in words, for both pages. No DOM.

import {
  formatClock, formatCount, formatMoment, formatSpan, UNKNOWN, visibleText,
} from './format.js';

/**
 * The word for each state of an alert.
 * @type {Record<Alert['state'], string>}
 */
export const ALERT_STATES = { firing: 'firing', pending: 'pending', resolved: 'resolved' };

/**
 * The name of the rule, with its host unless that is this machine.
 * @type {(alert: {rule: string, host?: string}) => string}
 */
export const alertName = ({ rule, host }) => (host ? `${visibleText(host)}: ${rule}` : rule);

/** @type {Object<string, string>} */
const UNITS = {
  percent: ' %', percent_of_all_cpus: ' % of all CPUs', percent_of_one_cpu: ' % of one CPU', number: '',
};

/**
 * @param {?number|undefined} value in the unit of an alert
 * @param {string} unit
 * @param {boolean} isShort
 */
export function alertValue(value, unit, isShort = false) {
  if (value === null || value === undefined) return UNKNOWN;
  const words = UNITS[unit] ?? '';
  const digits = unit === 'number' ? 2 : 1;
  return `${value.toFixed(digits)}${isShort ? words.slice(0, 2) : words}`;
}

/**
 * When it began: the clock time today, otherwise with the day.
 * @type {(text: string) => string}
 */
export function alertTime(text) {
  const time = new Date(text);
  return time.toDateString() === new Date().toDateString() ? formatClock(time) : formatMoment(time);
}

/**
 * "for 42 s", including the time since the sample that reported it.
 * @type {(alert: {seconds: number, state: Alert['state']}, elapsed: number) => string}
 */
export function alertLength({ seconds, state }, elapsed) {
  return `for ${formatSpan(state === 'resolved' ? seconds : seconds + Math.max(0, elapsed))}`;
}

/**
 * "0.0 → 198.7 %" of one CPU.
 * @type {(suspect: Suspect) => string}
 */
export function suspectGrowth({ before_percent: before, during_percent: during, has_ended: hasEnded }) {
  const from = before === null ? '' : `${before.toFixed(1)} → `;
  return `${from}${during === null ? UNKNOWN : during.toFixed(1)} %${hasEnded ? ', ended' : ''}`;
}

/**
 * The line next to the heading while no alert is pending or firing.
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
 * What to announce when one list of alerts replaces another.
 * @param {?Alerts} before
 * @param {Alerts} after
 */
export function newsOf(before, after) {
  if (!before) return '';
  const firing = (/** @type {Alerts} */ alerts) => new Map(
    alerts.active.filter((alert) => alert.state === 'firing').map((alert) => [alert.id, alert]));
  const [old, now] = [firing(before), firing(after)];
  const begun = [...now.values()].filter(({ id }) => !old.has(id)).map(({ suspects, ...alert }) => {
    const who = suspects.length > 0 ? `; ${visibleText(suspects[0].name)} grew most` : '';
    return `Alert ${alertName(alert)} fires: ${alert.condition}${who}.`;
  });
  const over = [...old.values()].filter(({ id }) => !now.has(id)).map((alert) =>
    `Alert ${alertName(alert)} is resolved.`);
  return [...begun, ...over].join(' ');
}
