// The strip at the foot of the page that says why nothing moves.

import { find, writeText } from '../shared/dom.js';
import { formatClock, formatSpan } from '../shared/format.js';

/**
 * It lies over the page and not in it, so that no row jumps when it appears.
 * @param {HTMLElement} notice
 * @returns {(state: FleetState) => void} update
 */
export function mountHostNotice(notice) {
  const sentence = find(notice, '.notice-text');
  const age = find(notice, '.notice-age');

  return function update({ host, fleet, answer, health }) {
    const shown = host === null ? fleet : answer;
    const text = troubleSentence(health);
    notice.classList.toggle('is-raised', text !== '');
    document.body.classList.toggle('is-stale', text !== '');
    // The alert is read out when its text changes; the seconds beside it count in silence.
    writeText(sentence, text);
    const figures = shown ? ` The figures are from ${formatClock(new Date(shown.sampledAt))}.` : '';
    writeText(age, text ? `for ${formatSpan(health.silence)}.${figures}` : '');
  };
}

/** @type {(health: Health) => string} */
function troubleSentence({ state, detail }) {
  switch (state) {
    case 'silent': return 'No answer from the hub';
    case 'refused': return `The hub says “${detail}”`;
    case 'stale': return 'Nothing new from the hub';
    default: return '';
  }
}
