// What the reader chose on the page of the fleet: remembered by the browser, or kept in the address.

import { HOST_CHARTS } from './host-chart-source.js';
import { COLUMNS } from './host-columns.js';
import { loadSettings, saveSettings } from '../shared/settings.js';

const KEY = 'top-server-hosts';
const SORTED = ['cpu', ...Object.keys(COLUMNS)];
const SERIES = HOST_CHARTS.flatMap((chart) => chart.series.map((series) => series.id));

/** The choices that both pages share. */
const SHARED = ['theme', 'shortcuts', 'chartRange', 'showCharts'];

/** Very high, unless the reader says otherwise. */
export const HOT = 90;

/** What was stored may come from another version, so each value is checked. */
export function loadHostSettings() {
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    // Storage may be forbidden or spoilt; the defaults do.
  }
  const common = loadSettings();
  return {
    ...Object.fromEntries(SHARED.map((name) => [name, common[name]])),
    sortColumn: SORTED.includes(stored.sortColumn) ? stored.sortColumn : 'cpu',
    sortDirection: stored.sortDirection === 'ascending' ? 'ascending' : 'descending',
    minCPU: readThreshold(stored.minCPU) ?? HOT,
    hiddenSeries: SERIES.filter((id) => stored.hiddenSeries?.includes?.(id)),
  };
}

/** @param {Object} settings may hold more than is remembered */
export function saveHostSettings({ sortColumn, sortDirection, minCPU, hiddenSeries, ...settings }) {
  const shared = Object.fromEntries(SHARED.map((name) => [name, settings[name]]));
  saveSettings({ ...loadSettings(), ...shared });
  try {
    localStorage.setItem(KEY, JSON.stringify({ sortColumn, sortDirection, minCPU, hiddenSeries }));
  } catch {
    // The page works without a memory.
  }
}

/** @returns {?number} percent, or null for what is none */
export function readThreshold(value) {
  const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value ?? NaN);
  return number >= 1 && number <= 100 ? number : null;
}
