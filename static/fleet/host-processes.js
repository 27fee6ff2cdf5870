// The processes of one host that used most CPU in its newest sample.

import { writeText } from '../shared/dom.js';
import { formatPercent, heatLevel, UNKNOWN, visibleText } from '../shared/format.js';

/**
 * @param {HTMLElement} element
 * @param {HTMLTemplateElement} template one row
 * @returns {(host: import('./host-columns.js').Host) => void} update
 */
export function mountHostProcesses(element, template) {
  const body = element.querySelector('tbody');
  const table = element.querySelector('table');
  const note = element.querySelector('.section-note');

  function makeRow() {
    const row = template.content.firstElementChild.cloneNode(true);
    body.append(row);
    return row;
  }

  return function update({ processes, kind, state }) {
    while (body.rows.length > processes.length) body.rows[body.rows.length - 1].remove();
    // What a host used when it was last heard of is no heat of now.
    processes.forEach((process, index) =>
      draw(body.rows[index] ?? makeRow(), process, state === 'live'));
    table.hidden = processes.length === 0;
    note.hidden = processes.length > 0 && state === 'live';
    writeText(note, noteText(kind, state, processes.length));
  };
}

function draw(row, { pid, name, user, cpu_percent: percent }, isLive) {
  const shown = visibleText(name);
  const text = row.querySelector('.name-text');
  writeText(row.querySelector('.pid'), String(pid));
  writeText(text, shown);
  text.title = shown;
  writeText(row.querySelector('.owner bdi'), user === null ? UNKNOWN : visibleText(user));
  writeText(row.querySelector('.cpu-value'), formatPercent(percent));
  row.querySelector('.cpu').dataset.heat = isLive ? heatLevel(percent) : 0;
  row.querySelector('.bar').toggleAttribute('data-over', percent > 100.5);
  row.querySelector('.bar span').style.width = `${Math.min(100, Math.round(percent))}%`;
}

function noteText(kind, state, count) {
  if (kind === 'text') return 'This client sends a percentage and no processes; an agent sends them, too.';
  if (count === 0) return 'None are known yet: what a process uses takes two samples.';
  return state === 'live' ? '' : 'As they were in the newest sample that came.';
}
