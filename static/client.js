// The page's controller: owns the state, listens to what readers do, and updates every part.
//
// Data goes down: the feed dispatches `sample` and `health`, and each part has an `update(state)`
// that draws all of it, however often it is called. Wishes come up: parts dispatch `choose`,
// `pause` and `release`. Only this file changes the state.

import { mountAnnouncer } from './announcer.js';
import { COLUMNS, FIELDS } from './columns.js';
import { mountFeed } from './feed.js';
import { mountHelp } from './help.js';
import { mountNotices } from './notices.js';
import { mountOrderHold } from './order-hold.js';
import { mountProcessTable } from './process-table.js';
import { holdOrder, selectRows, totals } from './rows.js';
import { loadFilter, loadSettings, saveFilter, saveSettings } from './settings.js';
import { mountShortcuts } from './shortcuts.js';
import { mountSummary } from './summary.js';
import { mountSwitches, mountToolbar } from './toolbar.js';

/**
 * `sample` is the one on the screen; while the page is paused, `newest` runs ahead of it.
 * @typedef {{settings: Object, sample: ?import('./feed.js').Sample,
 *   newest: ?import('./feed.js').Sample, rows: import('./columns.js').Process[],
 *   totals: ReturnType<typeof totals>, health: import('./feed.js').Health, held: boolean,
 *   paused: boolean}} State
 */

const find = (id) => document.getElementById(id);

/** @type {State} */
const state = {
  settings: { ...loadSettings(), filter: loadFilter() },
  sample: null,
  newest: null,
  rows: [],
  totals: totals([], 'average'),
  health: { state: 'waiting', silence: 0, detail: null },
  held: false,
  paused: false,
};

const isHeld = mountOrderHold(find('processes'));
const help = mountHelp(find('help'), find('open-help'));
const updates = [
  help.update,
  mountSummary(find('summary'), find('pulse'), find('host-name')),
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
  arrange({ keepOrder: false });
}

function pause() {
  state.paused = !state.paused && state.sample !== null;
  state.sample = state.paused ? state.sample : state.newest;
  arrange({ keepOrder: true });
}

document.addEventListener('choose', (event) => choose(event.detail));
document.addEventListener('pause', pause);
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
feed.addEventListener('health', (event) => {
  state.health = event.detail;
  update();
});
update();
mountFeed(feed, `cpu_usage?fields=${FIELDS.join(',')}`);
