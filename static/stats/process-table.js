// The table of processes.

import { COLUMNS } from '../shared/columns.js';
import { find, writeText } from '../shared/dom.js';
import { formatSeconds, formatWhen, UNKNOWN } from '../shared/format.js';
import { makeProcessRow } from './process-row.js';
import { mountRowWindow } from '../shared/row-window.js';
import { mountSortHeadings } from '../shared/sort-headings.js';

const OVERSCAN = 15;

/**
 * Dispatches `choose` events with the sort order that a reader selects.
 * @param {HTMLTableElement} table
 * @param {HTMLTemplateElement} template one row
 * @returns {(state: State) => void} update
 */
export function mountProcessTable(table, template) {
  const body = table.tBodies[0];
  const caption = find(table, '.caption-text');
  const updateHeadings = mountSortHeadings(table, COLUMNS);
  /** @type {State} */
  let state;
  /** @type {?HTMLElement} */
  let offered = null;

  const rowWindow = mountRowWindow(table, {
    overscan: OVERSCAN,
    make: () => makeProcessRow(template),
    show: (row, /** @type {Process} */ process, index) =>
      row.update(process, index, state.settings.basis, state.sample?.window, state.trails),
    redraw: draw,
  });

  function draw() {
    if (state) offerFocus(rowWindow.draw(state.rows));
  }

  /**
   * One row is in the tab order: the one in use, or the first visible one.
   * @param {?{focusable: HTMLElement}} firstSeen
   */
  function offerFocus(firstSeen) {
    if (offered) offered.tabIndex = -1;
    const focused = /** @type {?HTMLElement} */ (document.activeElement);
    offered = body.contains(focused) ? focused : firstSeen?.focusable ?? null;
    if (offered) offered.tabIndex = 0;
  }

  return function update(newState) {
    state = newState;
    updateHeadings(state.settings);
    table.ariaRowCount = String(state.rows.length + 1);
    writeText(caption, captionText(state));
    draw();
  };
}

/** @type {(state: State) => string} */
function captionText({ sample, settings, totals, past }) {
  if (!sample) return 'Percent of one CPU';
  if (past) return pastCaptionText(sample, settings);
  if (totals.known === 0) return 'Percent of one CPU; the first values need two samples';
  if (settings.basis === 'now') return `Percent of one CPU over the last ${formatSeconds(sample.interval)}`;
  // The server reports how far back its samples go, which is less soon after its start.
  const reach = sample.window ? ` over the last ${formatSeconds(sample.window)}` : '';
  return `Percent of one CPU, average${reach}`;
}

/**
 * An empty column must show that nothing was counted, not that the count was zero.
 * @param {Sample} sample
 * @param {State['settings']} settings
 */
function pastCaptionText({ sampledAt, interval, window }, { basis }) {
  if (!sampledAt) return 'Percent of one CPU';
  const seconds = basis === 'now' ? interval : window;
  const reach = seconds ? ` over the ${formatSeconds(seconds)} before ${formatWhen(sampledAt)}` : '';
  const measure = basis === 'now' ? `Percent of one CPU${reach}` : `Percent of one CPU, average${reach}`;
  return `${measure}; ${UNKNOWN} is not recorded`;
}
