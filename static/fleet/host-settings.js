// What the reader chose on the page of the fleet: remembered by the browser, or kept in the address.

import { HOST_CHARTS } from './host-chart-source.js';
import { COLUMNS } from './host-columns.js';
import { loadSettings, saveSettings } from '../shared/settings.js';

const KEY = 'top-server-hosts';
const SORTED = ['cpu', ...Object.keys(COLUMNS)];
const SERIES = HOST_CHARTS.flatMap((chart) => chart.series.map((series) => series.id));

/** Very high, unless the reader says otherwise. */
export const HOT = 90;

/**
 * What was stored may come from another version, so each value is checked.
 * @returns {HostSettings}
 */
export function loadHostSettings() {
  /** @type {any} */
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    // Storage may be forbidden or spoilt; the defaults do.
  }
  const { theme, shortcuts, chartRange, showCharts } = loadSettings();
  return {
    theme, shortcuts, chartRange, showCharts,
    sortColumn: SORTED.includes(stored.sortColumn) ? stored.sortColumn : 'cpu',
    sortDirection: stored.sortDirection === 'ascending' ? 'ascending' : 'descending',
    minCPU: readThreshold(stored.minCPU) ?? HOT,
    hiddenSeries: SERIES.filter((id) => stored.hiddenSeries?.includes?.(id)),
  };
}

/** @param {HostSettings} settings may hold more than is remembered */
export function saveHostSettings({ sortColumn, sortDirection, minCPU, hiddenSeries, ...shared }) {
  const { theme, shortcuts, chartRange, showCharts } = shared;
  saveSettings({ ...loadSettings(), theme, shortcuts, chartRange, showCharts });
  try {
    localStorage.setItem(KEY, JSON.stringify({ sortColumn, sortDirection, minCPU, hiddenSeries }));
  } catch {
    // The page works without a memory.
  }
}

/**
 * @param {unknown} value
 * @returns {?number} percent, or null for what is none
 */
export function readThreshold(value) {
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value ?? NaN);
  return number >= 1 && number <= 100 ? number : null;
}
