// The line that says whether the samples are recorded, with the button that switches the recorder.

import { find, send, writeText } from '../shared/dom.js';
import { explainRecorder, recorderReach, recorderWord } from './recorder.js';

/**
 * Dispatches `record` with true or false when the reader switches it on or off.
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
    // It keeps its place: an older server has no recorder, and a server may answer late.
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
    // A disabled button would lose the focus of the reader who pressed it.
    button.ariaDisabled = String(recorderSwitch.isPending);
  };
}
