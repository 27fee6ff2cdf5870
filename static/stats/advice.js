// The note that says why part of the CPU time is unaccounted, and what to do about it.

import { find, send } from '../shared/dom.js';
import { splitOptions } from './ledger.js';

/**
 * Dispatches `dismiss` when the reader dismisses it.
 * @param {HTMLElement} element
 * @returns {(state: State) => void} update
 */
export function mountAdvice(element) {
  const list = find(element, '.advice-list');
  let drawn = '';
  let seenAt = -Infinity;

  find(element, 'button').addEventListener('click', () => send(element, 'dismiss'));

  /** @type {(advice: Advice[]) => void} */
  function draw(advice) {
    const text = JSON.stringify(advice);
    if (text === drawn) return;
    drawn = text;
    list.replaceChildren(...advice.map(makeItem));
  }

  /** @type {(visible: boolean) => void} */
  function show(visible) {
    if (element.hidden === !visible) return;
    const before = document.documentElement.scrollHeight;
    // If the reader has scrolled to a row, it stays under the pointer.
    const isBelow = (element.previousElementSibling ?? element).getBoundingClientRect().bottom < 0;
    element.hidden = !visible;
    if (isBelow) scrollBy(0, document.documentElement.scrollHeight - before);
  }

  return function update({ newestSystem: system, adviceDismissed }) {
    const advice = system?.coverage_advice ?? [];
    const now = Date.parse(system?.sampled_at ?? '') / 1000;
    if (advice.length > 0) {
      seenAt = now;
      draw(advice);
    }
    // Coverage that fluctuates around the threshold must not make the table jump up and down.
    const isRecent = now - seenAt <= (system?.window_seconds ?? 0);
    show(!adviceDismissed && (advice.length > 0 || isRecent));
  };
}

/** @param {Advice} advice */
function makeItem({ reason, remedy }) {
  const item = document.createElement('li');
  const why = document.createElement('span');
  why.className = 'advice-reason';
  why.append(...makeSentence(reason));
  const what = document.createElement('span');
  what.className = 'advice-remedy';
  what.append(...makeSentence(remedy));
  item.append(why, ' ', what);
  return item;
}

/**
 * The server's sentences begin in lower case and end without a full stop.
 * @type {(text: string) => (string|HTMLElement)[]}
 */
function makeSentence(text) {
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return splitOptions(sentence).map((piece) => {
    if (!piece.isOption) return piece.text;
    const code = document.createElement('code');
    code.textContent = piece.text;
    return code;
  });
}
