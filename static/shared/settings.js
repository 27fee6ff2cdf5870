// The reader's settings, which the browser stores.

import { CHARTS } from './chart-set.js';
import { RANGES } from './chart-view.js';
import { COLUMNS } from './columns.js';

const KEY = 'top-server';
const DISMISSED = 'top-server-advice-dismissed';

/** Every stored setting with the values it may have; the first is the default. */
const ALLOWED = {
  sortColumn: Object.keys(COLUMNS),
  sortDirection: ['descending', 'ascending'],
  basis: ['average', 'now'],
  hideIdle: [false, true],
  hideKernel: [true, false],
  shortcuts: [true, false],
  theme: ['auto', 'light', 'dark'],
  showCharts: [true, false],
  showAlerts: [false, true],
  chartRange: Object.keys(RANGES),
};

/** Every stored list with the values it may contain; it is empty at first. */
const ALLOWED_IN_LISTS = {
  hiddenSeries: CHARTS.flatMap((chart) => chart.series.map((series) => series.id)),
};

/**
 * Stored settings may come from another version, so each value is checked.
 * @returns {Settings}
 */
export function loadSettings() {
  /** @type {any} */
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    // Storage may be forbidden or corrupt; use the defaults.
  }
  const pick = (/** @type {[string, any[]]} */ [name, values]) => [name, values.includes(stored[name]) ? stored[name] : values[0]];
  const sift = (/** @type {[string, string[]]} */ [name, values]) => [name, values.filter((value) => stored[name]?.includes?.(value))];
  return Object.fromEntries([
    ...Object.entries(ALLOWED).map(pick), ...Object.entries(ALLOWED_IN_LISTS).map(sift),
  ]);
}

/** @param {Object<string, any>} settings may have more members than are stored */
export function saveSettings(settings) {
  try {
    const names = Object.keys({ ...ALLOWED, ...ALLOWED_IN_LISTS });
    const remembered = names.map((name) => [name, settings[name]]);
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(remembered)));
  } catch {
    // The page works without stored settings.
  }
}

/** Advice that the reader dismissed stays hidden until the tab is closed. */
export function loadDismissed() {
  try {
    return sessionStorage.getItem(DISMISSED) !== null;
  } catch {
    return false;
  }
}

export function saveDismissed() {
  try {
    sessionStorage.setItem(DISMISSED, 'yes');
  } catch {
    // Then it stays hidden until the page is loaded again.
  }
}

/**
 * The filter is in the address and not in the storage: the reader can send it to a colleague, and a word typed
 * today hides no processes tomorrow.
 */
export function loadFilter() {
  return new URLSearchParams(location.hash.slice(1)).get('filter') ?? '';
}

/** @param {string} filter */
export function saveFilter(filter) {
  const address = filter ? `#${new URLSearchParams({ filter })}` : location.pathname + location.search;
  try {
    history.replaceState(null, '', address);
  } catch {
    // Browsers reject very frequent changes; the next keystroke corrects the address.
  }
}
