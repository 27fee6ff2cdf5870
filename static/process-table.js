// The table of processes. Only the rows near the viewport exist, so ten thousand stay fluid.

import { COLUMNS } from './columns.js';
import { send, writeText } from './dom.js';
import { formatSeconds, formatWhen, UNKNOWN } from './format.js';
import { makeProcessRow } from './process-row.js';

/** Rows drawn beyond each edge of the viewport, so that a flick of the wheel finds them there. */
const OVERSCAN = 15;

/**
 * Dispatches `choose` events with the sort that a reader picks.
 * @param {HTMLTableElement} table
 * @param {HTMLTemplateElement} template one row
 * @returns {(state: import('./client.js').State) => void} update
 */
export function mountProcessTable(table, template) {
  const body = table.tBodies[0];
  const [above, below] = body.querySelectorAll('.spacer');
  const headings = [...table.querySelectorAll('th[data-column]')];
  const caption = table.querySelector('.caption-text');
  /** @type {Map<string, ReturnType<typeof makeProcessRow>>} the rows that exist, by identity */
  const drawn = new Map();
  let state = null;
  let offered = null;
  let frame = 0;

  for (const heading of headings) {
    heading.querySelector('button').addEventListener('click', () =>
      send(table, 'choose', nextSort(heading.dataset.column, state.settings)));
  }
  body.addEventListener('keydown', moveFocus);
  const redraw = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  };
  addEventListener('scroll', redraw, { passive: true });
  addEventListener('resize', redraw);

  function draw() {
    if (!state) return;
    const { rows, settings, sample, trails } = state;
    const height = rowHeight();
    const top = above.getBoundingClientRect().top;
    const headEnd = table.tHead.getBoundingClientRect().bottom;
    const first = clamp(Math.floor(-top / height) - OVERSCAN, rows.length);
    const end = clamp(Math.ceil((innerHeight - top) / height) + OVERSCAN, rows.length);
    const visible = rows.slice(first, end);

    const spare = release(new Set(visible.map((process) => process.key)));
    let next = above.nextSibling;
    visible.forEach((process, offset) => {
      const row = drawn.get(process.key) ?? spare.pop() ?? makeProcessRow(template);
      drawn.set(process.key, row);
      row.update(process, first + offset, settings.basis, sample?.window, trails);
      if (row.element === next) next = next.nextSibling;
      else body.insertBefore(row.element, next);
    });
    for (const row of spare) row.element.remove();
    above.firstElementChild.style.height = `${first * height}px`;
    below.firstElementChild.style.height = `${(rows.length - end) * height}px`;
    offerFocus(drawn.get(rows[Math.ceil((headEnd - top) / height)]?.key));
  }

  /** Takes the rows that left the window out of `drawn`; they will show other processes. */
  function release(wanted) {
    const spare = [];
    for (const [key, row] of drawn) {
      if (wanted.has(key)) continue;
      // A focus belongs to a process, not to an element.
      if (row.element === document.activeElement) row.element.blur();
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

  /** One row takes part in the tab order: the one in use, or the first that can be seen. */
  function offerFocus(firstSeen) {
    if (offered) offered.tabIndex = -1;
    offered = body.contains(document.activeElement) ? document.activeElement : firstSeen?.element;
    if (offered) offered.tabIndex = 0;
  }

  function moveFocus(event) {
    const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (event.key === 'Escape') document.activeElement.blur();
    const target = step && document.activeElement[step];
    if (!target?.matches('.process')) return;
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: 'nearest' });
  }

  return function update(newState) {
    state = newState;
    const { settings, rows } = state;
    for (const heading of headings) {
      const sorted = heading.dataset.column === settings.sortColumn;
      heading.ariaSort = sorted ? settings.sortDirection : null;
    }
    table.ariaRowCount = String(rows.length + 1);
    writeText(caption, captionText(state));
    draw();
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

function captionText({ sample, settings, totals, past }) {
  if (!sample) return 'Percent of one CPU';
  if (past) return pastCaptionText(sample, settings);
  if (totals.known === 0) return 'Percent of one CPU; the first values need two samples';
  if (settings.basis === 'now') return `Percent of one CPU over the last ${formatSeconds(sample.interval)}`;
  // The server says how far back its samples reach, which is less while it is young.
  const reach = sample.window ? ` over the last ${formatSeconds(sample.window)}` : '';
  return `Percent of one CPU, average${reach}`;
}

/** Who reads an empty column must know that nobody counted, and not that there was nothing. */
function pastCaptionText({ sampledAt, interval, window }, { basis }) {
  if (!sampledAt) return 'Percent of one CPU';
  const seconds = basis === 'now' ? interval : window;
  const reach = seconds ? ` over the ${formatSeconds(seconds)} before ${formatWhen(sampledAt)}` : '';
  const measure = basis === 'now' ? `Percent of one CPU${reach}` : `Percent of one CPU, average${reach}`;
  return `${measure}; ${UNKNOWN} is not recorded`;
}
