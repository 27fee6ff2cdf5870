// Single keys, as in terminal monitors.

/**
 * Keys never act while a control has the focus that could mean them, nor with a modifier, nor when
 * the reader switched them off: speech input and unsteady hands press keys by accident.
 * @param {Object<string, () => void>} actions by lower-case key
 * @param {() => boolean} isEnabled
 */
export function mountShortcuts(actions, isEnabled) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!isEnabled() || document.querySelector('dialog[open]')) return;
    if (belongsToControl(event)) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** A text field means every key; a button, a check box or a link means the space bar. */
function belongsToControl({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (target.matches('textarea, select, [contenteditable]')) return true;
  if (target.matches('input')) return !target.matches('[type=checkbox], [type=radio]') || key === ' ';
  return key === ' ' && target.matches('button, a, summary');
}
