// What the charts show: the newest sample, a range that the reader selected, or the moment that the page shows.

import { mountChartFeed } from '../shared/chart-feed.js';
import { rowsWhilePaused } from '../shared/chart-rows.js';
import { keptInView, shownView, viewWith } from '../shared/chart-view.js';
import { listen } from '../shared/dom.js';
import { mountExplainFeed } from './explain-feed.js';

/**
 * Changes what `state` says about the charts: `view`, `chartRows`, `liveRows` and `explained`.
 * @param {State} state
 * @param {EventTarget} feed events from the server; the charts and the explanation are dispatched on it, too
 * @param {() => void} update draws the page
 */
export function mountChartControl(state, feed, update) {
  const askAbout = mountExplainFeed(feed);
  const charts = mountChartFeed(feed, feed, state.settings.chartRange);
  let isExplainWanted = false;

  const shownNow = () => shownOf(state);

  /** @param {?View} view null for the newest sample */
  function look(view) {
    state.view = view;
    charts.look(view);
    update();
  }

  /**
   * When the reader leaves the present, the page shows who used the CPU there until the reader closes the panel.
   * @param {?View} view
   */
  function lookAround(view) {
    if (view === null) askAbout(null);
    else if (state.view === null || state.explained) askAbout(view);
    look(view);
  }

  /** @param {?View} range null closes the panel */
  function explain(range) {
    // A query before the first sample is sent once there is one.
    isExplainWanted = range === null && state.chartRows === null;
    askAbout(range);
    update();
  }

  /** @param {Drawn} rows */
  function showRows(rows) {
    if (!rows.isDetail) state.liveRows = state.paused ? rowsWhilePaused(state.liveRows, rows) : rows;
    const before = shownNow();
    state.chartRows = rows.isDetail ? rows : state.liveRows;
    const wanted = wantedForPast(state, before);
    if (wanted) look(wanted);
    if (isExplainWanted) explain(shownNow());
    update();
  }

  listen(feed, 'rows', showRows);
  listen(feed, 'explained', (explained) => {
    state.explained = explained;
    // The sender of the query updates the page itself: a view that moves in each frame must be drawn only once.
    if (explained?.state !== 'asking') update();
  });

  return {
    shownNow,
    lookAround,
    explain,
    /** @param {View} view that the reader marked */
    mark(view) {
      askAbout(view);
      look(view);
    },
    /** @param {string} range a key of `RANGES` */
    follow(range) {
      lookAround(null);
      charts.follow(range);
    },
    /**
     * Makes the charts show the moment that the rest of the page shows.
     * @param {number} time
     */
    bringIntoView(time) {
      if (!state.chartRows || !Number.isFinite(time)) return;
      const view = viewWith(time, state.view, state.settings.chartRange, state.chartRows.end);
      if (view !== state.view) look(view);
    },
  };
}

/**
 * What the charts show, null before the first sample.
 * @param {State} state
 * @returns {?View}
 */
function shownOf({ view, settings, chartRows }) {
  return chartRows && shownView(view, settings.chartRange, chartRows.end);
}

/**
 * The view that keeps the moment of the past visible, null if nothing has to change.
 * @param {State} state
 * @param {?View} before what the charts showed, null for nothing
 * @returns {?View}
 */
function wantedForPast(state, before) {
  const { past, view, settings, chartRows } = state;
  const now = shownOf(state);
  if (!past || !now || !chartRows || !Number.isFinite(past.moment)) return null;
  const { end, distance } = chartRows;
  return keptInView(past.moment, view, before, now, { range: settings.chartRange, end, distance });
}
