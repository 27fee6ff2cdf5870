// Interprets pointers, wheels and fingers on a chart.

import { marked, moved, zoomed } from './chart-view.js';

/** Pixels that a pointer must move before it marks or moves anything; less is a click. */
const SLACK = 6;

/**
 * A click or a tap picks a moment. A mouse marks a range to zoom to, and with Shift it moves the view. One
 * finger moves the view, two zoom. A wheel turned sideways moves the view, and with Ctrl it zooms. A double
 * click returns to live.
 * @param {HTMLElement} plot
 * @param {HTMLElement} band shows the marked range
 * @param {{area: () => {left: number, width: number}, view: () => ?View,
 *   end: () => number}} chart where the plot is in the page and what it shows
 * @param {{look: (view: View) => void,
 *   mark: (view: View) => void, pick: (time: number) => void,
 *   live: () => void}} wishes
 */
export function mountChartGestures(plot, band, chart, { look, mark, pick, live }) {
  /** @type {Map<number, Pressed>} by the id of the pointer */
  const pressed = new Map();
  /** @type {'mark'|'move'|null} */
  let mode = null;
  /** @type {View} what was shown when a pointer was pressed */
  let first = { from: NaN, to: NaN };
  /** Whether this may still become a click: one pointer that has not moved. */
  let isClick = false;

  const place = (/** @type {MouseEvent} */ event) => (event.clientX - chart.area().left) / chart.area().width;

  /** @type {(event: PointerEvent) => void} */
  function begin(event) {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    const view = chart.view();
    if (view === null) return;
    pressed.set(event.pointerId, { start: place(event), now: place(event) });
    first = view;
    mode = event.pointerType === 'mouse' && !event.shiftKey ? 'mark' : 'move';
    isClick = pressed.size === 1 && !event.shiftKey;
    for (const pointer of pressed.values()) pointer.start = pointer.now;
    plot.setPointerCapture(event.pointerId);
  }

  /** @type {(event: PointerEvent) => void} */
  function follow(event) {
    const pointer = pressed.get(event.pointerId);
    if (!pointer) return;
    pointer.now = place(event);
    if (isFar(pointer)) isClick = false;
    if (isClick) return;
    if (pressed.size === 2) pinch([...pressed.values()]);
    else if (mode === 'move') look(moved(first, pointer.start - pointer.now, chart.end()));
    else drawBand(band, pointer, isFar(pointer));
  }

  /** @type {(pointers: Pressed[]) => void} */
  function pinch([left, right]) {
    const before = Math.abs(left.start - right.start);
    const now = Math.max(Math.abs(left.now - right.now), 0.02);
    const middle = (left.start + right.start) / 2;
    look(zoomed(first, before / now, middle, chart.end()));
  }

  /** @type {(pointer: Pressed) => boolean} */
  function isFar({ start, now }) {
    return Math.abs(now - start) * chart.area().width >= SLACK;
  }

  /** @type {(event: PointerEvent) => void} */
  function finish(event) {
    const pointer = pressed.get(event.pointerId);
    pressed.delete(event.pointerId);
    band.hidden = true;
    if (!pointer || event.type === 'pointercancel') return;
    const [left, right] = [pointer.start, pointer.now].map((share) => timeAt(first, share));
    if (isClick) pick(right);
    else if (mode === 'mark' && isFar(pointer)) mark(marked(left, right, chart.end()));
  }

  /** @type {(event: WheelEvent) => void} */
  function turn(event) {
    const view = chart.view();
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (view === null || (!event.ctrlKey && !sideways)) return;
    event.preventDefault();
    if (event.ctrlKey) look(zoomed(view, 1.01 ** event.deltaY, place(event), chart.end()));
    else look(moved(view, event.deltaX / chart.area().width, chart.end()));
  }

  plot.addEventListener('pointerdown', begin);
  plot.addEventListener('pointermove', follow);
  plot.addEventListener('pointerup', finish);
  plot.addEventListener('pointercancel', finish);
  plot.addEventListener('wheel', turn, { passive: false });
  plot.addEventListener('dblclick', live);
}

/** @type {(share: number) => number} */
const inside = (share) => Math.min(Math.max(share, 0), 1);

/** @type {(view: View, share: number) => number} */
const timeAt = ({ from, to }, share) => from + (to - from) * inside(share);

/** @type {(band: HTMLElement, pointer: Pressed, isShown: boolean) => void} */
function drawBand(band, { start, now }, isShown) {
  const [left, right] = [inside(start), inside(now)];
  band.hidden = !isShown;
  band.style.left = `${Math.min(left, right) * 100}%`;
  band.style.width = `${Math.abs(right - left) * 100}%`;
}
