// One chart: its canvas, and the legend that names its series, shows their values and switches them.

import { isOnStack, makePlotter } from './chart-drawing.js';
import { mountChartGestures } from './chart-gestures.js';
import { mountChartMarks } from './chart-marks.js';
import { seriesValue } from './chart-set.js';
import { copyOf, find, writeText } from './dom.js';
import { UNKNOWN } from './format.js';

/** A line along the top is fully visible, and dygraphs does not label the very edge. */
const HEADROOM = 1.015;

/**
 * @param {Chart} chart
 * @param {HTMLTemplateElement} template
 * @param {HTMLTemplateElement} keyTemplate an entry of the legend
 * @param {{toggle: (id: string) => void, point: (share: ?number) => void} &
 *   Parameters<typeof mountChartGestures>[3]} wishes
 */
export function mountChart(chart, template, keyTemplate, wishes) {
  const element = copyOf(template);
  const part = (/** @type {string} */ selector) => find(element, selector);
  const plot = part('.chart-plot');
  const overlay = part('.chart-overlay');
  const keys = chart.series.map((series) => makeKey(series, keyTemplate, wishes.toggle));
  const markAlerts = mountChartMarks(overlay);
  const canvas = makeCanvas(chart, plot, overlay, keys.map((key) => key.swatch));
  /** @type {?Scene} */
  let scene = null;

  element.dataset.chart = chart.id;
  part('.chart-name').textContent = chart.title;
  part('.chart-legend').append(...keys.map((key) => key.element));

  const place = () => overlay.getBoundingClientRect();
  const shown = { area: place, view: () => scene?.view ?? null, end: () => scene?.end ?? NaN };
  mountChartGestures(plot, part('.chart-band'), shown, wishes);
  plot.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => {
    const { left, width } = place();
    if (event.pointerType !== 'touch') wishes.point((event.clientX - left) / width);
  });
  plot.addEventListener('pointerleave', () => wishes.point(null));

  return {
    element,
    start: canvas.start,
    /** @type {(newScene: Scene, today: Today) => void} */
    update(newScene, { settings, system, alerts }) {
      scene = newScene;
      markAlerts(scene.view, alerts);
      const { isGathered, values, words, pointed, visited } = scene;
      const offered = chart.series.filter(({ isPeak }) => !isPeak || isGathered);
      const ids = offered.map(({ id }) => id);
      const visible = new Set(ids.filter((id) => !settings.hiddenSeries.includes(id)));
      const note = chart.note(system);
      writeText(part('.chart-note'), note);
      part('.chart-legend').ariaLabel = [chart.title, note].filter(Boolean).join(', ');
      plot.ariaLabel = `${chart.title}, ${words}; the values follow`;
      chart.series.forEach((series, index) => {
        const value = seriesValue(series, values);
        keys[index].update({
          isVisible: visible.has(series.id), isShown: offered.includes(series),
          text: value === null ? UNKNOWN : chart.format(value),
        });
      });
      placeLine(part('.chart-cursor'), pointed);
      placeLine(part('.chart-flag'), visited);
      canvas.draw(scene, visible, system);
    },
  };
}

/**
 * What dygraphs draws, and the overlay above its values.
 * @param {Chart} chart
 * @param {HTMLElement} plot
 * @param {HTMLElement} overlay
 * @param {HTMLElement[]} swatches one for each series, in its colour
 */
function makeCanvas(chart, plot, overlay, swatches) {
  /**
   * The library's object.
   * @type {any}
   */
  let graph = null;
  /** @type {{rows?: Row[], visibility?: string, text?: string}} */
  let drawn = {};

  /** The style sheet defines the colours, and they change with the theme. */
  function readColors() {
    const { color: line } = getComputedStyle(overlay);
    return { line, series: swatches.map((swatch) => getComputedStyle(swatch).color) };
  }

  /** @type {(scene: Scene, visible: Set<string>, system: any) => Object} */
  function options({ rows, view }, visible, system) {
    const greatest = greatestOf(chart, visible, rows, view);
    const colors = readColors();
    return {
      visibility: chart.series.map(({ id }) => visible.has(id)),
      dateWindow: [view.from, view.to],
      valueRange: [0, chart.top(greatest, system) * HEADROOM],
      colors: colors.series,
      axisLineColor: colors.line,
      gridLineColor: colors.line,
    };
  }

  /** Above the values, next to the labels of the axis. */
  function placeOverlay() {
    const { x, w } = graph.getArea();
    overlay.style.left = `${x}px`;
    overlay.style.width = `${w}px`;
  }

  return {
    /** @param {any} library dygraphs */
    start(library) {
      graph = new library(plot, [[0, ...chart.series.map(() => null)]], graphOptions(chart, library));
      // It was below the canvases, which are new.
      plot.append(overlay);
      drawn = {};
    },
    /** @type {(scene: Scene, visible: Set<string>, system: any) => void} */
    draw(scene, visible, system) {
      if (!graph || plot.clientWidth === 0) return;
      placeOverlay();
      const wanted = options(scene, visible, system);
      const text = JSON.stringify(wanted);
      const visibility = [...visible].join();
      const isNew = drawn.rows !== scene.rows || drawn.visibility !== visibility;
      if (!isNew && text === drawn.text) return;
      drawn = { rows: scene.rows, visibility, text };
      graph.updateOptions(isNew ? { ...wanted, file: makeTable(chart, visible, scene.rows) } : wanted);
    },
  };
}

/**
 * The options of a chart that never change.
 * @param {Chart} chart
 * @param {any} library dygraphs
 */
function graphOptions(chart, library) {
  return {
    labels: ['time', ...chart.series.map(({ id }) => id)],
    plotter: makePlotter((id) => chart.series.find((series) => series.id === id), chart.isStacked),
    interactionModel: { willDestroyContextMyself: true },
    highlightCircleSize: 0,
    axisLabelFontSize: 11,
    gridLineWidth: 1,
    axisLineWidth: 1,
    rightGap: 1,
    resizable: 'passive',
    labelsKMG2: chart.isBinary,
    axes: {
      x: {
        drawGrid: false, pixelsPerLabel: 48,
        ticker: library.dateTicker, axisLabelFormatter: library.dateAxisLabelFormatter,
      },
      y: { axisLabelWidth: 28, pixelsPerLabel: 28, axisLabelFormatter: chart.formatTick },
    },
  };
}

/**
 * @param {HTMLElement} line
 * @param {?number} share from 0 to 1, or null for nothing
 */
function placeLine(line, share) {
  line.hidden = share === null;
  line.style.left = `${(share ?? 0) * 100}%`;
}

/**
 * An entry of the legend: a button that shows or hides its series.
 * @param {ChartSeries} series
 * @param {HTMLTemplateElement} template
 * @param {(id: string) => void} toggle
 */
function makeKey(series, template, toggle) {
  const element = copyOf(template);
  const button = find(element, 'button');
  const swatch = find(element, '.chart-swatch');
  const value = find(element, '.chart-value');
  find(element, '.chart-label').textContent = series.label;
  swatch.dataset.series = series.id;
  swatch.dataset.look = series.look;
  if (series.title) button.title = series.title;
  button.addEventListener('click', () => toggle(series.id));
  return {
    element,
    swatch,
    /** @param {{isShown: boolean, isVisible: boolean, text: string}} entry */
    update({ isShown, isVisible, text }) {
      element.hidden = !isShown;
      button.ariaPressed = String(isVisible);
      writeText(value, text);
    },
  };
}

/**
 * Rows in the form that dygraphs needs; stacked areas are added up, from the first series to the last.
 * @type {(chart: Chart, visible: Set<string>, rows: Row[]) => (number|null)[][]}
 */
function makeTable(chart, visible, rows) {
  return rows.map(({ time, values }) => {
    let sum = 0;
    const cells = chart.series.map((series) => {
      const value = visible.has(series.id) ? seriesValue(series, values) : null;
      if (!chart.isStacked || !isOnStack(series.look) || value === null) return value;
      sum += value;
      return sum;
    });
    return [time, ...cells];
  });
}

/** @type {(chart: Chart, visible: Set<string>, rows: Row[], view: View) => number} */
function greatestOf(chart, visible, rows, { from, to }) {
  let greatest = 0;
  for (const { time, values } of rows) {
    if (time < from || time > to) continue;
    for (const series of chart.series) {
      if (visible.has(series.id)) greatest = Math.max(greatest, seriesValue(series, values) ?? 0);
    }
  }
  return greatest;
}
