// One row of the process table.

import { childrenPercent, systemPercent, totalPercent, userPercent } from '../shared/columns.js';
import { writeText } from '../shared/dom.js';
import { sparkline } from './sparkline.js';
import {
  formatBytes, formatCPUs, formatPercent, formatSpan, heatLevel, UNKNOWN, visibleText,
} from '../shared/format.js';

/**
 * A row that can show one process after another, so that scrolling makes no elements.
 * @param {HTMLTemplateElement} template
 */
export function makeProcessRow(template) {
  const element = template.content.firstElementChild.cloneNode(true);
  const part = (selector) => element.querySelector(selector);
  const name = part('.name-text');
  const nameStatus = part('.name-status');
  const owner = part('.owner bdi');
  const total = part('.total');
  const totalValue = part('.total-value');
  const bar = part('.bar');
  const barUser = part('.bar-user');
  const barSystem = part('.bar-system');
  const barChildren = part('.bar-children');
  const trail = part('.trail path');
  const status = part('.status');
  const nameChildren = part('.name-children');
  const nameChildrenValue = part('.name-children-value');
  const [pid, user, system, children, threads, memory] =
    ['.pid', '.user', '.system', '.children', '.threads', '.memory'].map(part);

  function updateIdentity(process) {
    const shown = visibleText(process.name);
    writeText(pid, String(process.pid));
    writeText(name, shown);
    name.title = shown;
    name.classList.toggle('is-empty', process.name === '');
    writeText(owner, visibleText(process.user ?? UNKNOWN));
    owner.title = owner.textContent;
  }

  function updateCPU(process, basis, window) {
    const userShare = userPercent(process, basis);
    const systemShare = systemPercent(process, basis);
    const childrenShare = childrenPercent(process, basis);
    const sum = totalPercent(process, basis);
    writeNumber(user, userShare);
    writeNumber(system, systemShare);
    writeNumber(children, childrenShare);
    nameChildren.hidden = !(childrenShare >= 0.005);
    writeText(nameChildrenValue, formatPercent(childrenShare));
    writeNumber(totalValue, sum);
    total.dataset.heat = heatLevel(sum);
    total.title = explain(process, sum, basis, window);
    // Beyond one CPU the bar is full and marked, and shows how its parts divide it.
    const scale = Math.max(100, sum ?? 0);
    bar.toggleAttribute('data-over', sum > 100.5);
    writeWidth(barUser, (userShare ?? 0) / scale);
    writeWidth(barSystem, (systemShare ?? 0) / scale);
    writeWidth(barChildren, (childrenShare ?? 0) / scale);
  }

  let drawnTrail = '';
  /** Most processes rest, and nothing is to be drawn again then. */
  function drawTrail(path) {
    if (path === drawnTrail) return;
    trail.setAttribute('d', path);
    drawnTrail = path;
  }

  let last = {};
  return {
    element,
    focusable: element,
    /**
     * @param {import('../shared/columns.js').Process} process
     * @param {number} index
     * @param {import('../shared/columns.js').Basis} basis
     * @param {?number} window seconds
     * @param {import('./trails.js').Trails} trails
     */
    update(process, index, basis, window, trails) {
      element.ariaRowIndex = String(index + 2);
      // Scrolling draws the same processes again, and there is nothing to write then.
      const values = trails.of(process.key);
      if (last.process === process && last.basis === basis && last.values === values) return;
      if (last.process?.key !== process.key) element.dataset.key = process.key;
      last = { process, basis, values };
      updateIdentity(process);
      updateCPU(process, basis, window);
      drawTrail(sparkline(trails, values));
      element.classList.toggle('is-gone', Boolean(process.gone));
      const word = process.gone ? 'ended' : process.status;
      writeText(status, word);
      writeText(nameStatus, word);
      status.dataset.status = word;
      writeText(threads, String(process.threads ?? UNKNOWN));
      writeText(memory, formatBytes(process.rss_bytes));
    },
  };
}

function writeNumber(node, value) {
  writeText(node, formatPercent(value));
  node.classList.toggle('is-zero', !(value >= 0.005));
}

function writeWidth(node, share) {
  const width = `${Math.round(share * 1000) / 10}%`;
  if (node.style.width !== width) node.style.width = width;
}

function explain(process, sum, basis, window) {
  if (sum === null) return 'Not known yet: a value needs two samples';
  const ended = childrenPercent(process, basis);
  const split = ended >= 0.5
    ? `: ${formatCPUs(sum - ended)} of its own, ${formatCPUs(ended)} of children that ended` : '';
  const cpus = `${formatCPUs(sum)} CPUs${split}`;
  const young = basis === 'average' && process.window_seconds < window - 1;
  if (!young) return cpus;
  return `${cpus}, averaged over the ${formatSpan(process.window_seconds)} since it was first seen`;
}
