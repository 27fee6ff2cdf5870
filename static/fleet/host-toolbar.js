// The controls above the table of hosts: name, state and threshold.

import { find, findAll, send, writeText } from '../shared/dom.js';
import { mountFilterField } from '../shared/filter-field.js';
import { formatCount } from '../shared/format.js';
import { readThreshold } from './host-settings.js';

/**
 * Dispatches `choose` events with the settings that changed.
 * @param {HTMLElement} element
 * @param {HTMLElement} empty is shown below a table without rows
 * @returns {(state: FleetState) => void} update
 */
export function mountHostToolbar(element, empty) {
  const filter = find(element, '#filter');
  const updateFilter = mountFilterField(filter);
  const threshold = find(element, '#min-cpu');
  const shown = find(element, '[data-value=shown]');
  const orderNote = find(element, '#order-note');
  const counters = findAll(element, '[data-count]');
  const showAll = find(empty, '#show-all');
  const emptyText = find(empty, '.empty-text');
  const choose = (/** @type {Object} */ changes) => send(element, 'choose', changes);

  threshold.addEventListener('input', () => {
    const minCPU = readThreshold(threshold.value);
    // An incomplete number is not a threshold; the last complete one applies until there is another.
    threshold.ariaInvalid = String(minCPU === null);
    if (minCPU !== null) choose({ minCPU });
  });
  showAll.addEventListener('click', () => {
    choose({ filter: '', only: 'all', hotOnly: false });
    // The button disappears, and the focus must not disappear with it.
    filter.focus();
  });

  return function update({ settings, fleet, counts, rows, held, host }) {
    updateFilter(settings);
    // Do not change the field while the reader is typing in it.
    if (threshold !== document.activeElement) {
      threshold.value = String(settings.minCPU);
      threshold.ariaInvalid = 'false';
    }
    threshold.ariaLabel = 'Very hot from, in percent of all CPUs of a host';
    orderNote.classList.toggle('is-held', held);
    for (const counter of counters) {
      /** @type {'all'|'live'|'stale'|'lost'} */
      const count = counter.dataset.count;
      writeText(counter, formatCount(counts[count]));
      counter.toggleAttribute('data-any', count !== 'all' && counts[count] > 0);
    }
    if (host !== null) return;
    const living = rows.filter((row) => !row.gone).length;
    if (fleet) {
      writeText(shown, `${formatCount(living)} of ${formatCount(counts.all)} shown`);
      writeText(emptyText, emptyWords(settings, counts));
    }
    empty.hidden = rows.length > 0;
    showAll.hidden = !fleet;
  };
}

/**
 * The text of an empty table, which tells whether the reason is that no host is hot.
 * @type {(settings: Filters, counts: {live: number}) => string}
 */
function emptyWords({ filter, only, hotOnly, minCPU }, { live }) {
  if (hotOnly && !filter && only === 'all') {
    return live === 1 ? `The only live host is below ${minCPU} % CPU.`
      : `All ${formatCount(live)} live hosts are below ${minCPU} % CPU.`;
  }
  return 'No host matches.';
}
