// Which time range the charts show. No DOM.

/**
 * The ranges that the charts can follow, by the name that the settings store.
 * @type {Object<string, {seconds: number, words: string}>}
 */
export const RANGES = {
  '20m': { seconds: 1200, words: 'the last 20 minutes' },
  '1h': { seconds: 3600, words: 'the last hour' },
  '6h': { seconds: 21_600, words: 'the last 6 hours' },
  '1d': { seconds: 86_400, words: 'the last day' },
  '7d': { seconds: 604_800, words: 'the last 7 days' },
};

/** Milliseconds. */
const NARROWEST = 10_000;
const WIDEST = RANGES['7d'].seconds * 1000;

/**
 * The steps of /history in seconds, and the most points that it then returns: if the server could draw a
 * view more finely than the page, the page requests it again.
 */
const STEPS = [1, 10, 60, 300, 600, 1800];
const MOST_POINTS = 1500;

/**
 * Seconds between two points that the server chooses for a duration in milliseconds.
 * @param {number} length
 */
export function chosenStep(length) {
  return STEPS.find((step) => length / 1000 / step < MOST_POINTS) ?? STEPS[STEPS.length - 1];
}

/**
 * @param {?View} view
 * @param {string} range a key of `RANGES`
 * @param {number} end the newest moment that is known
 * @returns {View}
 */
export function shownView(view, range, end) {
  return view ?? { from: end - RANGES[range].seconds * 1000, to: end };
}

/** The share of the view within which a place near an edge counts as the edge. */
const EDGE = 0.02;

/**
 * Zooms by a factor around a place: above 1 zooms out.
 * @param {View} view
 * @param {number} factor
 * @param {number} share the place, from 0 at the left to 1 at the right
 * @param {number} end
 */
export function zoomed({ from, to }, factor, share, end) {
  const length = Math.min(Math.max((to - from) * factor, NARROWEST), WIDEST);
  const place = share < EDGE ? 0 : share > 1 - EDGE ? 1 : share;
  const start = from + (to - from - length) * place;
  return kept({ from: start, to: start + length }, end);
}

/**
 * Moves by a share of the view; below 0 is earlier.
 * @type {(view: View, share: number, end: number) => View}
 */
export function moved({ from, to }, share, end) {
  const way = (to - from) * share;
  return kept({ from: from + way, to: to + way }, end);
}

/**
 * The range that a reader marked, from either side, and not narrower than can be drawn.
 * @type {(left: number, right: number, end: number) => View}
 */
export function marked(left, right, end) {
  const middle = (left + right) / 2;
  const half = Math.max(Math.abs(right - left), NARROWEST) / 2;
  return kept({ from: middle - half, to: middle + half }, end);
}

/**
 * A view that shows a moment: the same view if it shows the moment already.
 * @param {number} time
 * @param {?View} view
 * @param {string} range
 * @param {number} end
 * @returns {?View}
 */
export function viewWith(time, view, range, end) {
  const { from, to } = shownView(view, range, end);
  if (time >= from && time <= to) return view;
  return kept({ from: time - (to - from) / 2, to: time + (to - from) / 2 }, end);
}

/**
 * The view that keeps a moment of the past visible while the charts follow the newest sample: null if nothing
 * has to change. If the reader moved the charts away from the moment, they stay there.
 * @param {number} time the moment that the rest of the page shows
 * @param {?View} view null while the charts follow the newest sample
 * @param {?View} before what was shown until now, null for nothing
 * @param {View} now what is shown with the newest sample
 * @param {{range: string, end: number, distance: number}} facts `distance` is that of two rows
 * @returns {?View}
 */
export function keptInView(time, view, before, now, { range, end, distance }) {
  const isCarried = view === null && before !== null && time >= before.from;
  if (before === null || (isCarried && time < now.from)) {
    const wanted = viewWith(time, view, range, end);
    return wanted === view ? null : wanted;
  }
  return isCarried && time < now.from + 2 * distance ? now : null;
}

/**
 * A view does not extend into the future.
 * @type {(view: View, end: number) => View}
 */
function kept({ from, to }, end) {
  const beyond = Math.max(0, to - end);
  return { from: from - beyond, to: to - beyond };
}

/**
 * Whether a view is the one that follows the newest sample: a reader who moves back to it is live again.
 * @param {View} view
 * @param {string} range
 * @param {number} end
 */
export function isLive({ from, to }, range, end) {
  const length = RANGES[range].seconds * 1000;
  return end - to < length / 500 && Math.abs(to - from - length) < length / 100;
}
