// Detects whether the reader is pointing at a row.

import { send } from './dom.js';

/** A pointer that has not moved for this long was left behind, and the order may change again. */
const FORGOTTEN_AFTER = 60_000;

/**
 * Dispatches a bubbling `release` event when the reader leaves the rows.
 * @param {HTMLElement} body the rows
 * @returns {() => boolean} whether the order must be held now
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
    // A finger leaves the screen before the next sample comes, and there is no event for it.
    if (event.pointerType === 'touch') return;
    pointing = true;
    movedAt = performance.now();
  });
  body.addEventListener('pointerleave', () => {
    pointing = false;
    release();
  });
  // During `focusout` no element has the focus; the next task knows where it went.
  body.addEventListener('focusout', () => setTimeout(release));

  return isHeld;
}
