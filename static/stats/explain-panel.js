// The panel that shows which processes used the CPU in a time range.

import { copyOf, find, findAll, send, writeText } from '../shared/dom.js';
import { beforeText, figures, rangeText, sumText, totalText } from './explain-words.js';
import { UNKNOWN, visibleText } from '../shared/format.js';

/** Rows that are shown until the reader requests more. */
const FEW = 8;

/**
 * Dispatches `choose` with the filter of a row, and `explain` with null to close the panel.
 * @param {HTMLElement} element
 * @param {HTMLTemplateElement} template a row
 * @returns {(state: State) => void} update
 */
export function mountExplainPanel(element, template) {
  const part = (/** @type {string} */ selector) => find(element, selector);
  const table = part('table');
  const body = table.tBodies[0];
  const more = part('.explain-more');
  /** @type {State} */
  let state;
  /** @type {{answer?: Explanation, count?: number}} */
  let drawn = {};
  let isWhole = false;

  part('.explain-close').addEventListener('click', () => send(element, 'explain', null));
  element.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') send(element, 'explain', null);
  });
  more.addEventListener('click', () => {
    isWhole = !isWhole;
    update(state);
  });
  body.addEventListener('click', (/** @type {any} */ { target }) => {
    const row = target.closest('tr');
    if (!row) return;
    const { filter, kernel } = row.dataset;
    if (state.settings.filter === filter) send(element, 'choose', { filter: '' });
    else send(element, 'choose', { filter, ...(kernel && { hideKernel: false }) });
  });

  /** @type {(newState: State) => void} */
  function update(newState) {
    state = newState;
    const { explained, newest } = state;
    element.hidden = explained === null;
    if (!explained) {
      isWhole = false;
      return;
    }
    const { answer, range } = explained;
    const isShown = explained.state === 'shown';
    element.classList.toggle('is-asking', explained.state === 'asking');
    writeText(part('.explain-scope'), rangeText(range));
    writeText(part('.explain-trouble'), troubleText(explained));
    if (isShown && answer) {
      writeText(part('.explain-sum'), sumText(answer, newest?.cpuCount ?? null));
      writeText(part('.explain-note'), beforeText(answer));
    }
    const rest = [table, ...findAll(element, '.explain-sum, .explain-note, .explain-foot')];
    for (const one of rest) one.hidden = answer === null;
    if (answer) drawRows(answer);
    for (const row of body.rows) {
      find(row, 'button').ariaPressed = String(row.dataset.filter === state.settings.filter);
    }
  }

  /** @type {(answer: Explanation) => void} */
  function drawRows(answer) {
    const count = isWhole ? answer.processes.length : Math.min(FEW, answer.processes.length);
    writeText(part('.explain-total'), totalText(answer, count));
    more.hidden = answer.processes.length <= FEW;
    writeText(more, isWhole ? 'Show fewer' : `Show ${answer.processes.length}`);
    if (drawn.answer === answer && drawn.count === count) return;
    drawn = { answer, count };
    body.replaceChildren(...answer.processes.slice(0, count).map((process) => makeRow(template, process, answer)));
  }

  return update;
}

/** @type {(template: HTMLTemplateElement, process: Consumer, answer: Explanation) => HTMLTableRowElement} */
function makeRow(template, process, answer) {
  const row = copyOf(template);
  const cell = (/** @type {string} */ name) => find(row, `.explain-${name}`);
  const name = visibleText(process.name);
  row.dataset.filter = process.name.trim() || String(process.pid);
  if (process.kernel) row.dataset.kernel = 'yes';
  cell('name').textContent = name;
  cell('name').title = name;
  cell('new').hidden = !process.new;
  cell('ended').hidden = !process.ended;
  cell('pid').textContent = String(process.pid);
  cell('owner').textContent = visibleText(process.user ?? UNKNOWN);
  for (const [key, text] of Object.entries(figures(process, answer))) cell(key).textContent = text;
  const widest = Math.max(...answer.processes.map((one) => Math.max(one.cpu_seconds, one.cpu_seconds_before)));
  cell('bar-now').style.width = `${100 * process.cpu_seconds / widest}%`;
  cell('bar-before').style.width = `${100 * process.cpu_seconds_before / widest}%`;
  return row;
}

/** @type {(explained: Explained) => string} */
function troubleText({ state, detail }) {
  switch (state) {
    case 'missing': return 'Nothing was recorded in this range.';
    case 'failed': return detail === null ? 'No answer from the server.' : `The server says “${detail}”`;
    default: return '';
  }
}
