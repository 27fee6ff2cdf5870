// Knows whether the reader is aiming at a row.

import { send } from './dom.js';

/** A pointer that nobody has moved for so long was left behind, and the order may go on. */
const FORGOTTEN_AFTER = 60_000;

/**
 * Dispatches a bubbling `release` event when the reader lets go of the rows.
 * @param {HTMLElement} body the rows
 * @returns {() => boolean} whether the order is to be held now
 */
export function mountOrderHold(body) {
  let pointing = false;
  let movedAt = 0;

  const isHeld = () =>
    body.contains(document.activeElement)
    || (pointing && performance.now() - movedAt < FORGOTTEN_AFTER);

  function release() {
    if (!isHeld()) send(body, 'release');
  }

  body.addEventListener('pointermove', (event) => {
    // A finger has left the glass before the next sample comes, and sends no word of it.
    if (event.pointerType === 'touch') return;
    pointing = true;
    movedAt = performance.now();
  });
  body.addEventListener('pointerleave', () => {
    pointing = false;
    release();
  });
  // While `focusout` is on its way the focus is nowhere; the next task knows where it went.
  body.addEventListener('focusout', () => setTimeout(release));

  return isHeld;
}
