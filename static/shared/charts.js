// The charts together: one stretch of time, one pointer, and the controls that move through time.

import { mountChart } from './chart.js';
import { loadChartLibrary } from './chart-library.js';
import { CHARTS } from './chart-set.js';
import { isLive, moved, RANGES, shownView, zoomed } from './chart-view.js';
import { send, writeText } from './dom.js';
import { formatClock, formatMoment } from './format.js';
import { meanOf, nearestRow } from './timeline.js';

const MOVES = {
  earlier: (view, end) => moved(view, -0.5, end),
  later: (view, end) => moved(view, 0.5, end),
  nearer: (view, end) => zoomed(view, 0.5, 0.5, end),
  farther: (view, end) => zoomed(view, 2, 0.5, end),
};
/** Milliseconds in which a second click makes a double click of the first. */
const DOUBLE_CLICK = 250;

/**
 * Dispatches `look` with the view that a reader wants, or null for the newest, `mark` with one that
 * was marked, `explain` with one to explain or null, `visit` with a moment, `live` for the present, and
 * `choose` with settings that change.
 * @param {HTMLElement} element
 * @param {HTMLTemplateElement} template a chart
 * @param {HTMLTemplateElement} keyTemplate an entry of its legend
 * @param {import('./chart-set.js').Chart[]} set
 * @returns {(state: import('../client.js').State) => void} update
 */
export function mountCharts(element, template, keyTemplate, set = CHARTS) {
  const part = (selector) => element.querySelector(selector);
  const body = part('.charts-body');
  const toggle = part('.charts-title button');
  let state = null;
  let pointed = null;
  let wanted;
  let frame = 0;
  let clicked = 0;
  /** Undefined until somebody wants to see charts, null when the server has no library. */
  let library;

  const charts = set.map((chart) => mountChart(chart, template, keyTemplate, {
    toggle: (id) => {
      const hidden = new Set(state.settings.hiddenSeries);
      if (!hidden.delete(id)) hidden.add(id);
      send(element, 'choose', { hiddenSeries: [...hidden] });
    },
    point: (share) => {
      pointed = share;
      schedule();
    },
    look,
    mark: (view) => send(element, 'mark', view),
    pick,
    live,
  }));
  body.append(...charts.map((chart) => chart.element));

  toggle.addEventListener('click', () => send(element, 'choose', { showCharts: !state.settings.showCharts }));
  part('.charts-live').addEventListener('click', live);
  // Where nobody can be blamed there is no such button.
  const explain = part('#explain-open');
  explain?.addEventListener('click', () => {
    send(element, 'explain', state.explained ? null : state.chartRows && currentView());
  });
  for (const button of element.querySelectorAll('[data-move]')) {
    button.addEventListener('click', () => {
      const { end } = state.chartRows ?? {};
      if (end) look(MOVES[button.dataset.move](currentView(), end));
    });
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', schedule);
  new ResizeObserver(schedule).observe(body);

  const currentView = () =>
    shownView(wanted === undefined ? state.view : wanted, state.settings.chartRange, state.chartRows.end);

  /** Pointers move more often than screens are drawn. */
  function look(view) {
    const { chartRange } = state.settings;
    wanted = view && isLive(view, chartRange, state.chartRows.end) ? null : view;
    schedule();
  }

  /** A double click, which leads back to live, begins with a click. */
  function pick(time) {
    clearTimeout(clicked);
    const { rows, isGathered, distance } = state.chartRows;
    const row = rows[nearestRow(rows, time)];
    // The sample that is drawn there, and not the one before it; in a gap there is none.
    const isHit = row?.count > 0 && !isGathered && Math.abs(row.time - time) <= 2 * distance;
    const visit = () => send(element, 'visit', { time: isHit ? row.time : time });
    const { view, past } = state;
    if (view === null && past === null) visit();
    // Who went elsewhere meanwhile, by a key for example, stays there.
    else clicked = setTimeout(() => state.view === view && state.past === past && visit(), DOUBLE_CLICK);
  }

  function live() {
    clearTimeout(clicked);
    wanted = undefined;
    send(element, 'live');
  }

  function schedule() {
    if (frame === 0) frame = requestAnimationFrame(settle);
  }

  function settle() {
    frame = 0;
    if (wanted !== undefined) {
      const view = wanted;
      wanted = undefined;
      send(element, 'look', view);
    } else if (state) {
      draw();
    }
  }

  async function start() {
    library = null;
    const loaded = await loadChartLibrary();
    part('.charts-missing').hidden = loaded !== null;
    body.hidden = loaded === null;
    if (!loaded) return;
    library = loaded;
    for (const chart of charts) chart.start(library);
    draw();
  }

  function draw() {
    const { chartRows, view, settings } = state;
    writeText(part('[data-value=range]'), scopeText(state));
    element.classList.toggle('is-past', view !== null);
    if (explain) explain.ariaExpanded = String(state.explained !== null);
    part('.charts-live').classList.toggle('is-absent', !view && !state.past);
    if (!chartRows) return;
    const shown = shownView(view, settings.chartRange, chartRows.end);
    const reading = read(chartRows, shown);
    writeText(part('[data-value=moment]'), reading.moment);
    const scene = {
      ...chartRows, values: reading.values, view: shown, pointed: clampShare(pointed),
      visited: clampShare(visitedShare(shown)), words: scopeText(state),
    };
    // What there is of memory and CPUs is no matter of the past.
    const today = { settings, system: state.newestSystem, alerts: state.alerts };
    for (const chart of charts) chart.update(scene, today);
  }

  function visitedShare({ from, to }) {
    return state.past ? (state.past.moment - from) / (to - from) : null;
  }

  /**
   * The values of the pointed moment, else of the one that the page shows, else of the newest sample or
   * of the view as a whole.
   */
  function read({ rows, latest, distance }, { from, to }) {
    const share = clampShare(pointed) ?? clampShare(visitedShare({ from, to }));
    if (share !== null) {
      const time = from + (to - from) * share;
      const row = rows[nearestRow(rows, time)];
      const isNear = row && Math.abs(row.time - time) <= Math.max(2 * distance, (to - from) / 200);
      const moment = new Date(isNear ? row.time : time);
      return { values: isNear ? row.values : [], moment: formatClock(moment) };
    }
    if (!state.view) return { values: latest, moment: '' };
    return { values: meanOf(rows, from, to), moment: 'on average' };
  }

  return function update(newState) {
    state = newState;
    const { showCharts } = state.settings;
    toggle.ariaExpanded = String(showCharts);
    element.classList.toggle('is-closed', !showCharts);
    if (!showCharts) return;
    if (library === undefined) start();
    draw();
  };
}

/** NaN, too, is nowhere. */
const clampShare = (share) => (share !== null && share >= 0 && share <= 1 ? share : null);

/** In words, since the axes say it to those only who see them. */
function scopeText({ view, settings }) {
  if (!view) return RANGES[settings.chartRange].words;
  const [from, to] = [new Date(view.from), new Date(view.to)];
  const isToday = from.toDateString() === new Date().toDateString();
  const begin = isToday ? formatClock(from) : formatMoment(from);
  return `not live: ${begin} to ${formatClock(to)}`;
}
