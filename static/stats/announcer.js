// Announces the result of a setting to a screen reader. Samples come every second and are not announced.

import { formatCount, formatWhen } from '../shared/format.js';

/** Long enough to type a word, short enough to follow the keystroke. */
const DELAY = 700;
/** The settings that change the table; the others are evident. */
/** @type {(keyof State['settings'])[]} */
const ANNOUNCED = ['filter', 'hideIdle', 'hideKernel', 'basis', 'sortColumn', 'sortDirection'];

/**
 * @param {HTMLElement} element a live region
 * @returns {(state: State) => void} update
 */
export function mountAnnouncer(element) {
  /** @type {?string} */
  let announced = null;
  let timer = 0;
  /** @type {State} */
  let state;

  function announce() {
    const { rows, settings, paused, past, health } = state;
    const noun = rows.length === 1 ? 'process' : 'processes';
    const count = `${formatCount(rows.length)} ${noun} shown`;
    const order = `sorted by ${settings.sortColumn}, ${settings.sortDirection}`;
    const pace = health.state === 'live' ? (paused ? 'paused' : 'live') : '';
    const isShown = past?.state === 'shown';
    const time = past ? `not live${isShown ? `, ${formatWhen(new Date(past.moment))}` : ''}` : pace;
    element.textContent = [count, order, time].filter(Boolean).join(', ');
  }

  return function update(newState) {
    state = newState;
    const { sample, settings, paused, past, health } = state;
    if (!sample || health.state === 'waiting') return;
    const choice = JSON.stringify([...ANNOUNCED.map((name) => settings[name]), paused, past?.moment, past?.state, health.state]);
    if (choice === announced) return;
    // Only changes are announced, not the page as it opens.
    if (announced !== null) {
      clearTimeout(timer);
      timer = setTimeout(announce, DELAY);
    }
    announced = choice;
  };
}
