// One stream of what happens at the server, kept open. Used by pages and by the worker; no DOM.

/** Beside the page, which is not where the address of a worker would lead from. */
const EVENTS = new URL('../events', import.meta.url).href;
/** @type {EventName[]} */
const NAMES = ['system', 'alert', 'recorder'];

/** Milliseconds before another attempt where the browser makes none, as after an answer that is an error. */
const RETRY = 2000;
/** So long a stream may say nothing, in milliseconds: before its first sample, and at least. */
const FIRST_PATIENCE = 60_000;
const PATIENCE = 10_000;

/**
 * Opened again, it begins where it was left: the server sends what was missed, as far as it knows it.
 * @param {(name: EventName, value: any) => void} take
 * @param {(isOpen: boolean) => void} turn is told when the stream begins and when it breaks
 */
export function makeEventStream(take, turn) {
  /** @type {?EventSource} */
  let source = null;
  let lastID = '';
  let timer = 0;

  function open() {
    shut();
    const opened = new EventSource(lastID === '' ? EVENTS : `${EVENTS}?after=${lastID}`);
    source = opened;
    opened.onopen = () => turn(true);
    opened.onerror = () => {
      turn(false);
      if (opened.readyState === EventSource.CLOSED) waitFor(RETRY);
    };
    for (const name of NAMES) opened.addEventListener(name, hear);
    waitFor(FIRST_PATIENCE);
  }

  /** @param {MessageEvent} event */
  function hear({ type, data, lastEventId }) {
    const value = JSON.parse(data);
    lastID = lastEventId || lastID;
    // A line can be dead without a word, as after the sleep of a laptop.
    if (type === 'system') waitFor(Math.max(PATIENCE, 3000 * (value.interval_seconds ?? 0)));
    take(/** @type {EventName} */ (type), value);
  }

  /** @type {(patience: number) => void} */
  function waitFor(patience) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      turn(false);
      open();
    }, patience);
  }

  function shut() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  return {
    open() {
      if (source === null) open();
    },
    close() {
      if (source === null) return;
      shut();
      turn(false);
    },
  };
}
