// Which processes used the CPU, in words and figures. No DOM.

import { formatCount, formatCoverage, formatPercent, formatSpan, formatWhen, UNKNOWN } from '../shared/format.js';

/** @param {number} value CPU seconds */
const seconds = (value) => `${value.toFixed(value < 99.95 ? 2 : 1)} s`;

/** @param {View} range */
export function rangeText({ from, to }) {
  return `${formatWhen(new Date(from))} to ${formatWhen(new Date(to))}, ${formatSpan((to - from) / 1000)}`;
}

/**
 * The CPU time of all processes, with the division that it comes from.
 * @param {Explanation} answer
 * @param {?number} cpuCount
 */
export function sumText({ busy_seconds: busy, measured_seconds: measured, coverage_percent: coverage }, cpuCount) {
  if (busy === null) return `${seconds(measured)} are recorded, but not how busy they were.`;
  const cpus = `${(busy / measured).toFixed(2)}${cpuCount ? ` of ${cpuCount}` : ''} CPUs busy`;
  const covered = coverage === null ? '' : ` · coverage ${formatCoverage(coverage)}`;
  return `${seconds(busy)} of CPU time ÷ ${seconds(measured)} recorded = ${cpus}${covered}`;
}

/**
 * Whether enough of the range before is recorded to compare with it.
 * @param {Explanation} answer
 */
export function isComparable({ measured_seconds: measured, measured_seconds_before: before }) {
  return before >= 0.95 * measured;
}

/**
 * Why there is no comparison, or nothing.
 * @param {Explanation} answer
 */
export function beforeText(answer) {
  if (isComparable(answer)) return '';
  const before = answer.measured_seconds_before;
  if (before === 0) return 'Nothing was recorded in the range of equal length before.';
  return `Only ${seconds(before)} of the range of equal length before are recorded, so there is no comparison.`;
}

/**
 * The figures of a row, in the order of the columns.
 * @param {Consumer} suspect
 * @param {Explanation} answer
 */
export function figures(suspect, answer) {
  const { cpu_seconds: used, cpu_seconds_before: before } = suspect;
  const change = used - before;
  const busy = answer.busy_seconds ?? 0;
  const sign = change < 0 ? '−' : '+';
  return {
    user: suspect.user_seconds.toFixed(2),
    system: suspect.system_seconds.toFixed(2),
    children: suspect.children_seconds.toFixed(2),
    used: used.toFixed(2),
    share: busy > 0 ? `${(100 * used / busy).toFixed(1)} %` : UNKNOWN,
    before: answer.measured_seconds_before > 0 ? before.toFixed(2) : UNKNOWN,
    change: isComparable(answer) ? `${sign}${Math.abs(change).toFixed(2)}` : UNKNOWN,
  };
}

/**
 * What the shown rows used together.
 * @param {Explanation} answer
 * @param {number} count of shown rows
 */
export function totalText({ processes, processes_total: total, busy_seconds: busy }, count) {
  const shown = processes.slice(0, count);
  const used = shown.reduce((sum, process) => sum + process.cpu_seconds, 0);
  const share = busy !== null && busy > 0 ? ` = ${formatPercent(100 * used / busy)} % of the CPU time` : '';
  const which = shown.length === total ? `All ${formatCount(total)} processes` : `These ${shown.length} of ${formatCount(total)} processes`;
  return `${which} together: ${seconds(used)}${share}`;
}
