// The dialog with the keys and the display settings.

import { find } from './dom.js';

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLElement} opener
 * @returns {{open: () => void, update: (state: {settings: {theme: string}}) => void}}
 */
export function mountHelp(dialog, opener) {
  const open = () => dialog.showModal();
  opener.addEventListener('click', open);
  find(dialog, '#close-help').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    // Only the backdrop is the dialog itself; everything else is inside it.
    if (event.target === dialog) dialog.close();
  });

  return {
    open,
    update({ settings }) {
      const root = document.documentElement;
      if (settings.theme === 'auto') delete root.dataset.theme;
      else root.dataset.theme = settings.theme;
    },
  };
}
