// The state of the page of one machine: what it is at first, and what stands for what is not known.

import { totals } from '../shared/rows.js';
import { loadDismissed, loadFilter, loadSettings } from '../shared/settings.js';

/**
 * `sample` and `system` are the ones on the screen; while the page is paused or in the past, `newest`
 * and `newestSystem` run ahead of them. `past` says which past, and is null in the present. `system` is
 * undefined before the first answer and null when there is none any more. `recorder` is the newest that is
 * known of it, paused or not, and `recorderSwitch` how it goes with the button. `view` is what the charts
 * show, null while they follow the newest sample; `chartRows` is what they draw of it and `liveRows` what
 * they go back to.
 * @typedef {{settings: import('../shared/settings.js').Settings & {filter: string}, sample: ?import('./feed.js').Sample,
 *   newest: ?import('./feed.js').Sample, system: ?import('./ledger.js').System|undefined,
 *   newestSystem: ?import('./ledger.js').System|undefined, recorder: ?import('./recorder.js').Recorder,
 *   recorderSwitch: RecorderSwitch, alerts: ?import('../shared/alerts.js').Alerts,
 *   view: ?import('../shared/chart-view.js').View, chartRows: ?import('../shared/chart-rows.js').Drawn,
 *   liveRows: ?import('../shared/chart-rows.js').Drawn, rows: import('../shared/columns.js').Process[],
 *   totals: ReturnType<typeof totals>, health: import('../shared/polling.js').Health, held: boolean,
 *   paused: boolean, past: ?import('./time-travel.js').Past,
 *   explained: ?import('./explain-feed.js').Explained, trails: import('./trails.js').Trails,
 *   adviceDismissed: boolean}} State
 */

/**
 * `answer` is what the server said last of the recorder.
 * @typedef {{isPending: boolean, answer: ?import('./recorder.js').Recorder, failure: ?string}} RecorderSwitch
 */

/**
 * What stands for the sample of a moment that was not recorded.
 * @type {import('./feed.js').Sample}
 */
export const NO_SAMPLE = {
  sequence: null, sampledAt: null, bornAt: 0, interval: 1, window: null, cpuCount: null,
  hostName: null, processes: [],
};

/** @type {import('./trails.js').Trails} */
export const NO_TRAILS = { times: [], step: 1000, of: () => undefined };

/** @returns {State} */
export function initialState() {
  return {
    settings: { ...loadSettings(), filter: loadFilter() },
    sample: null,
    newest: null,
    system: undefined,
    newestSystem: undefined,
    recorder: null,
    recorderSwitch: { isPending: false, answer: null, failure: null },
    alerts: null,
    view: null,
    chartRows: null,
    liveRows: null,
    rows: [],
    totals: totals([], 'average'),
    health: { state: 'waiting', silence: 0, detail: null },
    held: false,
    paused: false,
    past: null,
    explained: null,
    trails: NO_TRAILS,
    adviceDismissed: loadDismissed(),
  };
}
