// What the recorder does, in words. No DOM.

import { formatBytesOf, formatMoment, formatSpan } from '../shared/format.js';

/**
 * @param {Recorder} recorder
 * @returns {{mark: RecorderMark, word: string}}
 */
export function recorderWord({ recording, switched_on: isOn }) {
  if (recording) return { mark: 'recording', word: 'Recording' };
  return isOn ? { mark: 'failing', word: 'Not recording' } : { mark: 'off', word: 'Recorder off' };
}

/**
 * How far back the history reaches and how large it is: "3 h · 12.0 of 256 MiB".
 * @param {Recorder} recorder
 * @param {number} now milliseconds since the epoch, by the server's clock
 */
export function recorderReach({ oldest, size_bytes: size, limit_bytes: limit }, now) {
  const reach = oldest === null ? [] : [formatSpan(Math.max(0, now - Date.parse(oldest)) / 1000)];
  return [...reach, formatBytesOf(size, limit)].join(' · ');
}

/**
 * The same as sentences, for the tooltip.
 * @param {Recorder} recorder
 */
export function explainRecorder(recorder) {
  const { file, oldest, limit_bytes: limit, size_bytes: size } = recorder;
  const { held_samples: held, lost_samples: lost } = recorder;
  const sentences = [
    oldest && `The history reaches back to ${formatMoment(new Date(oldest))}.`,
    file && `It uses ${formatBytesOf(size, limit)} in ${file}; at the limit the oldest data is deleted.`,
    !recorder.recording && held > 0 && `Samples held in memory: ${held}.`,
    lost > 0 && `Samples lost because the file could not be written: ${lost}.`,
  ];
  return sentences.filter(Boolean).join(' ');
}

/**
 * The newer one of the answer to a switch and the report of a sample: a sample that was taken before the switch
 * still describes the time before it.
 * @param {?Recorder} told
 * @param {?Recorder} answered
 */
export function newestRecorder(told, answered) {
  if (!told || !answered) return told;
  // Both times come from one clock in one form, so comparing their texts compares them.
  return told.since < answered.since ? answered : told;
}
