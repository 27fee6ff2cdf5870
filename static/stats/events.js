// What happens at the server, as the page hears of it: by one stream for all tabs where browsers can.

import { makeEventStream } from './event-stream.js';

/** Milliseconds between two signs of life for the worker. */
const SIGN_OF_LIFE = 5000;
/** Milliseconds in which samples that were missed come together. */
const GATHERING = 30;

/**
 * Dispatches on `target` `alert` and `recorder` events as they come; a `system` event for each sample,
 * after a `missed` event with those before it when several come at once; and a `line` event that
 * says whether the stream is open. A hidden page hears nothing.
 * @param {EventTarget} target
 */
export function mountEvents(target) {
  /** @type {(type: string, detail: unknown) => void} */
  const publish = (type, detail) => void target.dispatchEvent(new CustomEvent(type, { detail }));
  /** @type {Object[]} */
  let samples = [];
  /** @type {Line} */
  let line;

  /** @type {Take} */
  function take(name, value) {
    if (name !== 'system') {
      publish(name, value);
      return;
    }
    if (samples.length === 0) setTimeout(tellSamples, GATHERING);
    samples.push(value);
  }

  function tellSamples() {
    const missed = samples.slice(0, -1);
    const newest = samples.at(-1);
    samples = [];
    if (missed.length > 0) publish('missed', missed);
    publish('system', newest);
  }

  const turn = (/** @type {boolean} */ isOpen) => publish('line', isOpen);

  function useOwnStream() {
    const stream = makeEventStream(take, turn);
    line = { watch: stream.open, leave: stream.close };
    follow();
  }

  function follow() {
    if (document.hidden) line.leave();
    else line.watch();
  }

  const shared = joinStream(take, turn, useOwnStream);
  if (shared === null) {
    useOwnStream();
  } else {
    line = shared;
    follow();
  }
  document.addEventListener('visibilitychange', follow);
  // A page that is left may be kept, and come back.
  addEventListener('pagehide', () => line.leave());
  addEventListener('pageshow', follow);
}

/**
 * @param {Take} take
 * @param {(isOpen: boolean) => void} turn
 * @param {() => void} fail is called when there is no worker after all
 * @returns {?Line} null where tabs cannot share
 */
function joinStream(take, turn, fail) {
  /** @type {SharedWorker} */
  let worker;
  try {
    worker = new SharedWorker(new URL('events-worker.js', import.meta.url), { type: 'module', name: 'top-server events' });
  } catch {
    // Phones have none, and some browsers forbid it together with storage.
    return null;
  }
  let timer = 0;
  let last = '';
  const say = (/** @type {boolean} */ isSeen) => worker.port.postMessage({ isSeen, last });
  worker.onerror = () => {
    clearInterval(timer);
    worker.port.close();
    fail();
  };
  worker.port.onmessage = ({ data: [name, value] }) => {
    if (name === 'line') {
      turn(value);
    } else {
      if (name === 'system') last = value.sampled_at;
      take(name, value);
    }
  };
  return {
    watch() {
      clearInterval(timer);
      timer = setInterval(say, SIGN_OF_LIFE, true);
      say(true);
    },
    leave() {
      clearInterval(timer);
      say(false);
    },
  };
}
