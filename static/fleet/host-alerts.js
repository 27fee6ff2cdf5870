// The alerts of one host: pending and firing ones, and the last resolved ones.

import { ALERT_STATES, alertLength, alertTime } from '../shared/alert-words.js';
import { find, writeText } from '../shared/dom.js';
import { visibleText } from '../shared/format.js';
import { get } from '../shared/requests.js';

/** Milliseconds between two requests; a change of the firing alerts is requested at once. */
const PERIOD = 10_000;
/** Resolved alerts to show. */
const MOST_PAST = 5;

/**
 * @param {HTMLElement} element
 * @returns {(host: Host) => void} update
 */
export function mountHostAlerts(element) {
  const list = find(element, 'ul');
  let asked = '';
  let askedAt = -Infinity;
  let shown = '';
  /** @type {ReturnType<typeof makeItem>[]} */
  let items = [];

  /** @type {(host: Host) => Promise<void>} */
  async function ask({ host, kind }) {
    try {
      const response = await get('alerts');
      if (response.ok) draw(alertsOf(await response.json(), host, kind === 'local'));
    } catch {
      // The next request corrects this.
    }
  }

  /** @type {(alerts: Shown[]) => void} */
  function draw(alerts) {
    const text = JSON.stringify(alerts);
    if (text === shown) return;
    shown = text;
    element.hidden = alerts.length === 0;
    items = alerts.map(makeItem);
    list.replaceChildren(...items.map((item) => item.element));
  }

  return function update(host) {
    const now = performance.now();
    for (const item of items) item.update(now);
    const key = JSON.stringify([host.host, host.alerts]);
    if (key === asked && now - askedAt < PERIOD) return;
    if (JSON.parse(asked || '[]')[0] !== host.host) draw([]);
    asked = key;
    askedAt = now;
    ask(host);
  };
}

/**
 * The alerts of one host in an answer of /alerts; an alert of the hub's own machine has no host, or its own.
 * @param {{active: any[], recent: any[]}} alerts
 * @param {string} name
 * @param {boolean} isLocal
 * @returns {Shown[]}
 */
export function alertsOf({ active, recent }, name, isLocal) {
  const isMeant = (/** @type {{host?: string}} */ { host }) => (host ?? null) === name || (isLocal && (host ?? null) === null);
  return [...active.filter(isMeant), ...recent.filter(isMeant).slice(0, MOST_PAST)].map(
    ({ rule, state, since, seconds, condition, suspects }) =>
      ({ rule, state: state ?? 'resolved', since, seconds: seconds ?? 0, condition, suspects: suspects ?? [] }));
}

/** @type {(alert: Shown) => {element: HTMLElement, update: (now: number) => void}} */
function makeItem(alert) {
  const element = document.createElement('li');
  element.dataset.state = alert.state;
  const add = (/** @type {string} */ className, text = '') => {
    const part = document.createElement('span');
    part.className = className;
    writeText(part, text);
    element.append(part, ' ');
    return part;
  };
  add('alert-state', ALERT_STATES[alert.state]);
  add('alert-rule', visibleText(alert.rule));
  add('alert-condition', alert.condition);
  const time = add('alert-time');
  const names = alert.suspects.map(({ name }) => visibleText(name)).join(', ');
  if (names) add('alert-suspects', `Suspects: ${names}`);

  const begin = performance.now();
  /**
   * Between two answers the durations increase.
   * @param {number} now
   */
  function update(now) {
    writeText(time, `${alertTime(alert.since)}, ${alertLength(alert, (now - begin) / 1000)}`);
  }
  update(begin);
  return { element, update };
}
