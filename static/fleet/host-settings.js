// The reader's settings for the page of the fleet: the browser stores them, or the address contains them.

import { HOST_CHARTS } from './host-chart-source.js';
import { COLUMNS } from './host-columns.js';
import { loadSettings, saveSettings } from '../shared/settings.js';

const KEY = 'top-server-hosts';
const SORTED = ['cpu', ...Object.keys(COLUMNS)];
const SERIES = HOST_CHARTS.flatMap((chart) => chart.series.map((series) => series.id));

/** Threshold for very hot, in percent of all CPUs of a host. */
export const HOT = 90;

/**
 * Stored settings may come from another version, so each value is checked.
 * @returns {HostSettings}
 */
export function loadHostSettings() {
  /** @type {any} */
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    // Storage may be forbidden or corrupt; use the defaults.
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

/** @param {HostSettings} settings may have more members than are stored */
export function saveHostSettings({ sortColumn, sortDirection, minCPU, hiddenSeries, ...shared }) {
  const { theme, shortcuts, chartRange, showCharts } = shared;
  saveSettings({ ...loadSettings(), theme, shortcuts, chartRange, showCharts });
  try {
    localStorage.setItem(KEY, JSON.stringify({ sortColumn, sortDirection, minCPU, hiddenSeries }));
  } catch {
    // The page works without stored settings.
  }
}

/**
 * @param {unknown} value
 * @returns {?number} percent, or null if the value is not a percentage
 */
export function readThreshold(value) {
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value ?? NaN);
  return number >= 1 && number <= 100 ? number : null;
}
