// Draws a series on the canvas of a chart.

const LINE_WIDTH = 1.5;
/** @type {Record<Look, number[]>} */
const DASHES = { line: [], dashed: [6, 3], dotted: [1.5, 2.5], area: [], hatched: [], shade: [] };
/** Opaque enough to distinguish areas, and light enough to show the grid. */
const STACKED_ALPHA = 0.8;
const LONE_ALPHA = 0.25;

/** @type {Map<string, ?CanvasPattern>} by colour */
const patterns = new Map();

/**
 * A plotter for dygraphs. It draws areas itself: a stacked area ends at the series below it and not at the
 * axis, gaps stay gaps, and waiting is hatched.
 * @param {(id: string) => ChartSeries|undefined} seriesOf
 * @param {boolean} isStacked
 */
export function makePlotter(seriesOf, isStacked) {
  return function plot(/** @type {any} */ event) {
    const { points, setName, color, drawingContext: context, plotArea, seriesIndex } = event;
    const look = seriesOf(setName)?.look ?? 'line';
    const bottom = plotArea.y + plotArea.h;
    const below = isStacked && isOnStack(look) ? event.allSeriesPoints[seriesIndex - 1] : undefined;
    for (const run of runs(points)) {
      const floor = run.map(({ idx }) => below?.[idx - below[0].idx].canvasy ?? bottom);
      if (look === 'shade') {
        shade(context, run, floor, color);
      } else if (isStacked && isOnStack(look)) {
        fillArea(context, run, floor, look === 'hatched' ? hatching(context, color) : color, STACKED_ALPHA);
      } else {
        if (look === 'area') fillArea(context, run, floor, color, LONE_ALPHA);
        strokeLine(context, run, DASHES[look], color);
      }
    }
  };
}

/**
 * Whether a look is stacked in a stacked chart.
 * @type {(look: Look) => boolean}
 */
export const isOnStack = (look) => look === 'area' || look === 'hatched';

/**
 * Runs of points without a gap.
 * @type {(points: DrawnPoint[]) => Generator<DrawnPoint[]>}
 */
function* runs(points) {
  let run = [];
  for (const point of points) {
    if (Number.isFinite(point.canvasy)) {
      run.push(point);
    } else if (run.length > 0) {
      yield run;
      run = [];
    }
  }
  if (run.length > 0) yield run;
}

/** @type {(context: Context, run: DrawnPoint[], floor: number[], style: string|CanvasPattern, alpha: number) => void} */
function fillArea(context, run, floor, style, alpha) {
  context.beginPath();
  for (const { canvasx, canvasy } of run) context.lineTo(canvasx, canvasy);
  // A single sample between two gaps is as wide as a line.
  if (run.length === 1) {
    context.lineTo(run[0].canvasx + LINE_WIDTH, run[0].canvasy);
    context.lineTo(run[0].canvasx + LINE_WIDTH, floor[0]);
  }
  for (let index = run.length - 1; index >= 0; index -= 1) {
    context.lineTo(run[index].canvasx, floor[index]);
  }
  context.globalAlpha = alpha;
  context.fillStyle = style;
  context.fill();
  context.globalAlpha = 1;
}

/**
 * Drawn last, because its series is last in the legend, but behind all others.
 * @type {(context: Context, run: DrawnPoint[], floor: number[], color: string) => void}
 */
function shade(context, run, floor, color) {
  context.globalCompositeOperation = 'destination-over';
  fillArea(context, run, floor, color, LONE_ALPHA);
  context.globalCompositeOperation = 'source-over';
}

/** @type {(context: Context, run: DrawnPoint[], dashes: number[], color: string) => void} */
function strokeLine(context, run, dashes, color) {
  context.beginPath();
  for (const { canvasx, canvasy } of run) context.lineTo(canvasx, canvasy);
  if (run.length === 1) context.lineTo(run[0].canvasx + LINE_WIDTH, run[0].canvasy);
  context.setLineDash(dashes);
  context.lineWidth = LINE_WIDTH;
  context.lineJoin = 'round';
  context.strokeStyle = color;
  context.stroke();
  context.setLineDash([]);
}

/** @type {(context: Context, color: string) => string|CanvasPattern} */
function hatching(context, color) {
  if (!patterns.has(color)) {
    // An OffscreenCanvas may have no size while the browser leaves the page.
    const tile = document.createElement('canvas');
    tile.width = tile.height = 6;
    const pen = /** @type {Context} */ (tile.getContext('2d'));
    pen.strokeStyle = color;
    pen.lineWidth = 2;
    pen.lineCap = 'square';
    // Three strokes, so that tiles join without a seam.
    for (const shift of [-6, 0, 6]) {
      pen.moveTo(shift, 6);
      pen.lineTo(shift + 6, 0);
    }
    pen.stroke();
    patterns.set(color, context.createPattern(tile, 'repeat'));
  }
  return patterns.get(color) ?? color;
}
