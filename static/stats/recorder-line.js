// The line that says whether what is seen is kept, with the button that switches it.

import { find, send, writeText } from '../shared/dom.js';
import { explainRecorder, recorderReach, recorderWord } from './recorder.js';

/**
 * Dispatches `record` with true or false when the reader wants it switched on or off.
 * @param {HTMLElement} element
 * @returns {(state: State) => void} update
 */
export function mountRecorderLine(element) {
  const word = find(element, '.recorder-word');
  const reason = find(element, '.recorder-reason');
  const reach = find(element, '.recorder-reach');
  const button = find(element, 'button');
  let isOn = false;

  button.addEventListener('click', () => {
    if (button.ariaDisabled !== 'true') send(element, 'record', !isOn);
  });

  return function update({ recorder, recorderSwitch, newestSystem }) {
    // It keeps its place: an older server has no recorder, and a server may be late.
    element.classList.toggle('is-absent', !recorder);
    if (!recorder) return;
    const state = recorderWord(recorder);
    const trouble = recorderSwitch.failure ?? (state.mark === 'failing' ? recorder.reason : null);
    isOn = recorder.switched_on;
    element.dataset.mark = recorderSwitch.failure ? 'failing' : state.mark;
    writeText(word, state.word);
    writeText(reason, trouble ?? '');
    writeText(reach, trouble ? '' : recorderReach(recorder, Date.parse(newestSystem?.sampled_at ?? '')));
    element.title = explainRecorder(recorder);
    writeText(button, isOn ? 'Stop recording' : 'Start recording');
    // A button that is really disabled would lose the focus of whoever pressed it.
    button.ariaDisabled = String(recorderSwitch.isPending);
  };
}
