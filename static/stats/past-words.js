// The past in words. No DOM.

import { formatSeconds, formatSpan, formatWhen } from '../shared/format.js';

/**
 * What the reader sees instead of live data: the moment and how long ago it was, or why there is nothing.
 * @param {PastShown} past
 * @param {{recorder: ?Recorder, now: number}} facts `now` is the newest moment
 *   that the server reported, in milliseconds since the epoch
 * @returns {string}
 */
export function pastSentence(past, { recorder, now }) {
  const { moment, text } = past;
  if (Number.isNaN(moment)) {
    return `The address contains “${text}”, which is not a time such as 2026-01-31T08:15:30Z.`;
  }
  const when = formatWhen(new Date(moment));
  switch (past.state) {
    case 'asking': return `Looking up ${when}…`;
    case 'missing': return `Nothing was recorded at ${when}: ${whyMissing(moment, recorder, now)}.`;
    case 'failed': return past.detail === null
      ? `${when} cannot be looked up: no answer from the server.`
      : `${when} cannot be looked up. The server says “${past.detail}”`;
    default: return [when, agoText(moment, now), coarseText(past.sample?.interval ?? 0), past.edge]
      .filter(Boolean).join(' · ');
  }
}

/** @type {(moment: number, now: number) => string} */
function agoText(moment, now) {
  return Number.isNaN(now) ? '' : `${formatSpan(Math.max(0, now - moment) / 1000)} ago`;
}

/**
 * Old samples are merged, and a table of them must not look like one instant.
 * @param {number} interval seconds
 */
function coarseText(interval) {
  return interval >= 10 ? `its newest values cover ${formatSeconds(interval)}` : '';
}

/** @type {(moment: number, recorder: ?Recorder, now: number) => string} */
function whyMissing(moment, recorder, now) {
  if (!recorder) return 'this server does not report that it records anything';
  const begin = Date.parse(recorder.oldest ?? (recorder.held_samples > 0 ? recorder.since : ''));
  const isOff = !recorder.switched_on;
  if (moment > now) return 'it is in the future';
  if (isOff && moment >= Date.parse(recorder.since)) {
    return `the recorder has been off since ${formatWhen(new Date(recorder.since))}`;
  }
  if (Number.isNaN(begin)) return 'the recorder has not recorded anything yet';
  if (moment < begin) return `the history begins ${formatWhen(new Date(begin))}`;
  return 'there is a gap, because the server or its recorder was off then';
}
