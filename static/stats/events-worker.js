// The one stream of /events that all tabs of this browser share, open while at least one tab is visible.

import { makeEventStream } from './event-stream.js';

/**
 * Milliseconds. A visible tab reports more often than `PATIENCE`; a closed tab reports nothing.
 * A reader who switches tabs leaves the first before the other is visible.
 */
const PATIENCE = 16_000;
const LINGER = 2000;
/** How many samples are kept for tabs that were hidden: as many as the server keeps. */
const KEPT = 128;

/** @type {Map<MessagePort, number>} when each visible tab last reported */
const tabs = new Map();
let isOpen = false;
let leaving = 0;
/**
 * The newest samples, in order.
 * @type {{sampled_at: string}[]}
 */
let samples = [];

const stream = makeEventStream(
  (name, value) => {
    if (name === 'system') samples = [...samples.slice(1 - KEPT), value];
    broadcast([name, value]);
  },
  (state) => {
    isOpen = state;
    broadcast(['line', isOpen]);
  });

/** @type {(message: [string, unknown]) => void} */
function broadcast(message) {
  for (const tab of tabs.keys()) tab.postMessage(message);
}

/**
 * @param {MessagePort} tab
 * @param {string} last when the tab's last sample was taken; empty if it has none
 */
function watch(tab, last) {
  const isNew = !tabs.has(tab);
  tabs.set(tab, performance.now());
  clearTimeout(leaving);
  stream.open();
  if (!isNew) return;
  tab.postMessage(['line', isOpen]);
  for (const sample of missedBy(last)) tab.postMessage(['system', sample]);
}

/** @type {(last: string) => {sampled_at: string}[]} */
function missedBy(last) {
  const place = samples.findLastIndex(({ sampled_at: time }) => time === last);
  if (place >= 0) return samples.slice(place + 1);
  return isOpen ? samples.slice(-1) : [];
}

/** @type {(tab: MessagePort) => void} */
function leave(tab) {
  tabs.delete(tab);
  if (tabs.size > 0) return;
  clearTimeout(leaving);
  leaving = setTimeout(stream.close, LINGER);
}

setInterval(() => {
  const now = performance.now();
  for (const [tab, heardAt] of tabs) if (now - heardAt > PATIENCE) leave(tab);
}, PATIENCE / 2);

self.addEventListener('connect', (event) => {
  const [tab] = /** @type {MessageEvent} */ (event).ports;
  tab.onmessage = ({ data: { isSeen, last } }) => (isSeen ? watch(tab, last) : leave(tab));
});
