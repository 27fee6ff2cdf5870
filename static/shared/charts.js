// All charts together: one time range, one pointer, and the controls that move through time.

import { mountChart } from './chart.js';
import { loadChartLibrary } from './chart-library.js';
import { clampShare, momentAt, readingOf, scopeText, toggled, visitedShare } from './chart-reading.js';
import { CHARTS } from './chart-set.js';
import { isLive, moved, shownView, zoomed } from './chart-view.js';
import { find, findAll, send, writeText } from './dom.js';

/** @type {Object<string, (view: View, end: number) => View>} */
const MOVES = {
  earlier: (view, end) => moved(view, -0.5, end),
  later: (view, end) => moved(view, 0.5, end),
  nearer: (view, end) => zoomed(view, 0.5, 0.5, end),
  farther: (view, end) => zoomed(view, 2, 0.5, end),
};
/** Milliseconds within which a second click makes a double click. */
const DOUBLE_CLICK = 250;

/**
 * Dispatches `look` with the view that a reader wants, or null for the newest; `mark` with a marked view;
 * `explain` with a view to explain, or null; `visit` with a moment; `live` for the present; and
 * `choose` with settings that change.
 * @param {HTMLElement} element
 * @param {HTMLTemplateElement} template a chart
 * @param {HTMLTemplateElement} keyTemplate an entry of its legend
 * @param {Chart[]} set
 * @returns {(state: ChartState) => void} update
 */
export function mountCharts(element, template, keyTemplate, set = CHARTS) {
  /** @type {ChartState} */
  let state;
  /** @type {?number} */
  let pointed = null;
  const body = find(element, '.charts-body');
  const visit = makeVisit(() => state, (time) => send(element, 'visit', { time }));
  const frames = makeFrames((view) => send(element, 'look', view), draw);
  const loadOnce = makeLoader(element, (library) => {
    for (const chart of charts) chart.start(library);
    draw();
  });
  const wishes = {
    toggle: (/** @type {string} */ id) =>
      send(element, 'choose', { hiddenSeries: toggled(state.settings.hiddenSeries, id) }),
    point(/** @type {?number} */ share) {
      pointed = share;
      frames.schedule();
    },
    look,
    mark: (/** @type {View} */ view) => send(element, 'mark', view),
    pick: visit.pick,
    live,
  };
  const charts = set.map((chart) => mountChart(chart, template, keyTemplate, wishes));
  body.append(...charts.map((chart) => chart.element));
  mountControls(element, { state: () => state, view: currentView, look, live });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', frames.schedule);
  new ResizeObserver(frames.schedule).observe(body);

  /** @returns {?View} what the charts show, or will show in the next frame; null before the first sample */
  function currentView() {
    const { view, settings, chartRows } = state;
    const wanted = frames.wanted();
    return chartRows && shownView(wanted === undefined ? view : wanted, settings.chartRange, chartRows.end);
  }

  /** @param {View} view */
  function look(view) {
    const { settings, chartRows } = state;
    if (chartRows) frames.want(isLive(view, settings.chartRange, chartRows.end) ? null : view);
  }

  function live() {
    visit.cancel();
    frames.want(undefined);
    send(element, 'live');
  }

  function draw() {
    if (!state?.chartRows) return;
    const { chartRows, view, settings, past } = state;
    const shown = shownView(view, settings.chartRange, chartRows.end);
    const visited = visitedShare(shown, past);
    const reading = readingOf(chartRows, shown, clampShare(pointed) ?? visited, view === null);
    writeText(find(element, '[data-value=moment]'), reading.moment);
    const scene = {
      ...chartRows, values: reading.values, view: shown, pointed: clampShare(pointed), visited,
      words: scopeText(view, settings.chartRange),
    };
    // The amounts of memory and CPUs are always the current ones.
    const today = { settings, system: state.newestSystem, alerts: state.alerts ?? null };
    for (const chart of charts) chart.update(scene, today);
  }

  return function update(newState) {
    state = newState;
    if (!drawControls(element, state)) return;
    loadOnce();
    draw();
  };
}

/**
 * Turns clicks into visits. A double click, which returns to live, begins with a click.
 * @param {() => ChartState} read
 * @param {(time: number) => void} report
 */
function makeVisit(read, report) {
  let timer = 0;
  const cancel = () => clearTimeout(timer);

  /** @param {number} place a time in the charts */
  function pick(place) {
    cancel();
    const { view, past, chartRows } = read();
    if (!chartRows) return;
    const time = momentAt(chartRows, place);
    if (view === null && past === null) {
      report(time);
      return;
    }
    timer = setTimeout(() => {
      // If the reader has gone elsewhere, for example with a key, the page stays there.
      if (read().view === view && read().past === past) report(time);
    }, DOUBLE_CLICK);
  }

  return { pick, cancel };
}

/**
 * Pointers move more often than the screen is drawn: each frame either reports the requested view, or draws.
 * @param {(view: ?View) => void} report
 * @param {() => void} draw
 */
function makeFrames(report, draw) {
  let frame = 0;
  /**
   * Undefined if no other view is requested.
   * @type {?View|undefined}
   */
  let wanted;

  function settle() {
    frame = 0;
    const view = wanted;
    wanted = undefined;
    if (view === undefined) draw();
    else report(view);
  }

  function schedule() {
    if (frame === 0) frame = requestAnimationFrame(settle);
  }

  return {
    schedule,
    wanted: () => wanted,
    /** @param {?View|undefined} view */
    want(view) {
      wanted = view;
      if (view !== undefined) schedule();
    },
  };
}

/**
 * Loads the library when the charts are first shown, and reports if it is missing.
 * @param {HTMLElement} element
 * @param {(library: any) => void} start
 */
function makeLoader(element, start) {
  let isAsked = false;
  return async function loadOnce() {
    if (isAsked) return;
    isAsked = true;
    const library = await loadChartLibrary();
    find(element, '.charts-missing').hidden = library !== null;
    find(element, '.charts-body').hidden = library === null;
    if (library) start(library);
  };
}

/**
 * @param {HTMLElement} element
 * @param {{state: () => ChartState, view: () => ?View, look: (view: View) => void,
 *   live: () => void}} hand
 */
function mountControls(element, { state, view, look, live }) {
  find(element, '.charts-title button').addEventListener('click', () =>
    send(element, 'choose', { showCharts: !state().settings.showCharts }));
  find(element, '.charts-live').addEventListener('click', live);
  // The page of the fleet has no processes to explain, and no such button.
  find(element, '#explain-open')?.addEventListener('click', () =>
    send(element, 'explain', state().explained ? null : view()));
  for (const button of findAll(element, '[data-move]')) {
    button.addEventListener('click', () => {
      const shown = view();
      const end = state().chartRows?.end;
      if (shown && end) look(MOVES[button.dataset.move](shown, end));
    });
  }
}

/**
 * @param {HTMLElement} element
 * @param {ChartState} state
 * @returns {boolean} whether the charts are open
 */
function drawControls(element, { settings, view, explained, past }) {
  const { showCharts } = settings;
  find(element, '.charts-title button').ariaExpanded = String(showCharts);
  element.classList.toggle('is-closed', !showCharts);
  if (!showCharts) return false;
  writeText(find(element, '[data-value=range]'), scopeText(view, settings.chartRange));
  element.classList.toggle('is-past', view !== null);
  const explain = find(element, '#explain-open');
  if (explain) explain.ariaExpanded = String(explained !== null);
  find(element, '.charts-live').classList.toggle('is-absent', !view && !past);
  return true;
}
