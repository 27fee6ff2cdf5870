// The server's events, as the page receives them: through one stream for all tabs if the browser can share it.

import { makeEventStream } from './event-stream.js';

/** Milliseconds between two reports to the worker that the tab is visible. */
const SIGN_OF_LIFE = 5000;
/** Milliseconds within which missed samples arrive together. */
const GATHERING = 30;

/**
 * Dispatches `alert` and `recorder` events on `target` as they arrive; a `system` event for each sample, after a
 * `missed` event with the earlier ones if several arrive at once; and a `line` event that says whether the stream
 * is open. A hidden page receives nothing.
 * @param {EventTarget} target
 */
export function mountEvents(target) {
  /** @type {(type: string, detail: unknown) => void} */
  const publish = (type, detail) => void target.dispatchEvent(new CustomEvent(type, { detail }));
  /** @type {Object[]} */
  let samples = [];
  /** @type {Line} */
  let line;

  /** @type {EventHandler} */
  function receive(name, value) {
    if (name !== 'system') {
      publish(name, value);
      return;
    }
    if (samples.length === 0) setTimeout(publishSamples, GATHERING);
    samples.push(value);
  }

  function publishSamples() {
    const missed = samples.slice(0, -1);
    const newest = samples.at(-1);
    samples = [];
    if (missed.length > 0) publish('missed', missed);
    publish('system', newest);
  }

  const turn = (/** @type {boolean} */ isOpen) => publish('line', isOpen);

  function useOwnStream() {
    const stream = makeEventStream(receive, turn);
    line = { watch: stream.open, leave: stream.close };
    follow();
  }

  function follow() {
    if (document.hidden) line.leave();
    else line.watch();
  }

  const shared = joinStream(receive, turn, useOwnStream);
  if (shared === null) {
    useOwnStream();
  } else {
    line = shared;
    follow();
  }
  document.addEventListener('visibilitychange', follow);
  // The browser may keep a page that the reader leaves, and show it again.
  addEventListener('pagehide', () => line.leave());
  addEventListener('pageshow', follow);
}

/**
 * @param {EventHandler} receive
 * @param {(isOpen: boolean) => void} turn
 * @param {() => void} fail is called if the worker cannot run
 * @returns {?Line} null if tabs cannot share a stream
 */
function joinStream(receive, turn, fail) {
  /** @type {SharedWorker} */
  let worker;
  try {
    worker = new SharedWorker(new URL('events-worker.js', import.meta.url), { type: 'module', name: 'top-server events' });
  } catch {
    // Phones have no shared workers, and some browsers forbid them together with storage.
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
      receive(name, value);
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
