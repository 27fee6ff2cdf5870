// The facts about a host, in words. No DOM.

import {
  formatBytes, formatCount, formatMoment, formatSeconds, formatSpan, UNKNOWN, visibleText,
} from '../shared/format.js';

/** @param {?number|undefined} percent with one decimal, without the sign */
export function formatShare(percent) {
  return percent === null || percent === undefined ? UNKNOWN : percent.toFixed(1);
}

/**
 * The state as a word; the style sheet adds a sign before it. A host that is not live also has the
 * duration of its silence.
 * @param {Host} host
 */
export function stateText({ state, age_seconds: age }) {
  return state === 'live' ? 'live' : `${state} ${formatSpan(age)}`;
}

/** @param {Host} host */
export function explainState({ state, connected, age_seconds: age, kind }) {
  if (state === 'live') return `Its newest sample is ${formatSeconds(age)} old`;
  const silence = `No sample for ${formatSpan(age)}`;
  if (kind === 'local') return `${silence}: this machine's own sampler is late`;
  return `${silence}; ${connected ? 'its connection is still open' : 'it is not connected'}`;
}

/** @type {Object<string, string>} */
const KINDS = {
  local: 'this machine, the hub itself',
  agent: 'an agent',
  text: 'a client that sends a percentage and nothing else',
};

/**
 * The connection of a host, as pairs of a term and a value.
 * @param {Host} host
 * @returns {[string, string][]}
 */
export function connectionFacts(host) {
  /** @type {[string, ?string][]} */
  const facts = [
    ['Sends through', KINDS[host.kind] ?? host.kind],
    ['Address', host.address ? visibleText(host.address) : null],
    ['Agent version', host.agent ? visibleText(host.agent) : null],
    ['Connected', host.kind === 'local' ? null : host.connected ? 'yes' : 'no'],
    ['Newest sample', `${formatSeconds(host.age_seconds)} old, of ${formatMoment(new Date(host.sampled_at ?? NaN))}`],
    ['Reconnects', formatCount(host.reconnects ?? 0)],
    ['Late samples', formatCount(host.late_samples ?? 0)],
    ['Clock', clockText(host.clock_offset_seconds)],
    ['CPUs', host.cpu_count ? formatCount(host.cpu_count) : null],
    ['Up for', host.uptime_seconds ? formatSpan(host.uptime_seconds) : null],
  ];
  return facts.flatMap(([term, text]) => (text === null ? [] : [/** @type {[string, string]} */ ([term, text])]));
}

/** Seconds by which a clock may be off without a notice, because samples need time to arrive. */
const CLOCK_TOLERANCE = 2;

/** @type {(offset: number|null|undefined) => ?string} */
function clockText(offset) {
  if (typeof offset !== 'number') return null;
  if (Math.abs(offset) <= CLOCK_TOLERANCE) return 'agrees with the hub’s';
  const direction = offset > 0 ? 'ahead of' : 'behind';
  return `${formatSpan(Math.abs(offset))} ${direction} the hub’s; the hub uses its own clock for the samples`;
}

/**
 * "6.0 of 16.0 GiB"; the share is shown next to it.
 * @param {Host['memory']} memory
 */
export function memoryText(memory) {
  return memory ? `${formatBytes(memory.used_bytes)} of ${formatBytes(memory.total_bytes)}` : '';
}

/** @param {?number} count */
export function ofCPUs(count) {
  if (!count) return '';
  return count === 1 ? 'of 1 CPU' : `of ${formatCount(count)} CPUs`;
}
