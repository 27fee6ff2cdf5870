// The two things that every part does with elements.

/**
 * Only text that changed is written: an untouched node costs no layout, keeps a reader's selection
 * and gives a screen reader nothing to repeat.
 * @param {Element} element
 * @param {string} text
 */
export function writeText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Tells the controller what a reader wishes. */
export function send(element, type, detail) {
  element.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
}
