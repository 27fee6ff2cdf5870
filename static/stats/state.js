// The state of the page of one machine: its initial values, and the values for what is not known.

import { totals } from '../shared/rows.js';
import { loadDismissed, loadFilter, loadSettings } from '../shared/settings.js';

/**
 * The sample of a moment that was not recorded.
 * @type {Sample}
 */
export const NO_SAMPLE = {
  sequence: null, sampledAt: null, bornAt: 0, interval: 1, window: null, cpuCount: null,
  hostName: null, processes: [],
};

/** @type {Trails} */
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
