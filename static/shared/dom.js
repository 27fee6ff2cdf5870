// Functions for elements and events that every part uses.

/**
 * Writes a text only if it changed: an unchanged node costs no layout, keeps the reader's selection and gives
 * a screen reader nothing to repeat.
 * @param {Element} element
 * @param {string} text
 */
export function writeText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Sends a reader's request to the controller.
 * @param {EventTarget} element
 * @param {string} type
 * @param {unknown} [detail]
 */
export function send(element, type, detail) {
  element.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
}

/**
 * Calls `act` with the detail of each custom event.
 * @param {EventTarget} target
 * @param {string} type
 * @param {(detail: any) => void} act
 */
export function listen(target, type, act) {
  target.addEventListener(type, (event) => act(/** @type {CustomEvent} */ (event).detail));
}

/**
 * The element that a selector finds; every element of the page exists.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {any} an element of the kind that the page has there
 */
export function find(root, selector) {
  return root.querySelector(selector);
}

/**
 * All elements that a selector finds.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {any[]} elements of the kind that the page has there
 */
export function findAll(root, selector) {
  return [...root.querySelectorAll(selector)];
}

/**
 * The elements below `root`, by the names of their selectors.
 * @template {Record<string, string>} S
 * @param {ParentNode} root
 * @param {S} selectors
 * @returns {Record<keyof S, any>}
 */
export function findParts(root, selectors) {
  const found = Object.entries(selectors).map(([name, selector]) => [name, find(root, selector)]);
  return Object.fromEntries(found);
}

/**
 * A copy of the content of a template.
 * @param {HTMLTemplateElement} template
 * @returns {any} an element of the kind that the template has
 */
export function copyOf(template) {
  return template.content.firstElementChild?.cloneNode(true);
}
