// The field that filters a list while the reader types.

import { send } from './dom.js';

/**
 * Dispatches `choose` with the filter. Escape clears it, and leaves the field if it is empty.
 * @param {HTMLInputElement} field
 * @returns {(settings: {filter: string}) => void} update
 */
export function mountFilterField(field) {
  const choose = (/** @type {string} */ filter) => send(field, 'choose', { filter });
  field.addEventListener('input', () => choose(field.value));
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    if (field.value === '') field.blur();
    else choose('');
  });
  return function update({ filter }) {
    if (field.value !== filter) field.value = filter;
  };
}
