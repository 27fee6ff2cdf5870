// The strips at the bottom of the page that say why the table does not change.

import { find, send, writeText } from '../shared/dom.js';
import { ageOf } from './feed.js';
import { formatClock, formatSpan } from '../shared/format.js';

/**
 * They cover the page instead of being in it, so that no row moves when one appears.
 * @param {HTMLElement} pausedNotice
 * @param {HTMLElement} troubleNotice
 * @returns {(state: State) => void} update
 */
export function mountNotices(pausedNotice, troubleNotice) {
  const pausedText = find(pausedNotice, '.notice-text');
  const troubleText = find(troubleNotice, '.notice-text');
  const troubleAge = find(troubleNotice, '.notice-age');

  find(pausedNotice, 'button').addEventListener('click', () => send(pausedNotice, 'pause'));

  return function update({ sample, newest, paused, health }) {
    pausedNotice.hidden = !paused;
    const moment = paused ? formatClock(sample?.sampledAt) : '';
    writeText(pausedText, paused ? `at ${moment}. Sorting and filtering still work.` : '');

    const text = troubleSentence(health);
    troubleNotice.classList.toggle('is-raised', text !== '');
    document.body.classList.toggle('is-stale', text !== '');
    // Screen readers announce the alert when its text changes; the seconds next to it change silently.
    writeText(troubleText, text);
    const since = health.state === 'stale' && newest ? ageOf(newest) : health.silence;
    const figures = sample?.sampledAt ? ` The figures are from ${formatClock(sample.sampledAt)}.` : '';
    writeText(troubleAge, text ? `for ${formatSpan(since)}.${figures}` : '');
  };
}

/** @type {(health: Health) => string} */
function troubleSentence({ state, detail }) {
  switch (state) {
    case 'silent': return 'No answer from the server';
    case 'refused': return `The server says “${detail}”`;
    case 'stale': return 'No new sample from the server';
    default: return '';
  }
}
