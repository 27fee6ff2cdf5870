// The table of hosts. Only the rows near the viewport exist, so five thousand stay fluid.

import { send, writeText } from './dom.js';
import { formatCount } from './format.js';
import { COLUMNS } from './host-columns.js';
import { makeHostRow } from './host-row.js';

/** Rows drawn beyond each edge of the viewport, so that a flick of the wheel finds them there. */
const OVERSCAN = 10;

/**
 * Dispatches `choose` events with the sort that a reader picks, and `seen` when other hosts came into
 * view.
 * @param {HTMLTableElement} table
 * @param {HTMLTemplateElement} template one row
 * @returns {{update: (state: import('./hosts.js').State) => void, seen: () => string[],
 *   focus: (name: string) => void}}
 */
export function mountHostTable(table, template) {
  const body = table.tBodies[0];
  const [above, below] = body.querySelectorAll('.spacer');
  const headings = [...table.querySelectorAll('th[data-column]')];
  const silent = table.querySelector('[data-value=silent]');
  /** @type {Map<string, ReturnType<typeof makeHostRow>>} the rows that exist, by name */
  const drawn = new Map();
  let state = null;
  let frame = 0;

  for (const heading of headings) {
    heading.querySelector('button').addEventListener('click', () =>
      send(table, 'choose', nextSort(heading.dataset.column, state.settings)));
  }
  body.addEventListener('keydown', moveFocus);
  const redraw = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => draw(true));
  };
  addEventListener('scroll', redraw, { passive: true });
  addEventListener('resize', redraw);

  function draw(isScroll) {
    if (!state || state.host !== null) return;
    const { rows, seen } = state;
    const height = rowHeight();
    const top = above.getBoundingClientRect().top;
    const first = clamp(Math.floor(-top / height) - OVERSCAN, rows.length);
    const end = clamp(Math.ceil((innerHeight - top) / height) + OVERSCAN, rows.length);
    const visible = rows.slice(first, end);

    const spare = release(new Set(visible.map((host) => host.key)));
    let isNew = false;
    let next = above.nextSibling;
    visible.forEach((host, offset) => {
      isNew ||= !seen.has(host.key);
      const row = drawn.get(host.key) ?? spare.pop() ?? makeHostRow(template);
      drawn.set(host.key, row);
      row.update(host, first + offset, seen.get(host.key));
      if (row.element === next) next = next.nextSibling;
      else body.insertBefore(row.element, next);
    });
    for (const row of spare) row.element.remove();
    above.firstElementChild.style.height = `${first * height}px`;
    below.firstElementChild.style.height = `${(rows.length - end) * height}px`;
    if (isScroll && isNew) send(table, 'seen');
  }

  /** Takes the rows that left the window out of `drawn`; they will show other hosts. */
  function release(wanted) {
    const spare = [];
    for (const [key, row] of drawn) {
      if (wanted.has(key)) continue;
      // A focus belongs to a host, not to an element.
      if (row.link === document.activeElement) row.link.blur();
      drawn.delete(key);
      spare.push(row);
    }
    return spare;
  }

  /** The style sheet has the say; it may change with the width of the page. */
  function rowHeight() {
    const row = drawn.values().next().value;
    const { height } = row?.element.getBoundingClientRect() ?? { height: 0 };
    if (height > 0) return height;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return parseFloat(getComputedStyle(table).getPropertyValue('--row-height')) * rem;
  }

  function moveFocus(event) {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (event.key === 'Escape') document.activeElement.blur();
    const target = step && document.activeElement.closest('.host')?.[step]?.querySelector('.host-link');
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.closest('.host').scrollIntoView({ block: 'nearest' });
  }

  return {
    update(newState) {
      state = newState;
      const { settings, rows, counts } = state;
      for (const heading of headings) {
        const isSorted = heading.dataset.column === settings.sortColumn;
        heading.ariaSort = isSorted ? settings.sortDirection : null;
      }
      table.ariaRowCount = String(rows.length + 1);
      writeText(silent, silentText(settings, rows, counts));
      draw(false);
    },
    /** The names of the hosts that have a row. */
    seen: () => [...drawn.keys()],
    /** Who comes back to the list finds the host that was left. */
    focus: (name) => drawn.get(name)?.link.focus({ preventScroll: true }),
  };
}

function clamp(index, length) {
  return Math.min(Math.max(index, 0), length);
}

/** A second click on the same heading turns the order round. */
function nextSort(column, settings) {
  const turned = settings.sortDirection === 'ascending' ? 'descending' : 'ascending';
  const same = settings.sortColumn === column;
  return { sortColumn: column, sortDirection: same ? turned : COLUMNS[column].first };
}

/** Why cool hosts stand among the very hot ones, or where those are that say nothing. */
function silentText({ hotOnly }, rows, counts) {
  const shown = rows.filter(({ state, gone }) => state !== 'live' && !gone).length;
  if (hotOnly && shown > 0) {
    return `${formatCount(shown)} silent ${shown === 1 ? 'host stays' : 'hosts stay'} in sight: how hot they are is not known`;
  }
  const missing = counts.stale + counts.lost - shown;
  return missing > 0 ? `${formatCount(missing)} silent ${missing === 1 ? 'host is' : 'hosts are'} filtered out` : '';
}
