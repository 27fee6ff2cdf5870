// The strip that says that the page shows the past, with the buttons that move through it and back.

import { find, send, writeText } from '../shared/dom.js';
import { pastSentence } from './past-words.js';

/**
 * Dispatches `step` with a direction, and `live`.
 * @param {HTMLElement} element
 * @returns {(state: State) => void} update
 */
export function mountPastBanner(element) {
  const text = find(element, '.notice-text');
  const button = (/** @type {string} */ name) => find(element, `[data-step=${name}]`);
  for (const [name, direction] of Object.entries({ earlier: -1, later: 1 })) {
    button(name).addEventListener('click', (/** @type {MouseEvent} */ { shiftKey }) =>
      send(element, 'step', { direction, distance: shiftKey ? MINUTE : 0 }));
  }
  button('live').addEventListener('click', () => send(element, 'live'));

  return function update({ past, recorder, newest }) {
    const isPast = past !== null;
    element.hidden = !isPast;
    document.body.classList.toggle('is-past', isPast);
    if (!isPast) return;
    const now = newest?.sampledAt?.getTime() ?? NaN;
    element.classList.toggle('is-empty', past.state === 'missing' || past.state === 'failed');
    writeText(text, pastSentence(past, { recorder, now }));
    for (const name of ['earlier', 'later']) button(name).hidden = Number.isNaN(past.moment);
  };
}

/** Milliseconds of a step with Shift. */
export const MINUTE = 60_000;
