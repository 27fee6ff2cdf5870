// The table of hosts.

import { find, send, writeText } from '../shared/dom.js';
import { formatCount } from '../shared/format.js';
import { COLUMNS } from './host-columns.js';
import { makeHostRow } from './host-row.js';
import { mountRowWindow } from '../shared/row-window.js';
import { mountSortHeadings } from '../shared/sort-headings.js';

/** Few, because each host with a row needs many fields. */
const OVERSCAN = 10;

/**
 * Dispatches `choose` events with the sort order that a reader selects, and `seen` when other hosts became
 * visible.
 * @param {HTMLTableElement} table
 * @param {HTMLTemplateElement} template one row
 * @returns {{update: (state: FleetState) => void, seen: () => string[],
 *   focus: (name: ?string) => void}}
 */
export function mountHostTable(table, template) {
  const silent = find(table, '[data-value=silent]');
  const updateHeadings = mountSortHeadings(table, COLUMNS);
  /** @type {FleetState} */
  let state;

  const rowWindow = mountRowWindow(table, {
    overscan: OVERSCAN,
    make: () => makeHostRow(template),
    show: (row, /** @type {Host} */ host, index) => row.update(host, index, state.seen.get(host.key)),
    redraw() {
      draw();
      if (isShown() && seen().some((name) => !state.seen.has(name))) send(table, 'seen');
    },
  });
  /** While one host is shown, the list is hidden and has no size. */
  const isShown = () => state?.host === null;
  /** The names of the hosts that have a row. */
  const seen = () => [...rowWindow.rows.keys()];

  function draw() {
    if (isShown()) rowWindow.draw(state.rows);
  }

  return {
    update(newState) {
      state = newState;
      const { settings, rows, counts } = state;
      updateHeadings(settings);
      table.ariaRowCount = String(rows.length + 1);
      writeText(silent, silentText(settings, rows, counts));
      draw();
    },
    seen,
    /**
     * A reader who returns to the list finds the host that they left.
     * @param {?string} name
     */
    focus: (name) => rowWindow.rows.get(name ?? '')?.focusable.focus({ preventScroll: true }),
  };
}

/**
 * Why cool hosts are among the very hot ones, or how many silent hosts the filter hides.
 * @type {(settings: {hotOnly: boolean}, rows: Host[], counts: FleetState['counts']) => string}
 */
function silentText({ hotOnly }, rows, counts) {
  const shown = rows.filter(({ state, gone }) => state !== 'live' && !gone).length;
  if (hotOnly && shown > 0) {
    return `${formatCount(shown)} silent ${shown === 1 ? 'host stays' : 'hosts stay'} visible, because ${shown === 1 ? 'its' : 'their'} CPU use is unknown`;
  }
  const missing = counts.stale + counts.lost - shown;
  return missing > 0 ? `${formatCount(missing)} silent ${missing === 1 ? 'host is' : 'hosts are'} filtered out` : '';
}
