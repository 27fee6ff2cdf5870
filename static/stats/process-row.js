// One row of the process table.

import { childrenPercent, systemPercent, totalPercent, userPercent } from '../shared/columns.js';
import { copyOf, findParts, writeText } from '../shared/dom.js';
import { sparkline } from './sparkline.js';
import {
  formatBytes, formatCPUs, formatPercent, formatSpan, heatLevel, UNKNOWN, visibleText,
} from '../shared/format.js';

/**
 * A row that can show one process after another, so that scrolling creates no elements.
 * @param {HTMLTemplateElement} template
 */
export function makeProcessRow(template) {
  const element = copyOf(template);
  const parts = findParts(element, PARTS);
  /** @type {{process?: Process, basis?: Basis, values?: (number|null)[]}} */
  let last = {};
  let drawnTrail = '';

  /**
   * Most processes are idle, and their rows need not be drawn again.
   * @param {string} path
   */
  function drawTrail(path) {
    if (path === drawnTrail) return;
    parts.trail.setAttribute('d', path);
    drawnTrail = path;
  }

  return {
    element,
    focusable: element,
    /**
     * @param {Process} process
     * @param {number} index
     * @param {Basis} basis
     * @param {?number|undefined} window seconds
     * @param {Trails} trails
     */
    update(process, index, basis, window, trails) {
      element.ariaRowIndex = String(index + 2);
      // Scrolling draws the same processes again; then there is nothing to write.
      const values = trails.of(process.key);
      if (last.process === process && last.basis === basis && last.values === values) return;
      if (last.process?.key !== process.key) element.dataset.key = process.key;
      last = { process, basis, values };
      updateIdentity(parts, process);
      updateCPU(parts, process, basis, window ?? NaN);
      drawTrail(sparkline(trails, values));
      element.classList.toggle('is-gone', Boolean(process.gone));
      const word = process.gone ? 'ended' : process.status;
      writeText(parts.status, word);
      writeText(parts.nameStatus, word);
      parts.status.dataset.status = word;
      writeText(parts.threads, String(process.threads ?? UNKNOWN));
      writeText(parts.memory, formatBytes(process.rss_bytes));
    },
  };
}

/** The selectors of the parts of a row. */
const PARTS = {
  pid: '.pid', name: '.name-text', nameStatus: '.name-status', nameChildren: '.name-children',
  nameChildrenValue: '.name-children-value', owner: '.owner bdi', user: '.user', system: '.system',
  children: '.children', total: '.total', totalValue: '.total-value', bar: '.bar', barUser: '.bar-user',
  barSystem: '.bar-system', barChildren: '.bar-children', trail: '.trail path', status: '.status',
  threads: '.threads', memory: '.memory',
};

/** @typedef {Record<keyof typeof PARTS, any>} Parts */

/** @type {(parts: Parts, process: Process) => void} */
function updateIdentity({ pid, name, owner }, process) {
  const shown = visibleText(process.name);
  writeText(pid, String(process.pid));
  writeText(name, shown);
  name.title = shown;
  name.classList.toggle('is-empty', process.name === '');
  writeText(owner, visibleText(process.user ?? UNKNOWN));
  owner.title = owner.textContent;
}

/** @type {(parts: Parts, process: Process, basis: Basis, window: number) => void} */
function updateCPU(parts, process, basis, window) {
  const user = userPercent(process, basis);
  const system = systemPercent(process, basis);
  const children = childrenPercent(process, basis);
  const sum = totalPercent(process, basis);
  writeNumber(parts.user, user);
  writeNumber(parts.system, system);
  writeNumber(parts.children, children);
  parts.nameChildren.hidden = !isSome(children);
  writeText(parts.nameChildrenValue, formatPercent(children));
  writeNumber(parts.totalValue, sum);
  parts.total.dataset.heat = heatLevel(sum);
  parts.total.title = explain(process, sum, basis, window);
  // Beyond one CPU the bar is full and marked, and shows the proportions of its parts.
  const scale = Math.max(100, sum ?? 0);
  parts.bar.toggleAttribute('data-over', (sum ?? 0) > 100.5);
  writeWidth(parts.barUser, (user ?? 0) / scale);
  writeWidth(parts.barSystem, (system ?? 0) / scale);
  writeWidth(parts.barChildren, (children ?? 0) / scale);
}

/**
 * Whether a percentage does not read as 0.00.
 * @param {?number|undefined} value
 */
const isSome = (value) => (value ?? 0) >= 0.005;

/** @type {(node: HTMLElement, value: ?number) => void} */
function writeNumber(node, value) {
  writeText(node, formatPercent(value));
  node.classList.toggle('is-zero', !isSome(value));
}

/** @type {(node: HTMLElement, share: number) => void} */
function writeWidth(node, share) {
  const width = `${Math.round(share * 1000) / 10}%`;
  if (node.style.width !== width) node.style.width = width;
}

/** @type {(process: Process, sum: ?number, basis: Basis, window: number) => string} */
function explain(process, sum, basis, window) {
  if (sum === null) return 'Not known yet: a value needs two samples';
  const ended = childrenPercent(process, basis) ?? 0;
  const split = ended >= 0.5
    ? `: ${formatCPUs(sum - ended)} by the process itself, ${formatCPUs(ended)} by children that exited` : '';
  const cpus = `${formatCPUs(sum)} CPUs${split}`;
  const length = process.window_seconds ?? 0;
  if (basis !== 'average' || !(length < window - 1)) return cpus;
  return `${cpus}, averaged over the ${formatSpan(length)} since it was first seen`;
}
