// The page's controller: owns the state, listens to the reader's actions, and updates every part.
//
// Data goes down: the feed dispatches `sample`, `system`, `recorder`, `alerts`, `health` and `rows`,
// and each part has an `update(state)` that draws all of it, however often it is called. Requests go
// up: parts dispatch `choose`, `look`, `mark`, `explain`, `visit`, `step`, `live`, `pause`, `record`,
// `release` and `dismiss`. Only this file changes the state; stats/chart-control.js changes that of the charts.

import { mountCharts } from './shared/charts.js';
import { COLUMNS, FIELDS } from './shared/columns.js';
import { listen } from './shared/dom.js';
import { mountHelp } from './shared/help.js';
import { mountOrderHold } from './shared/order-hold.js';
import { holdOrder, selectRows, totals } from './shared/rows.js';
import { loadFilter, saveDismissed, saveFilter, saveSettings } from './shared/settings.js';
import { mountShortcuts } from './shared/shortcuts.js';
import { mountSwitches, mountToolbar } from './shared/toolbar.js';
import { mountAdvice } from './stats/advice.js';
import { mountAlertFeed } from './stats/alert-feed.js';
import { mountAlertPanel } from './stats/alert-panel.js';
import { mountAnnouncer } from './stats/announcer.js';
import { mountChartControl } from './stats/chart-control.js';
import { mountEvents } from './stats/events.js';
import { mountExplainPanel } from './stats/explain-panel.js';
import { mountFeed } from './stats/feed.js';
import { mountLedgerBar } from './stats/ledger-bar.js';
import { mountNotices } from './stats/notices.js';
import { mountPastBanner, MINUTE } from './stats/past-banner.js';
import { mountProcessTable } from './stats/process-table.js';
import { mountRecorderLine } from './stats/recorder-line.js';
import { switchRecorder } from './stats/recorder-switch.js';
import { newestRecorder } from './stats/recorder.js';
import { initialState, NO_SAMPLE, NO_TRAILS } from './stats/state.js';
import { mountSummary } from './stats/summary.js';
import { mountTimeTravel } from './stats/time-travel.js';
import { followTrails } from './stats/trail-feed.js';

/** Milliseconds for which a failed switch of the recorder is shown. */
const FAILURE_SHOWN = 10_000;

/** @param {string} id of an element of the page @returns {any} of the kind that the page has */
const find = (id) => document.getElementById(id);

const state = initialState();

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

/**
 * Computes the rows again. A setting reorders them at once; a sample respects a held order.
 * @type {(how: {keepOrder: boolean}) => void}
 */
function arrange({ keepOrder }) {
  const { settings, sample } = state;
  const processes = sample?.processes ?? [];
  const selected = selectRows(processes, settings);
  state.rows = keepOrder && isHeld() ? holdOrder(state.rows, selected, processes) : selected;
  state.totals = totals(processes, settings.basis);
  update();
}

/** @param {Partial<State['settings']>} changes */
function choose(changes) {
  Object.assign(state.settings, changes);
  saveSettings(state.settings);
  if ('filter' in changes) saveFilter(state.settings.filter);
  if ('chartRange' in changes) charts.follow(state.settings.chartRange);
  arrange({ keepOrder: false });
}

/** @param {?View} range null closes the panel */
function explain(range) {
  const hadFocus = find('explain').contains(document.activeElement);
  charts.explain(range);
  // The panel disappears, and the focus must not disappear with it.
  if (range === null && hadFocus) find('explain-open').focus();
}

function explainByKey() {
  explain(state.explained ? null : charts.shownNow());
  if (state.explained) find('explain').focus();
}

/** The past does not move anyway, so the button returns to the present there. */
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

/** Freezes the page. */
function freeze() {
  state.trails = trails.frozen();
}

function showNewest() {
  state.trails = trails;
  state.sample = state.newest;
  state.system = state.newestSystem;
}

/** Returns the table, the figures and the charts to the present. */
function goLive() {
  charts.lookAround(null);
  if (state.past) travel.goLive();
  else if (state.paused) pause();
}

/** @param {State['past']} past */
function showPast(past) {
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
  if (isMoved) charts.bringIntoView(past.moment);
  arrange({ keepOrder: false });
}

function dismiss() {
  state.adviceDismissed = true;
  saveDismissed();
  update();
  // The button disappears with the note, and the focus must not disappear with it.
  find('ledger').focus();
}

/** @param {boolean} isOn */
async function record(isOn) {
  state.recorderSwitch = { ...state.recorderSwitch, isPending: true, failure: null };
  update();
  const { answer, failure } = await switchRecorder(isOn);
  const settled = { isPending: false, answer: answer ?? state.recorderSwitch.answer, failure };
  state.recorderSwitch = settled;
  updateRecorder();
  update();
  if (failure) setTimeout(() => forgetFailure(settled), FAILURE_SHOWN);
}

/**
 * An old failure must not hide the state of the recorder forever.
 * @type {(settled: State['recorderSwitch']) => void}
 */
function forgetFailure(settled) {
  if (state.recorderSwitch !== settled) return;
  state.recorderSwitch = { ...settled, failure: null };
  update();
}

function updateRecorder() {
  const told = state.newestSystem?.recorder ?? null;
  state.recorder = newestRecorder(told, state.recorderSwitch.answer);
}

listen(document, 'choose', choose);
listen(document, 'look', (view) => charts.lookAround(view));
listen(document, 'mark', (view) => charts.mark(view));
listen(document, 'explain', explain);
listen(document, 'visit', ({ time }) => travel.visit(time));
listen(document, 'step', ({ direction, distance }) => travel.step(direction, distance));
listen(document, 'live', goLive);
listen(document, 'pause', pause);
listen(document, 'record', record);
listen(document, 'dismiss', dismiss);
listen(document, 'release', () => arrange({ keepOrder: false }));
addEventListener('hashchange', () => choose({ filter: loadFilter() }));

const sortBy = (/** @type {string} */ column) => () =>
  choose({ sortColumn: column, sortDirection: COLUMNS[column].first });
const turn = (/** @type {'hideIdle'|'hideKernel'} */ name) => () => choose({ [name]: !state.settings[name] });

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
  // In the present the key goes to the end of the page, as everywhere.
  end: () => (state.past || state.view || state.paused ? goLive() : false),
  e: explainByKey,
}, () => state.settings.shortcuts);

const feed = new EventTarget();
const trails = followTrails(feed);
listen(feed, 'sample', (sample) => {
  state.newest = sample;
  if (state.paused || state.past) return;
  showNewest();
  arrange({ keepOrder: true });
});
listen(feed, 'system', (system) => {
  state.newestSystem = system;
  updateRecorder();
  if (!state.paused && !state.past) state.system = state.newestSystem;
  update();
});
listen(feed, 'recorder', (answer) => {
  state.recorderSwitch = { ...state.recorderSwitch, answer };
  updateRecorder();
  update();
});
listen(feed, 'alerts', (alerts) => {
  state.alerts = alerts;
  update();
});
listen(feed, 'health', (health) => {
  state.health = health;
  update();
});
listen(feed, 'trails', update);
listen(feed, 'past', showPast);
const charts = mountChartControl(state, feed, update);
const travel = mountTimeTravel(feed, () => state.newest?.sampledAt?.getTime() ?? NaN);
travel.followAddress();
update();
mountFeed(feed, `cpu_usage?fields=${FIELDS.join(',')}`);
mountAlertFeed(feed);
mountEvents(feed);
