// The rows of a long table: only those near the viewport exist, so that ten thousand stay fast.

import { findAll } from './dom.js';

/**
 * Keeps the rows of a table's first body between its two `.spacer` rows. `key` identifies an item.
 * The arrow keys move the focus from row to row, and Escape removes it.
 * @template {{key: string}} Item
 * @template {TableRow} R
 * @param {HTMLTableElement} table its style says --row-height, in rem
 * @param {{overscan: number, make: () => R, show: (row: R, item: Item, index: number) => void,
 *   redraw: () => void}} options `overscan` is how many rows are drawn beyond each edge of the viewport,
 *   so that fast scrolling finds them; `redraw` is called when the viewport has moved
 * @returns {{draw: (items: Item[]) => ?R, rows: Map<string, R>}} `draw` returns the first row
 *   that the head does not cover; `rows` are the existing rows
 */
export function mountRowWindow(table, { overscan, make, show, redraw }) {
  const body = table.tBodies[0];
  const [above, below] = findAll(body, '.spacer');
  /** @type {Map<string, R>} */
  const rows = new Map();
  let frame = 0;

  const schedule = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(redraw);
  };
  addEventListener('scroll', schedule, { passive: true });
  addEventListener('resize', schedule);
  body.addEventListener('keydown', moveFocus);

  /** @type {(items: Item[]) => ?R} */
  function draw(items) {
    const height = rowHeight();
    const top = above.getBoundingClientRect().top;
    const headEnd = (table.tHead ?? table).getBoundingClientRect().bottom;
    const first = clamp(Math.floor(-top / height) - overscan, items.length);
    const end = clamp(Math.ceil((innerHeight - top) / height) + overscan, items.length);
    const visible = items.slice(first, end);

    const spare = release(new Set(visible.map(({ key }) => key)));
    let next = above.nextSibling;
    visible.forEach((item, offset) => {
      const row = rows.get(item.key) ?? spare.pop() ?? make();
      rows.set(item.key, row);
      show(row, item, first + offset);
      if (row.element === next) next = next.nextSibling;
      else body.insertBefore(row.element, next);
    });
    for (const row of spare) row.element.remove();
    above.firstElementChild.style.height = `${first * height}px`;
    below.firstElementChild.style.height = `${(items.length - end) * height}px`;
    return rows.get(items[Math.ceil((headEnd - top) / height)]?.key) ?? null;
  }

  /**
   * Removes the rows that left the window from `rows`; they will show other items.
   * @type {(wanted: Set<string>) => R[]}
   */
  function release(wanted) {
    /** @type {R[]} */
    const spare = [];
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      // The focus belongs to an item, not to an element.
      if (row.focusable === document.activeElement) row.focusable.blur();
      rows.delete(key);
      spare.push(row);
    }
    return spare;
  }

  /** The style sheet defines it; it may change with the width of the page. */
  function rowHeight() {
    const row = rows.values().next().value;
    const { height } = row?.element.getBoundingClientRect() ?? { height: 0 };
    if (height > 0) return height;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return parseFloat(getComputedStyle(table).getPropertyValue('--row-height')) * rem;
  }

  /** @param {KeyboardEvent} event */
  function moveFocus(event) {
    const focused = /** @type {?HTMLElement} */ (document.activeElement);
    if (event.key === 'Escape') focused?.blur();
    const neighbour = neighbourOf(focused?.closest('tbody > tr'), event.key);
    const target = neighbour && [...rows.values()].find(({ element }) => element === neighbour);
    if (!target) return;
    event.preventDefault();
    target.focusable.focus();
    target.element.scrollIntoView({ block: 'nearest' });
  }

  return { draw, rows };
}

/** @type {(row: Element|null|undefined, key: string) => Element|null|undefined} */
function neighbourOf(row, key) {
  if (key === 'ArrowDown') return row?.nextElementSibling;
  return key === 'ArrowUp' ? row?.previousElementSibling : null;
}

/** @type {(index: number, length: number) => number} */
function clamp(index, length) {
  return Math.min(Math.max(index, 0), length);
}
