// One stream of the server's events, kept open. Pages and the worker use it; no DOM.

/** Relative to the page, because the address of a worker is in another folder. */
const EVENTS = new URL('../events', import.meta.url).href;
/** @type {EventName[]} */
const NAMES = ['system', 'alert', 'recorder'];

/** Milliseconds before another attempt if the browser makes none, as after an error answer. */
const RETRY = 2000;
/** How long a stream may be silent, in milliseconds: before its first sample, and at least. */
const FIRST_PATIENCE = 60_000;
const PATIENCE = 10_000;

/**
 * After it is reopened, it begins where it ended: the server sends the missed events that it still has.
 * @param {(name: EventName, value: any) => void} receive
 * @param {(isOpen: boolean) => void} turn is called when the stream opens and when it breaks
 */
export function makeEventStream(receive, turn) {
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
    // A connection can be dead without an error, as after a laptop was suspended.
    if (type === 'system') waitFor(Math.max(PATIENCE, 3000 * (value.interval_seconds ?? 0)));
    receive(/** @type {EventName} */ (type), value);
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
