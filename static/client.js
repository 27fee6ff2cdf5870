// The page's controller: owns the state, listens to what readers do, and updates every part.
//
// Data goes down: the feed dispatches `sample`, `system`, `recorder`, `alerts`, `health` and `rows`,
// and each part has an `update(state)` that draws all of it, however often it is called. Wishes come
// up: parts dispatch `choose`, `look`, `mark`, `explain`, `visit`, `step`, `live`, `pause`, `record`,
// `release` and `dismiss`. Only this file changes the state.

import { mountAdvice } from './stats/advice.js';
import { mountAlertFeed } from './stats/alert-feed.js';
import { mountAlertPanel } from './stats/alert-panel.js';
import { mountAnnouncer } from './stats/announcer.js';
import { mountChartFeed, rowsWhilePaused } from './shared/chart-feed.js';
import { shownView, viewWith } from './shared/chart-view.js';
import { mountCharts } from './shared/charts.js';
import { COLUMNS, FIELDS } from './shared/columns.js';
import { mountEvents } from './stats/events.js';
import { mountExplainFeed } from './stats/explain-feed.js';
import { mountExplainPanel } from './stats/explain-panel.js';
import { mountFeed } from './stats/feed.js';
import { mountHelp } from './shared/help.js';
import { mountLedgerBar } from './stats/ledger-bar.js';
import { mountNotices } from './stats/notices.js';
import { mountOrderHold } from './shared/order-hold.js';
import { mountPastBanner, MINUTE } from './stats/past-banner.js';
import { mountProcessTable } from './stats/process-table.js';
import { mountRecorderLine } from './stats/recorder-line.js';
import { switchRecorder } from './stats/recorder-switch.js';
import { newestRecorder } from './stats/recorder.js';
import { holdOrder, selectRows, totals } from './shared/rows.js';
import {
  loadDismissed, loadFilter, loadSettings, saveDismissed, saveFilter, saveSettings,
} from './shared/settings.js';
import { mountShortcuts } from './shared/shortcuts.js';
import { mountSummary } from './stats/summary.js';
import { mountTimeTravel } from './stats/time-travel.js';
import { mountSwitches, mountToolbar } from './shared/toolbar.js';
import { followTrails } from './stats/trail-feed.js';

/**
 * `sample` and `system` are the ones on the screen; while the page is paused or in the past, `newest`
 * and `newestSystem` run ahead of them. `past` says which past, and is null in the present. `system` is undefined before the first answer and null when
 * there is none any more. `recorder` is the newest that is known of it, paused or not, and
 * `recorderSwitch` how it goes with the button. `view` is what the charts show, null while they
 * follow the newest sample; `chartRows` is what they draw of it and `liveRows` what they go back to.
 * @typedef {{settings: Object, sample: ?import('./stats/feed.js').Sample,
 *   newest: ?import('./stats/feed.js').Sample, system: ?import('./stats/ledger.js').System,
 *   newestSystem: ?import('./stats/ledger.js').System, recorder: ?import('./stats/recorder.js').Recorder,
 *   recorderSwitch: {isPending: boolean, answer: ?import('./stats/recorder.js').Recorder,
 *   failure: ?string}, alerts: ?import('./shared/alerts.js').Alerts, view: ?import('./shared/chart-view.js').View,
 *   chartRows: ?import('./shared/chart-feed.js').ChartRows,
 *   liveRows: ?import('./shared/chart-feed.js').ChartRows, rows: import('./shared/columns.js').Process[],
 *   totals: ReturnType<typeof totals>, health: import('./stats/feed.js').Health, held: boolean,
 *   paused: boolean, past: ?import('./stats/time-travel.js').Past,
 *   explained: ?import('./stats/explain-feed.js').Explained, trails: import('./stats/trails.js').Trails,
 *   adviceDismissed: boolean}} State
 */

/** What stands for the sample of a moment that was not recorded. */
const NO_SAMPLE = {
  sequence: null, sampledAt: null, bornAt: 0, interval: 1, window: null, cpuCount: null,
  hostName: null, processes: [],
};

const NO_TRAILS = { times: [], step: 1000, of: () => undefined };

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
  past: null,
  explained: null,
  trails: NO_TRAILS,
  adviceDismissed: loadDismissed(),
};

let isExplainWanted = false;

const isHeld = mountOrderHold(find('processes'));
const help = mountHelp(find('help'), find('open-help'));
const updates = [
  help.update,
  mountSummary(find('summary'), find('pulse'), find('host-name')),
  mountRecorderLine(find('recorder')),
  mountLedgerBar(find('ledger')),
  mountAdvice(find('advice')),
  mountCharts(find('charts'), find('chart'), find('chart-key')),
  mountExplainPanel(find('explain'), find('explain-row')),
  mountSwitches(find('charts')),
  mountAlertPanel(find('alerts'), find('alert')),
  mountToolbar(find('toolbar'), find('empty')),
  mountSwitches(find('toolbar')),
  mountSwitches(find('help')),
  mountNotices(find('paused-notice'), find('trouble-notice')),
  mountPastBanner(find('past-notice')),
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
    lookAround(null);
    chartFeed.follow(state.settings.chartRange);
  }
  arrange({ keepOrder: false });
}

function look(view) {
  state.view = view;
  chartFeed.look(view);
  update();
}

/** Whoever leaves the present is told who used the CPU there, until that was enough. */
function lookAround(view) {
  if (view === null) askAbout(null);
  else if (state.view === null || state.explained) askAbout(view);
  look(view);
}

/** @param {?import('./shared/chart-view.js').View} range null closes the panel */
function explain(range) {
  // Who asks before the charts have a first sample is answered when they have it.
  isExplainWanted = range === null && state.chartRows === null;
  const hadFocus = find('explain').contains(document.activeElement);
  askAbout(range);
  update();
  // The panel vanishes, and the focus must not vanish with it.
  if (range === null && hadFocus) find('explain-open').focus();
}

function explainByKey() {
  explain(state.explained ? null : shownNow());
  if (state.explained) find('explain').focus();
}

/** @returns {?import('./shared/chart-view.js').View} what the charts show */
function shownNow() {
  const { view, settings, chartRows } = state;
  return chartRows && shownView(view, settings.chartRange, chartRows.end);
}

/** In the past everything stands still already, and whoever wants to go on goes on with the present. */
function pause() {
  if (state.past) {
    goLive();
    return;
  }
  state.paused = !state.paused && state.sample !== null;
  if (state.paused) freeze();
  else showNewest();
  arrange({ keepOrder: true });
}

/** What is on the screen stays as it is. */
function freeze() {
  state.trails = trails.frozen();
}

function showNewest() {
  state.trails = trails;
  state.sample = state.newest;
  state.system = state.newestSystem;
}

/** The table, the figures and the charts, wherever each of them was. */
function goLive() {
  lookAround(null);
  if (state.past) travel.goLive();
  else if (state.paused) pause();
}

function takePast(past) {
  const isMoved = past !== null && past.moment !== state.past?.moment;
  state.past = past;
  state.paused = false;
  if (!past) {
    showNewest();
  } else if (past.state !== 'asking') {
    state.sample = past.sample ?? { ...NO_SAMPLE, hostName: state.newest?.hostName ?? null };
    state.system = past.system;
    state.trails = past.trails ?? NO_TRAILS;
  }
  if (isMoved) bringIntoView(past.moment);
  arrange({ keepOrder: false });
}

/** The charts show the moment that the rest of the page shows. */
function bringIntoView(time) {
  if (!state.chartRows || !Number.isFinite(time)) return;
  const view = viewWith(time, state.view, state.settings.chartRange, state.chartRows.end);
  if (view !== state.view) look(view);
}

/**
 * The charts follow the newest sample until that would carry off the moment that the rest of the page
 * shows. Whoever moved them away from it is let alone.
 * @param {number} time
 * @param {?import('./shared/chart-view.js').View} before what the charts showed, null when there was nothing
 */
function keepInView(time, before) {
  const { from, to } = shownNow();
  const isCarried = state.view === null && time >= before?.from;
  if (before === null || (isCarried && time < from)) bringIntoView(time);
  else if (isCarried && time < from + 2 * state.chartRows.distance) look({ from, to });
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
document.addEventListener('look', (event) => lookAround(event.detail));
document.addEventListener('mark', ({ detail: view }) => {
  askAbout(view);
  look(view);
});
document.addEventListener('explain', (event) => explain(event.detail));
document.addEventListener('visit', (event) => travel.visit(event.detail.time));
document.addEventListener('step', ({ detail }) => travel.step(detail.direction, detail.distance));
document.addEventListener('live', goLive);
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
  arrowleft: ({ shiftKey }) => void travel.step(-1, shiftKey ? MINUTE : 0),
  arrowright: ({ shiftKey }) => void travel.step(1, shiftKey ? MINUTE : 0),
  // In the present the key leads to the end of the page, as everywhere.
  end: () => (state.past || state.view || state.paused ? goLive() : false),
  e: explainByKey,
}, () => state.settings.shortcuts);

const feed = new EventTarget();
const trails = followTrails(feed);
feed.addEventListener('sample', (event) => {
  state.newest = event.detail;
  if (state.paused || state.past) return;
  showNewest();
  arrange({ keepOrder: true });
});
feed.addEventListener('system', (event) => {
  state.newestSystem = event.detail;
  takeRecorder();
  if (!state.paused && !state.past) state.system = state.newestSystem;
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
  const before = shownNow();
  state.chartRows = rows.isDetail ? rows : state.liveRows;
  if (state.past) keepInView(state.past.moment, before);
  if (isExplainWanted) explain(shownNow());
  update();
});
feed.addEventListener('trails', update);
feed.addEventListener('past', (event) => takePast(event.detail));
feed.addEventListener('explained', (event) => {
  state.explained = event.detail;
  // Whoever asks updates the page by himself: a view that moves in each frame is to be drawn once.
  if (event.detail?.state !== 'asking') update();
});
const askAbout = mountExplainFeed(feed);
const chartFeed = mountChartFeed(feed, feed, state.settings.chartRange);
const travel = mountTimeTravel(feed, () => state.newest?.sampledAt?.getTime() ?? NaN);
travel.followAddress();
update();
mountFeed(feed, `cpu_usage?fields=${FIELDS.join(',')}`);
mountAlertFeed(feed);
mountEvents(feed);
