// Which processes the table shows, and in which order. No DOM: data in, new data out.

import { childrenPercent, COLUMNS, totalPercent } from './columns.js';

/**
 * Gives each process its identity. A pid alone does not identify a process, because the kernel reuses it.
 * @param {Process[]} processes changed in place, because ten thousand copies a second would be wasteful
 */
export function identify(processes) {
  for (const process of processes) process.key = `${process.pid} ${process.start_time ?? ''}`;
  return processes;
}

/**
 * The processes that the settings keep, in the selected order.
 * @param {Process[]} processes
 * @param {Choices} choices
 */
export function selectRows(processes, choices) {
  const words = choices.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = processes.filter((process) =>
    !(choices.hideKernel && process.kernel)
    && !(choices.hideIdle && isIdle(process, choices.basis))
    && (words.length === 0 || matches(process, words)));
  return sortRows(kept, choices);
}

/**
 * Idle: its CPU use would read 0.00. A process with an unknown CPU use is not idle. Nor is one whose children do
 * the work, even in a second in which no child exited.
 * @type {(process: Process, basis: Basis) => boolean}
 */
function isIdle(process, basis) {
  const total = totalPercent(process, basis);
  return total !== null && total < 0.005 && (childrenPercent(process, 'average') ?? 0) < 0.005;
}

/** @type {(process: Process, words: string[]) => boolean} */
function matches(process, words) {
  const text = `${process.pid} ${process.name} ${process.user ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** @type {(processes: Process[], choices: {sortColumn: string, sortDirection: string, basis: Basis}) => Process[]} */
function sortRows(processes, { sortColumn, sortDirection, basis }) {
  const { value } = COLUMNS[sortColumn];
  const sign = sortDirection === 'ascending' ? 1 : -1;
  // Each value is looked up once, because comparisons are far more frequent.
  const entries = processes.map((process) => ({ process, value: value(process, basis) ?? null }));
  entries.sort((left, right) => {
    if (left.value === right.value) return left.process.pid - right.process.pid;
    // Unknown values are last, in either direction.
    if (left.value === null) return 1;
    if (right.value === null) return -1;
    return left.value < right.value ? -sign : sign;
  });
  return entries.map((entry) => entry.process);
}

/**
 * The newest values in the current order, for a reader who is pointing at a row.
 * Rows of exited processes stay, marked `gone`; new rows are at the end.
 * @template {{key: string, gone?: boolean}} Item
 * @param {Item[]} shown the current rows
 * @param {Item[]} selected what the settings keep of the newest sample, in order
 * @param {Item[]} processes the newest sample
 * @returns {Item[]}
 */
export function holdOrder(shown, selected, processes) {
  const present = new Map(processes.map((process) => [process.key, process]));
  const held = shown.map((row) => present.get(row.key) ?? (row.gone ? row : { ...row, gone: true }));
  const known = new Set(shown.map((row) => row.key));
  return held.concat(selected.filter((process) => !known.has(process.key)));
}

/**
 * The counts above the table: how many processes run, and for how many the CPU use is known.
 * @param {Process[]} processes
 * @param {Basis} basis
 */
export function totals(processes, basis) {
  let running = 0;
  let known = 0;
  for (const process of processes) {
    if (process.status === 'running') running += 1;
    if (totalPercent(process, basis) !== null) known += 1;
  }
  return { running, known };
}
