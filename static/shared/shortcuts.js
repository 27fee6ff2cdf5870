// Single keys, as in terminal monitors.

/**
 * Keys do not act while a control that uses them has the focus, nor with a modifier, nor if the reader switched
 * them off: speech input and unsteady hands press keys by accident.
 * @param {Object<string, (event: KeyboardEvent) => (boolean|void)>} actions by lower-case key; one
 *   that returns false leaves the key to the browser
 * @param {() => boolean} isEnabled
 */
export function mountShortcuts(actions, isEnabled) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!isEnabled() || document.querySelector('dialog[open]')) return;
    if (belongsToControl(event)) return;
    const action = actions[event.key.toLowerCase()];
    if (action && action(event) !== false) event.preventDefault();
  });
}

/**
 * A text field uses every key; a button, a check box or a link uses the space bar.
 * @type {(event: KeyboardEvent) => boolean}
 */
function belongsToControl({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (target.matches('textarea, select, [contenteditable]')) return true;
  // Arrows select radio buttons.
  if (target.matches('[type=radio]')) return key === ' ' || key.startsWith('Arrow');
  if (target.matches('input')) return !target.matches('[type=checkbox]') || key === ' ';
  return key === ' ' && target.matches('button, a, summary');
}
