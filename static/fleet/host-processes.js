// The busiest processes of one host in its newest sample.

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
    // The last CPU use of a silent host is not its current one.
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
  if (kind === 'text') return 'This client sends only a percentage; an agent sends processes, too.';
  if (count === 0) return 'No process is known yet: CPU use needs two samples.';
  return state === 'live' ? '' : 'From the newest sample that arrived.';
}
