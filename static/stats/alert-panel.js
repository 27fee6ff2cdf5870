// The alerts: a line whose height never changes, and below it, on request, all of them.

import {
  ALERT_STATES, alertLength, alertName, alertTime, alertValue, calmWords, newsOf, suspectGrowth,
} from '../shared/alert-words.js';
import { alertKey } from '../shared/alerts.js';
import { copyOf, find, send, writeText } from '../shared/dom.js';
import { visibleText } from '../shared/format.js';

/** Past alerts that are shown at first. */
const FEW = 8;

/**
 * Dispatches `choose` with a filter when the reader clicks a suspect, and `visit` with a moment in
 * milliseconds when the reader clicks a time.
 * @param {HTMLElement} element
 * @param {HTMLTemplateElement} template an alert in the list
 * @returns {(state: State) => void} update
 */
export function mountAlertPanel(element, template) {
  const part = (/** @type {string} */ selector) => find(element, selector);
  const toggle = part('.alerts-title button');
  const word = part('.alerts-word');
  const more = part('.alerts-more');
  const chips = keepList(part('.alerts-now'), () => makeChip(element));
  const active = keepList(part('.alerts-active'), () => makeItem(template, element));
  const past = keepList(part('.alerts-past'), () => makeItem(template, element));
  const rules = part('.alerts-rules');
  /** @type {State} */
  let state;
  /** @type {?Alerts} */
  let drawn = null;
  let showsAll = false;

  toggle.addEventListener('click', () => send(element, 'choose', { showAlerts: !state.settings.showAlerts }));
  more.addEventListener('click', () => {
    showsAll = true;
    update(state);
    // The button disappears, and the focus must not disappear with it.
    toggle.focus();
  });

  /** @param {State} newState */
  function update(newState) {
    state = newState;
    const { alerts, newestSystem, settings } = state;
    const isOpen = settings.showAlerts;
    toggle.ariaExpanded = String(isOpen);
    element.classList.toggle('is-open', isOpen);
    const news = alerts && alerts !== drawn ? newsOf(drawn, alerts) : '';
    if (news) part('.alerts-voice').textContent = news;
    drawn = alerts ?? drawn;

    const elapsed = alerts ? (Date.parse(newestSystem?.sampled_at ?? '') - alerts.sampledAt) / 1000 || 0 : 0;
    const now = alerts?.active ?? [];
    const firing = now.filter((alert) => alert.state === 'firing').length;
    element.dataset.state = firing > 0 ? 'firing' : 'calm';
    writeText(toggle, firing > 0 ? `Alerts (${firing})` : 'Alerts');
    writeText(word, now.length > 0 ? '' : calmWords(alerts));
    chips(now, elapsed);
    if (!isOpen) return;
    active(now, elapsed);
    const recent = alerts?.recent ?? [];
    past(showsAll ? recent : recent.slice(0, FEW), elapsed);
    more.hidden = showsAll || recent.length <= FEW;
    writeText(more, `Show all ${recent.length}`);
    element.classList.toggle('has-past', recent.length > 0);
    drawRules(rules, alerts?.rules ?? []);
  }

  return update;
}

/**
 * Keeps an element for each alert, so that the focus and a pointer stay where they are.
 * @param {HTMLElement} list
 * @param {() => Item} make
 * @returns {(alerts: Alert[], elapsed: number) => void} update
 */
function keepList(list, make) {
  /** @type {Map<string, Item>} */
  let items = new Map();
  return function update(alerts, elapsed) {
    const before = items;
    const shown = alerts.map((alert) => before.get(alertKey(alert)) ?? make());
    items = new Map(alerts.map((alert, index) => [alertKey(alert), shown[index]]));
    for (const [key, { element }] of before) if (!items.has(key)) element.remove();
    alerts.forEach((alert, index) => {
      const item = shown[index];
      if (list.children[index] !== item.element) list.insertBefore(item.element, list.children[index] ?? null);
      item.update(alert, elapsed);
    });
  };
}

/**
 * The short form: rule, value, duration and suspect.
 * @param {HTMLElement} panel
 * @returns {Item}
 */
function makeChip(panel) {
  const element = document.createElement('li');
  element.className = 'alert-chip';
  const parts = ['alert-state', 'alert-name', 'alert-value', 'alert-length'].map((name) => {
    const span = document.createElement(name === 'alert-name' ? 'bdi' : 'span');
    span.className = name;
    return span;
  });
  const suspect = makeSuspect(panel);
  element.append(...parts.flatMap((span) => [span, ' ']), suspect.element);
  const [state, name, value, length] = parts;
  return {
    element,
    update(alert, elapsed) {
      element.dataset.state = alert.state;
      writeText(state, ALERT_STATES[alert.state]);
      writeText(name, alertName(alert));
      writeText(value, alertValue(alert.value, alert.unit, true));
      writeText(length, alertLength(alert, elapsed));
      suspect.element.hidden = alert.suspects.length === 0;
      if (alert.suspects.length > 0) suspect.update(alert.suspects[0]);
    },
  };
}

/**
 * @param {HTMLTemplateElement} template
 * @param {HTMLElement} panel
 * @returns {Item}
 */
function makeItem(template, panel) {
  const element = copyOf(template);
  const part = (/** @type {string} */ selector) => find(element, selector);
  const suspects = part('.alert-suspects');
  const time = part('.alert-time');
  /** @type {Alert} */
  let alert;
  let known = '';
  time.addEventListener('click', () => send(panel, 'visit', { time: Date.parse(alert.since) }));

  function drawSuspects() {
    const text = JSON.stringify(alert.suspects);
    if (text === known) return;
    known = text;
    const made = alert.suspects.map((suspect) => {
      const button = makeSuspect(panel);
      button.update(suspect);
      return button.element;
    });
    suspects.replaceChildren(...made.length > 0 ? ['Grew most: ', ...made.flatMap((one) => [one, ' '])] : []);
  }

  return {
    element,
    update(newAlert, elapsed) {
      alert = newAlert;
      const { state, unit, note, value, worst_value: worst } = alert;
      const isOver = state === 'resolved';
      element.dataset.state = state;
      writeText(part('.alert-state'), ALERT_STATES[state]);
      writeText(part('.alert-name'), alertName(alert));
      const peak = worst === null ? '' : `at worst ${alertValue(worst, unit, !isOver)}`;
      writeText(part('.alert-value'), isOver ? peak : [alertValue(value, unit), peak].filter(Boolean).join(', '));
      writeText(time, alertTime(alert.since));
      time.ariaLabel = `Go to ${alertTime(alert.since)}`;
      writeText(part('.alert-length'), alertLength(alert, elapsed));
      writeText(part('.alert-condition'), [alert.condition, note].filter(Boolean).join(' · '));
      drawSuspects();
    },
  };
}

/**
 * The name of a process, which becomes the filter of the table.
 * @param {HTMLElement} panel
 */
function makeSuspect(panel) {
  const element = document.createElement('button');
  const name = document.createElement('bdi');
  const growth = document.createElement('span');
  element.type = 'button';
  element.className = 'link alert-suspect';
  element.append(name, ' ', growth);
  let filter = '';
  element.addEventListener('click', () => send(panel, 'choose', { filter }));
  return {
    element,
    /** @param {Suspect} suspect */
    update(suspect) {
      filter = suspect.name;
      writeText(name, visibleText(suspect.name));
      writeText(growth, suspectGrowth(suspect));
      element.title = `pid ${suspect.pid}; percent of one CPU, before and during; a click filters the table`;
    },
  };
}

/** @type {(list: HTMLElement, rules: Rule[]) => void} */
function drawRules(list, rules) {
  while (list.children.length > rules.length) list.lastElementChild?.remove();
  while (list.children.length < rules.length) {
    const row = document.createElement('div');
    row.append(document.createElement('dt'), document.createElement('dd'));
    list.append(row);
  }
  rules.forEach(({ name, condition }, index) => {
    const [term, words] = list.children[index].children;
    writeText(term, name);
    writeText(words, condition);
  });
}
