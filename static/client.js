// The page's controller: owns the state, listens to what readers do, and updates every part.
//
// Data goes down: the feed dispatches `sample`, `system`, `recorder`, `alerts`, `health` and `rows`,
// and each part has an `update(state)` that draws all of it, however often it is called. Wishes come
// up: parts dispatch `choose`, `look`, `pause`, `record`, `release` and `dismiss`. Only this file changes the state.

import { mountAdvice } from './advice.js';
import { mountAlertFeed } from './alert-feed.js';
import { mountAlertPanel } from './alert-panel.js';
import { mountAnnouncer } from './announcer.js';
import { mountChartFeed, rowsWhilePaused } from './chart-feed.js';
import { mountCharts } from './charts.js';
import { COLUMNS, FIELDS } from './columns.js';
import { mountEvents } from './events.js';
import { mountFeed } from './feed.js';
import { mountHelp } from './help.js';
import { mountLedgerBar } from './ledger-bar.js';
import { mountNotices } from './notices.js';
import { mountOrderHold } from './order-hold.js';
import { mountProcessTable } from './process-table.js';
import { mountRecorderLine } from './recorder-line.js';
import { switchRecorder } from './recorder-switch.js';
import { newestRecorder } from './recorder.js';
import { holdOrder, selectRows, totals } from './rows.js';
import {
  loadDismissed, loadFilter, loadSettings, saveDismissed, saveFilter, saveSettings,
} from './settings.js';
import { mountShortcuts } from './shortcuts.js';
import { mountSummary } from './summary.js';
import { mountSwitches, mountToolbar } from './toolbar.js';

/**
 * `sample` and `system` are the ones on the screen; while the page is paused, `newest` and
 * `newestSystem` run ahead of them. `system` is undefined before the first answer and null when
 * there is none any more. `recorder` is the newest that is known of it, paused or not, and
 * `recorderSwitch` how it goes with the button. `view` is what the charts show, null while they
 * follow the newest sample; `chartRows` is what they draw of it and `liveRows` what they go back to.
 * @typedef {{settings: Object, sample: ?import('./feed.js').Sample,
 *   newest: ?import('./feed.js').Sample, system: ?import('./ledger.js').System,
 *   newestSystem: ?import('./ledger.js').System, recorder: ?import('./recorder.js').Recorder,
 *   recorderSwitch: {isPending: boolean, answer: ?import('./recorder.js').Recorder,
 *   failure: ?string}, alerts: ?import('./alerts.js').Alerts, view: ?import('./chart-view.js').View,
 *   chartRows: ?import('./chart-feed.js').ChartRows,
 *   liveRows: ?import('./chart-feed.js').ChartRows, rows: import('./columns.js').Process[],
 *   totals: ReturnType<typeof totals>, health: import('./feed.js').Health, held: boolean,
 *   paused: boolean, adviceDismissed: boolean}} State
 */

/** Milliseconds for which the failure of a switch is shown. */
const FAILURE_SHOWN = 10_000;

const find = (id) => document.getElementById(id);

/** @type {State} */
const state = {
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
  adviceDismissed: loadDismissed(),
};

const isHeld = mountOrderHold(find('processes'));
const help = mountHelp(find('help'), find('open-help'));
const updates = [
  help.update,
  mountSummary(find('summary'), find('pulse'), find('host-name')),
  mountRecorderLine(find('recorder')),
  mountLedgerBar(find('ledger')),
  mountAdvice(find('advice')),
  mountCharts(find('charts'), find('chart'), find('chart-key')),
  mountSwitches(find('charts')),
  mountAlertPanel(find('alerts'), find('alert')),
  mountToolbar(find('toolbar'), find('empty')),
  mountSwitches(find('toolbar')),
  mountSwitches(find('help')),
  mountNotices(find('paused-notice'), find('trouble-notice')),
  mountProcessTable(find('process-table'), find('process-row')),
  mountAnnouncer(find('announcer')),
];

function update() {
  state.held = isHeld();
  for (const draw of updates) draw(state);
}

/** Works the rows out anew. A choice reorders them at once; a sample respects a held order. */
function arrange({ keepOrder }) {
  const { settings, sample } = state;
  const processes = sample?.processes ?? [];
  const selected = selectRows(processes, settings);
  state.rows = keepOrder && isHeld() ? holdOrder(state.rows, selected, processes) : selected;
  state.totals = totals(processes, settings.basis);
  update();
}

function choose(changes) {
  Object.assign(state.settings, changes);
  saveSettings(state.settings);
  if ('filter' in changes) saveFilter(state.settings.filter);
  if ('chartRange' in changes) {
    look(null);
    chartFeed.follow(state.settings.chartRange);
  }
  arrange({ keepOrder: false });
}

function look(view) {
  state.view = view;
  chartFeed.look(view);
  update();
}

function pause() {
  state.paused = !state.paused && state.sample !== null;
  if (!state.paused) {
    state.sample = state.newest;
    state.system = state.newestSystem;
  }
  arrange({ keepOrder: true });
}

function dismiss() {
  state.adviceDismissed = true;
  saveDismissed();
  update();
  // The button vanishes with the note, and the focus must not vanish with it.
  find('ledger').focus();
}

async function record(isOn) {
  state.recorderSwitch = { ...state.recorderSwitch, isPending: true, failure: null };
  update();
  const { answer, failure } = await switchRecorder(isOn);
  const settled = { isPending: false, answer: answer ?? state.recorderSwitch.answer, failure };
  state.recorderSwitch = settled;
  takeRecorder();
  update();
  if (failure) setTimeout(() => forgetFailure(settled), FAILURE_SHOWN);
}

/** A failure of the past must not hide for ever what the recorder does now. */
function forgetFailure(settled) {
  if (state.recorderSwitch !== settled) return;
  state.recorderSwitch = { ...settled, failure: null };
  update();
}

function takeRecorder() {
  const told = state.newestSystem?.recorder ?? null;
  state.recorder = newestRecorder(told, state.recorderSwitch.answer);
}

document.addEventListener('choose', (event) => choose(event.detail));
document.addEventListener('look', (event) => look(event.detail));
document.addEventListener('pause', pause);
document.addEventListener('record', (event) => record(event.detail));
document.addEventListener('dismiss', dismiss);
document.addEventListener('release', () => arrange({ keepOrder: false }));
addEventListener('hashchange', () => choose({ filter: loadFilter() }));

const sortBy = (column) => () =>
  choose({ sortColumn: column, sortDirection: COLUMNS[column].first });
const turn = (name) => () => choose({ [name]: !state.settings[name] });

function focusFilter() {
  find('filter').focus();
  find('filter').select();
}

mountShortcuts({
  '/': focusFilter,
  ' ': pause,
  '?': help.open,
  p: sortBy('total'),
  m: sortBy('memory'),
  n: sortBy('pid'),
  i: turn('hideIdle'),
  k: turn('hideKernel'),
  a: () => choose({ basis: state.settings.basis === 'now' ? 'average' : 'now' }),
}, () => state.settings.shortcuts);

const feed = new EventTarget();
feed.addEventListener('sample', (event) => {
  state.newest = event.detail;
  if (state.paused) return;
  state.sample = state.newest;
  arrange({ keepOrder: true });
});
feed.addEventListener('system', (event) => {
  state.newestSystem = event.detail;
  takeRecorder();
  if (!state.paused) state.system = state.newestSystem;
  update();
});
feed.addEventListener('recorder', (event) => {
  state.recorderSwitch = { ...state.recorderSwitch, answer: event.detail };
  takeRecorder();
  update();
});
feed.addEventListener('alerts', (event) => {
  state.alerts = event.detail;
  update();
});
feed.addEventListener('health', (event) => {
  state.health = event.detail;
  update();
});
feed.addEventListener('rows', ({ detail: rows }) => {
  if (!rows.isDetail) state.liveRows = state.paused ? rowsWhilePaused(state.liveRows, rows) : rows;
  state.chartRows = rows.isDetail ? rows : state.liveRows;
  update();
});
const chartFeed = mountChartFeed(feed, feed, state.settings.chartRange);
update();
mountFeed(feed, `cpu_usage?fields=${FIELDS.join(',')}`);
mountAlertFeed(feed);
mountEvents(feed);
