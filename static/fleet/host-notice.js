// The strip at the bottom of the page that says why nothing changes.

import { find, writeText } from '../shared/dom.js';
import { formatClock, formatSpan } from '../shared/format.js';

/**
 * It covers the page instead of being in it, so that no row moves when it appears.
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
    // Screen readers announce the alert when its text changes; the seconds next to it change silently.
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
