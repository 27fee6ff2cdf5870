// Asks the server to switch its recorder on or off.

import { explain, post } from '../shared/requests.js';

/**
 * @param {boolean} isOn
 * @returns {Promise<{answer: ?Recorder, failure: ?string}>} one of the two
 */
export async function switchRecorder(isOn) {
  const failed = (/** @type {string} */ why) => ({ answer: null, failure: `not ${isOn ? 'started' : 'stopped'}: ${why}` });
  try {
    const response = await post(isOn ? 'start' : 'stop');
    if (!response.ok) return failed(`the server says “${await explain(response)}”`);
    return { answer: await response.json(), failure: null };
  } catch {
    return failed('no answer from the server');
  }
}
