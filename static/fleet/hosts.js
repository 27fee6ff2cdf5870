// The controller of the page of the fleet: owns the state, listens to what readers do, and updates
// every part.
//
// Data goes down: the feed dispatches `fleet`, `seen`, `health` and `rows`, and each part has an
// `update(state)` that draws all of it, however often it is called. Wishes come up: parts dispatch
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
import { mountHelp } from '../shared/help.js';
import { mountOrderHold } from '../shared/order-hold.js';
import { holdOrder } from '../shared/rows.js';
import { mountShortcuts } from '../shared/shortcuts.js';
import { mountSwitches } from '../shared/toolbar.js';

/** @typedef {import('./host-columns.js').Host} Host */

/**
 * `fleet` is the newest list, and `seen` what is known beside it of the hosts that have a row. `host` is
 * the name of the one that is looked at, null for the list; `answer` is the newest one about it, and
 * `detail` what that says, null when the hub does not know it. `view` and `chartRows` are what the
 * charts show; `newestSystem` is what they know of the host. The page as a whole stays in the present.
 * @typedef {{settings: Object, fleet: ?import('./host-feed.js').Fleet, counts: ReturnType<typeof countHosts>,
 *   rows: Host[], seen: Map<string, Host>, host: ?string,
 *   answer: ?import('./host-feed.js').Fleet, detail: ?Host,
 *   health: import('../shared/polling.js').Health, held: boolean, view: ?import('../shared/chart-view.js').View,
 *   chartRows: ?import('../shared/chart-feed.js').ChartRows, newestSystem: ?Object, past: null,
 *   explained: null}} State
 */

const find = (id) => document.getElementById(id);
const { host, ...address } = loadAddress();

/** @type {State} */
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

/** How far down the list was when it was left. */
let leftAt = 0;
/** The charts of the host that is looked at: where its samples go, and what gathers them. */
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
  // Hidden charts have no size to be drawn in.
  (current) => current.detail && drawCharts(current),
];

function update() {
  state.held = isHeld();
  find('list').hidden = state.host !== null;
  for (const draw of updates) draw(state);
}

/** Works the rows out anew. A choice reorders them at once; a sample respects a held order. */
function arrange({ keepOrder }) {
  const { settings, fleet } = state;
  const hosts = fleet?.hosts ?? [];
  const selected = selectHosts(hosts, settings);
  state.rows = keepOrder && isHeld() ? holdOrder(state.rows, selected, hosts) : selected;
  state.counts = countHosts(hosts, settings.minCPU);
  update();
}

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

function look(view) {
  state.view = view;
  charted?.feed.look(view);
  update();
}

/** Shows a host, or the list as it was left until there is a newer one. */
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

function open(name) {
  const from = state.host;
  saveAddress(addressOf(name, state.settings), true);
  show(name);
  if (name !== null) find('detail-name').focus();
  else table.focus(from);
}

function takeFleet(fleet) {
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

function chart(known, now) {
  state.newestSystem = asSystem(known);
  if (charted === null) {
    const target = new EventTarget();
    const source = makeHostSource(known.host);
    const mine = { target, late: known.late_samples };
    target.addEventListener('rows', ({ detail: rows }) => {
      if (charted !== mine) return;
      state.chartRows = rows;
      update();
    });
    mine.feed = mountChartFeed(target, target, state.settings.chartRange, source);
    charted = mine;
  }
  // What came late is in the history now.
  if (known.late_samples !== charted.late) {
    charted.late = known.late_samples;
    charted.feed.refill();
  }
  charted.target.dispatchEvent(new CustomEvent('host', { detail: { host: known, now } }));
}

document.addEventListener('choose', (event) => choose(event.detail));
document.addEventListener('look', (event) => look(event.detail));
document.addEventListener('mark', (event) => look(event.detail));
document.addEventListener('live', () => look(null));
document.addEventListener('seen', () => feed.askSeen());
document.addEventListener('release', () => arrange({ keepOrder: false }));
document.addEventListener('click', (event) => {
  const link = event.target.closest('.host-link, .back');
  // Whoever wants another tab gets it.
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(link.matches('.back') ? null : link.closest('.host').dataset.key);
});

/** The browser went back, or somebody changed the address. */
function followAddress() {
  const { host: wanted, ...filters } = loadAddress();
  Object.assign(state.settings, filters);
  if (wanted !== state.host) show(wanted);
  else arrange({ keepOrder: false });
}

addEventListener('popstate', followAddress);
addEventListener('hashchange', followAddress);

const sortBy = (column) => () =>
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
feedTarget.addEventListener('fleet', (event) => takeFleet(event.detail));
feedTarget.addEventListener('seen', ({ detail: hosts }) => {
  state.seen = new Map(hosts.map((one) => [one.key, one]));
  update();
});
feedTarget.addEventListener('health', (event) => {
  state.health = event.detail;
  update();
});
const feed = mountHostFeed(feedTarget, { one: () => state.host, seen: table.seen });
update();
