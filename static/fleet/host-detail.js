// One host: its state, figures, CPU modes, processes and connection.

import { find, findAll, writeText } from '../shared/dom.js';
import { formatCoverage, formatCount, UNKNOWN, visibleText } from '../shared/format.js';
import { mountHostAlerts } from './host-alerts.js';
import { connectionFacts, explainState, formatShare, memoryText, ofCPUs, stateText } from './host-facts.js';
import { mountHostProcesses } from './host-processes.js';

/** The modes in the bar, from left to right, with the labels of the charts. */
const MODES = [
  ['user', 'user', 'Programs'], ['nice', 'nice', 'Low-priority programs'],
  ['system', 'system', 'The kernel, for programs'],
  ['irq', 'interrupts', 'Interrupts'], ['softirq', 'soft interrupts', 'Work that interrupts deferred'],
  ['guest', 'guests', 'Virtual machines on this host'],
  ['steal', 'stolen', 'Time that the hypervisor gave to other machines'],
  ['iowait', 'I/O wait', 'Idle, while something waits for a disk'], ['idle', 'idle', ''],
];

/**
 * @param {HTMLElement} element
 * @param {HTMLTemplateElement} processTemplate
 * @returns {(state: FleetState) => void} update
 */
export function mountHostDetail(element, processTemplate) {
  const part = (/** @type {string} */ selector) => find(element, selector);
  const parts = Object.fromEntries(
    findAll(element, '#detail-figures [data-value]').map((one) => [one.dataset.value, one]));
  const name = part('.detail-name bdi');
  const stateLine = part('.detail-state');
  const missing = part('.detail-missing');
  const body = part('.detail-body');
  const updateModes = mountModes(part('#modes'));
  const updateFacts = mountFacts(part('#facts'));
  const updateProcesses = mountHostProcesses(part('#top-processes'), processTemplate);
  const updateAlerts = mountHostAlerts(part('#detail-alerts'));

  /** @type {(host: Host) => void} */
  function updateFigures(host) {
    writeText(parts.cpu, host.cpu_percent === null ? UNKNOWN : `${formatShare(host.cpu_percent)} %`);
    const average = host.cpu_average_percent === null ? '' : `${formatShare(host.cpu_average_percent)} % over a minute, `;
    writeText(parts.average, `${average}${ofCPUs(host.cpu_count)}`.replace(/, $/, ''));
    writeText(parts.load, host.load ? host.load.load_1.toFixed(2) : UNKNOWN);
    writeText(parts.loads, host.load ? `${host.load.load_5.toFixed(2)} over 5 min, ${host.load.load_15.toFixed(2)} over 15` : '');
    writeText(parts.memory, host.memory ? `${formatShare(host.memory.used_percent)} %` : UNKNOWN);
    writeText(parts.bytes, memoryText(host.memory));
    writeText(parts.coverage, typeof host.coverage_percent === 'number' ? formatCoverage(host.coverage_percent) : UNKNOWN);
  }

  return function update({ host: wanted, answer, detail }) {
    element.hidden = wanted === null;
    if (wanted === null) return;
    writeText(name, visibleText(wanted));
    const isKnown = detail !== null;
    const isAbsent = answer !== null && !isKnown;
    missing.hidden = !isAbsent;
    writeText(missing, isAbsent ? absentText(answer.total) : '');
    body.hidden = !isKnown;
    stateLine.hidden = !isKnown;
    part('.detail-processes').hidden = detail?.kind !== 'local' || !isKnown;
    document.title = [isKnown && detail.state !== 'lost' && detail.cpu_percent !== null
      && `${formatShare(detail.cpu_percent)} %`, visibleText(wanted), 'Fleet'].filter(Boolean).join(' · ');
    if (!isKnown) return;
    // A live region: screen readers must not announce every second of a silence.
    writeText(stateLine, detail.state === 'live' ? stateText(detail) : detail.state);
    stateLine.dataset.state = detail.state;
    stateLine.title = explainState(detail);
    element.dataset.state = detail.state;
    updateFigures(detail);
    updateModes(detail);
    updateAlerts(detail);
    updateProcesses(detail);
    updateFacts(detail);
  };
}

/** @type {(total: number) => string} */
function absentText(total) {
  const others = total === 1 ? 'It has 1 host.' : `It has ${formatCount(total)} hosts.`;
  return `The hub has no host of this name: the host never sent a sample, or sent none for more than a day. ${others}`;
}

/**
 * @param {HTMLElement} element
 * @returns {(host: Host) => void} update
 */
function mountModes(element) {
  const bar = find(element, '.ledger-bar');
  const figures = find(element, '.ledger-figures');
  const entries = MODES.map(([mode, word, title]) => {
    const segment = document.createElement('span');
    segment.dataset.mode = mode;
    bar.append(segment);
    const entry = document.createElement('div');
    entry.dataset.mode = mode;
    entry.title = title;
    const term = document.createElement('dt');
    term.textContent = word;
    const value = document.createElement('dd');
    entry.append(term, ' ', value);
    figures.append(entry);
    return { mode, segment, entry, value };
  });

  return function update({ cpu }) {
    element.hidden = !cpu;
    if (!cpu) return;
    for (const { mode, segment, value } of entries) {
      const percent = cpu[`${mode}_percent`] ?? 0;
      writeText(value, percent.toFixed(1));
      const width = `${Math.round(percent * 100) / 100}%`;
      if (segment.style.width !== width) segment.style.width = width;
    }
  };
}

/**
 * @param {HTMLElement} element
 * @returns {(host: Host) => void} update
 */
function mountFacts(element) {
  /** @type {Map<string, {row: HTMLElement, text: HTMLElement}>} */
  const rows = new Map();

  /** @type {(term: string) => {row: HTMLElement, text: HTMLElement}} */
  function makeRow(term) {
    const row = document.createElement('div');
    const word = document.createElement('dt');
    const value = document.createElement('dd');
    const text = document.createElement('bdi');
    word.textContent = term;
    value.append(text);
    row.append(word, value);
    const made = { row, text };
    rows.set(term, made);
    return made;
  }

  return function update(host) {
    const facts = connectionFacts(host);
    const shown = facts.map(([term, text]) => {
      const entry = rows.get(term) ?? makeRow(term);
      writeText(entry.text, text);
      return entry.row;
    });
    const isSame = shown.length === element.children.length
      && shown.every((row, index) => row === element.children[index]);
    if (!isSame) element.replaceChildren(...shown);
  };
}
