// The processes of one host that used most CPU in its newest sample.

import { copyOf, find, writeText } from '../shared/dom.js';
import { formatPercent, heatLevel, UNKNOWN, visibleText } from '../shared/format.js';

/**
 * @param {HTMLElement} element
 * @param {HTMLTemplateElement} template one row
 * @returns {(host: Host) => void} update
 */
export function mountHostProcesses(element, template) {
  const body = find(element, 'tbody');
  const table = find(element, 'table');
  const note = find(element, '.section-note');

  function makeRow() {
    const row = copyOf(template);
    body.append(row);
    return row;
  }

  return function update({ processes = [], kind, state }) {
    while (body.rows.length > processes.length) body.rows[body.rows.length - 1].remove();
    // What a host used when it was last heard of is no heat of now.
    processes.forEach((process, index) =>
      draw(body.rows[index] ?? makeRow(), process, state === 'live'));
    table.hidden = processes.length === 0;
    note.hidden = processes.length > 0 && state === 'live';
    writeText(note, noteText(kind, state, processes.length));
  };
}

/** @type {(row: HTMLElement, process: TopProcess, isLive: boolean) => void} */
function draw(row, { pid, name, user, cpu_percent: percent }, isLive) {
  const shown = visibleText(name);
  const text = find(row, '.name-text');
  writeText(find(row, '.pid'), String(pid));
  writeText(text, shown);
  text.title = shown;
  writeText(find(row, '.owner bdi'), user === null ? UNKNOWN : visibleText(user));
  writeText(find(row, '.cpu-value'), formatPercent(percent));
  find(row, '.cpu').dataset.heat = isLive ? heatLevel(percent) : 0;
  find(row, '.bar').toggleAttribute('data-over', percent > 100.5);
  find(row, '.bar span').style.width = `${Math.min(100, Math.round(percent))}%`;
}

/** @type {(kind: string, state: string, count: number) => string} */
function noteText(kind, state, count) {
  if (kind === 'text') return 'This client sends a percentage and no processes; an agent sends them, too.';
  if (count === 0) return 'None are known yet: what a process uses takes two samples.';
  return state === 'live' ? '' : 'As they were in the newest sample that came.';
}
