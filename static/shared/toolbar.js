// The controls above the table: filter, measure, what to hide, pause.

import { find, findAll, send } from './dom.js';
import { mountFilterField } from './filter-field.js';
import { formatCount } from './format.js';

/**
 * Dispatches `choose` events with the settings that changed, and `pause`.
 * @param {HTMLElement} element
 * @param {HTMLElement} empty is shown below a table without rows
 * @returns {(state: State) => void} update
 */
export function mountToolbar(element, empty) {
  const filter = find(element, '#filter');
  const updateFilter = mountFilterField(filter);
  const pause = find(element, '#pause');
  const shown = find(element, '[data-value=shown]');
  const orderNote = find(element, '#order-note');
  const showAll = find(empty, '#show-all');
  const emptyText = find(empty, '.empty-text');
  const choose = (/** @type {Object} */ changes) => send(element, 'choose', changes);

  pause.addEventListener('click', () => send(element, 'pause'));
  showAll.addEventListener('click', () => {
    choose({ filter: '', hideIdle: false, hideKernel: false });
    // The button disappears, and the focus must not disappear with it.
    filter.focus();
  });

  return function update({ settings, sample, rows, held, paused, past }) {
    const isUnknown = sample !== null && sample.sampledAt === null && past !== null;
    updateFilter(settings);
    pause.textContent = paused || past ? 'Resume' : 'Pause';
    orderNote.classList.toggle('is-held', held);
    if (sample) {
      const living = rows.filter((row) => !row.gone).length;
      shown.textContent = `${formatCount(living)} of ${formatCount(sample.processes.length)} shown`;
      emptyText.textContent = isUnknown ? 'No processes were recorded at this moment.' : 'No process matches.';
    }
    empty.hidden = rows.length > 0;
    showAll.hidden = !sample || isUnknown;
  };
}

/**
 * Connects every check box and radio button below `element` with the setting of its name.
 * @param {HTMLElement} element
 * @returns {(state: {settings: Object<string, any>}) => void} update
 */
export function mountSwitches(element) {
  const inputs = findAll(element, 'input[type=checkbox], input[type=radio]');
  for (const input of inputs) {
    input.addEventListener('change', () => {
      const value = input.type === 'checkbox' ? input.checked : input.value;
      send(element, 'choose', { [input.name]: value });
    });
  }
  return function update({ settings }) {
    for (const input of inputs) {
      const value = settings[input.name];
      input.checked = input.type === 'checkbox' ? value : value === input.value;
    }
  };
}
