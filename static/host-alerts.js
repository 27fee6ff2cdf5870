// The alerts of one host: those that are pending or fire, and the last ones that are over.

import { writeText } from './dom.js';
import { formatMoment, formatSpan, visibleText } from './format.js';
import { get } from './requests.js';

/** Milliseconds between two questions; a change of what fires is asked for at once. */
const PERIOD = 10_000;
/** Alerts that are over and still shown. */
const MOST_PAST = 5;

/**
 * @param {HTMLElement} element
 * @returns {(host: import('./host-columns.js').Host) => void} update
 */
export function mountHostAlerts(element) {
  const list = element.querySelector('ul');
  let asked = '';
  let askedAt = -Infinity;
  let shown = '';

  async function ask({ host, kind }) {
    try {
      const response = await get('alerts');
      if (response.ok) draw(alertsOf(await response.json(), host, kind === 'local'));
    } catch {
      // The next question will do.
    }
  }

  function draw(alerts) {
    const text = JSON.stringify(alerts);
    if (text === shown) return;
    shown = text;
    element.hidden = alerts.length === 0;
    list.replaceChildren(...alerts.map(makeItem));
  }

  return function update(host) {
    const now = performance.now();
    const key = JSON.stringify([host.host, host.alerts]);
    if (key === asked && now - askedAt < PERIOD) return;
    if (JSON.parse(asked || '[]')[0] !== host.host) draw([]);
    asked = key;
    askedAt = now;
    ask(host);
  };
}

/**
 * What an answer of /alerts says of one host; an alert of the hub's own machine has no host or its own.
 * @param {{active: Object[], recent: Object[]}} alerts
 * @param {string} name
 * @param {boolean} isLocal
 */
export function alertsOf({ active, recent }, name, isLocal) {
  const isMeant = ({ host }) => (host ?? null) === name || (isLocal && (host ?? null) === null);
  return [...active.filter(isMeant), ...recent.filter(isMeant).slice(0, MOST_PAST)].map(
    ({ rule, state, since, until, seconds, condition, suspects }) =>
      ({ rule, state: state ?? 'resolved', since, until, seconds, condition, suspects: suspects ?? [] }));
}

function makeItem({ rule, state, since, until, seconds, condition, suspects }) {
  const item = document.createElement('li');
  item.dataset.state = state;
  const add = (className, text) => {
    const part = document.createElement('span');
    part.className = className;
    writeText(part, text);
    item.append(part, ' ');
  };
  add('alert-state', { firing: 'firing', pending: 'pending' }[state] ?? 'over');
  add('alert-rule', visibleText(rule));
  add('alert-condition', condition);
  const begin = `since ${formatMoment(new Date(since))}`;
  add('alert-time', until ? `${formatMoment(new Date(since))}, for ${formatSpan(seconds ?? 0)}` : begin);
  const names = suspects.map(({ name }) => visibleText(name)).join(', ');
  if (names) add('alert-suspects', `Suspects: ${names}`);
  return item;
}
