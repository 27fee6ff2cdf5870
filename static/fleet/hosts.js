// The controller of the page of the fleet: owns the state, listens to the reader's actions, and updates
// every part.
//
// Data goes down: the feed dispatches `fleet`, `seen`, `health` and `rows`, and each part has an
// `update(state)` that draws all of it, however often it is called. Requests go up: parts dispatch
// `choose`, `look`, `mark`, `live`, `seen` and `release`. Only this file changes the state.

import { mountAgentHelp } from './agent-help.js';
import { mountChartFeed } from '../shared/chart-feed.js';
import { mountCharts } from '../shared/charts.js';
import { addressOf, loadAddress, saveAddress } from './host-address.js';
import { asSystem, HOST_CHARTS, makeHostSource } from './host-chart-source.js';
import { COLUMNS } from './host-columns.js';
import { mountHostDetail } from './host-detail.js';
import { mountHostFeed } from './host-feed.js';
import { countHosts, selectHosts } from './host-list.js';
import { mountHostNotice } from './host-notice.js';
import { loadHostSettings, saveHostSettings } from './host-settings.js';
import { mountHostSummary } from './host-summary.js';
import { mountHostTable } from './host-table.js';
import { mountHostToolbar } from './host-toolbar.js';
import { listen } from '../shared/dom.js';
import { mountHelp } from '../shared/help.js';
import { mountOrderHold } from '../shared/order-hold.js';
import { holdOrder } from '../shared/rows.js';
import { mountShortcuts } from '../shared/shortcuts.js';
import { mountSwitches } from '../shared/toolbar.js';

/** @param {string} id of an element of the page @returns {any} of the kind that the page has */
const find = (id) => document.getElementById(id);
const { host, ...address } = loadAddress();

/** @type {FleetState} */
const state = {
  settings: { ...loadHostSettings(), ...address },
  fleet: null,
  counts: countHosts([], 0),
  rows: [],
  seen: new Map(),
  host,
  answer: null,
  detail: null,
  health: { state: 'waiting', silence: 0, detail: null },
  held: false,
  view: null,
  chartRows: null,
  newestSystem: null,
  past: null,
  explained: null,
};

/** The scroll position of the list when the reader left it. */
let leftAt = 0;
/** @type {?Charted} */
let charted = null;

const isHeld = mountOrderHold(find('hosts'));
const help = mountHelp(find('help'), find('open-help'));
const table = mountHostTable(find('hosts-table'), find('host-row'));
const drawDetail = mountHostDetail(find('detail'), find('process-row'));
const drawCharts = mountCharts(find('charts'), find('chart'), find('chart-key'), HOST_CHARTS);
const updates = [
  help.update,
  mountHostSummary(find('summary'), find('pulse')),
  mountAgentHelp(find('agent-help')),
  mountHostToolbar(find('toolbar'), find('empty')),
  mountSwitches(find('toolbar')),
  mountSwitches(find('help')),
  mountSwitches(find('charts')),
  mountHostNotice(find('trouble-notice')),
  table.update,
  drawDetail,
  // Hidden charts have no size.
  (/** @type {FleetState} */ current) => current.detail && drawCharts(current),
];

function update() {
  state.held = isHeld();
  find('list').hidden = state.host !== null;
  for (const draw of updates) draw(state);
}

/**
 * Computes the rows again. A setting reorders them at once; a sample respects a held order.
 * @type {(how: {keepOrder: boolean}) => void}
 */
function arrange({ keepOrder }) {
  const { settings, fleet } = state;
  const hosts = fleet?.hosts ?? [];
  const selected = selectHosts(hosts, settings);
  state.rows = keepOrder && isHeld() ? holdOrder(state.rows, selected, hosts) : selected;
  state.counts = countHosts(hosts, settings.minCPU);
  update();
}

/** @param {Partial<FleetState['settings']>} changes */
function choose(changes) {
  Object.assign(state.settings, changes);
  saveHostSettings(state.settings);
  saveAddress(addressOf(state.host, state.settings), false);
  if ('chartRange' in changes) {
    look(null);
    charted?.feed.follow(state.settings.chartRange);
  }
  arrange({ keepOrder: false });
  feed.askSeen();
}

/** @param {FleetState['view']} view */
function look(view) {
  state.view = view;
  charted?.feed.look(view);
  update();
}

/**
 * Shows a host, or the list as the reader left it until there is a newer one.
 * @param {?string} name
 */
function show(name) {
  if (state.host === null) leftAt = scrollY;
  state.host = name;
  state.answer = null;
  state.detail = null;
  state.view = null;
  state.chartRows = null;
  state.newestSystem = null;
  charted = null;
  arrange({ keepOrder: true });
  scrollTo(0, name === null ? leftAt : 0);
  feed.ask();
}

/** @param {?string} name */
function open(name) {
  const from = state.host;
  saveAddress(addressOf(name, state.settings), true);
  show(name);
  if (name !== null) find('detail-name').focus();
  else table.focus(from);
}

/** @param {Fleet} fleet */
function showFleet(fleet) {
  if (fleet.one === null) {
    state.fleet = fleet;
    arrange({ keepOrder: true });
    return;
  }
  state.answer = fleet;
  state.detail = fleet.hosts.find((one) => one.host === fleet.one) ?? null;
  if (state.detail) chart(state.detail, fleet.sampledAt);
  update();
}

/** @type {(known: Host, now: number) => void} */
function chart(known, now) {
  state.newestSystem = asSystem(known);
  charted ??= mountChartsOf(known);
  // Late samples are in the history now.
  if (known.late_samples !== charted.late) {
    charted.late = known.late_samples;
    charted.feed.refill();
  }
  charted.target.dispatchEvent(new CustomEvent('host', { detail: { host: known, now } }));
}

/** @type {(known: Host) => Charted} */
function mountChartsOf(known) {
  const target = new EventTarget();
  listen(target, 'rows', (rows) => {
    // Rows of the previous host may still arrive.
    if (charted?.target !== target) return;
    state.chartRows = rows;
    update();
  });
  const feed = mountChartFeed(target, target, state.settings.chartRange, makeHostSource(known.host));
  return { target, feed, late: known.late_samples };
}

listen(document, 'choose', choose);
listen(document, 'look', look);
listen(document, 'mark', look);
listen(document, 'live', () => look(null));
listen(document, 'seen', () => feed.askSeen());
listen(document, 'release', () => arrange({ keepOrder: false }));
document.addEventListener('click', (event) => {
  const link = /** @type {Element} */ (event.target).closest('.host-link, .back');
  // A click that opens a new tab must do so.
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const row = /** @type {?HTMLElement} */ (link.closest('.host'));
  open(link.matches('.back') ? null : row?.dataset.key ?? null);
});

/** The browser went back, or the reader changed the address. */
function followAddress() {
  const { host: wanted, ...filters } = loadAddress();
  Object.assign(state.settings, filters);
  if (wanted !== state.host) show(wanted);
  else arrange({ keepOrder: false });
}

addEventListener('popstate', followAddress);
addEventListener('hashchange', followAddress);

const sortBy = (/** @type {string} */ column) => () =>
  choose({ sortColumn: column, sortDirection: COLUMNS[column].first });

function focusFilter() {
  if (state.host !== null) return;
  find('filter').focus();
  find('filter').select();
}

mountShortcuts({
  '/': focusFilter,
  '?': help.open,
  escape: () => state.host !== null && open(null),
  h: () => choose({ hotOnly: !state.settings.hotOnly }),
  p: sortBy('cpu'),
  n: sortBy('name'),
}, () => state.settings.shortcuts);

const feedTarget = new EventTarget();
listen(feedTarget, 'fleet', showFleet);
listen(feedTarget, 'seen', (/** @type {Host[]} */ hosts) => {
  state.seen = new Map(hosts.map((one) => [one.key, one]));
  update();
});
listen(feedTarget, 'health', (health) => {
  state.health = health;
  update();
});
const feed = mountHostFeed(feedTarget, { one: () => state.host, seen: table.seen });
update();
