// The figures above the table.

import { find, findAll, writeText } from '../shared/dom.js';
import { ageOf } from './feed.js';
import {
  formatBytes, formatClock, formatCount, formatCPUs, formatSeconds, formatSpan, UNKNOWN,
} from '../shared/format.js';
import { readGap, readLedger, readModes, readOwnCost } from './ledger.js';

/**
 * @param {HTMLElement} element the figures
 * @param {HTMLElement} pulse the mark that says whether the page is live
 * @param {HTMLElement} hostName
 * @returns {(state: State) => void} update
 */
export function mountSummary(element, pulse, hostName) {
  const parts = Object.fromEntries(
    findAll(element, '[data-value]').map((part) => [part.dataset.value, part]));

  return function update(state) {
    const { sample, system, totals } = state;
    const { basis } = state.settings;
    const { word, mark } = pulseOf(state);
    writeText(find(pulse, '.pulse-text'), word);
    pulse.dataset.state = mark;
    if (!sample) return;

    const ledger = readLedger(system, basis);
    const modes = readModes(system, basis);
    const busy = formatCPUs(ledger?.busy);
    writeText(hostName, sample.hostName ?? '');
    writeText(parts.busy, busy);
    const noun = sample.cpuCount === 1 ? 'CPU' : 'CPUs';
    const count = sample.cpuCount;
    writeText(parts['busy-unit'], count ? `of ${count} ${noun} busy` : 'CPUs busy');
    writeText(parts.modes, `user ${formatCPUs(modes?.user)}, system ${formatCPUs(modes?.system)}, `
      + `waiting for disks ${formatCPUs(modes?.wait)}`);
    const isKnown = !state.past || sample.sampledAt !== null;
    writeText(parts.processes, isKnown ? formatCount(sample.processes.length) : UNKNOWN);
    writeText(parts.running, isKnown ? `${formatCount(totals.running)} running` : '');
    writeText(parts.sampled, formatClock(sample.sampledAt));
    writeText(parts.age, isKnown ? ageText(sample, state.past) : '');
    writeText(parts.own, ownText(readOwnCost(system, basis)));
    writeText(parts.gap, gapText(readGap(system)));
    document.title = [
      state.past && 'not live', ledger && `${busy} CPUs`, sample.hostName, 'Top-Server',
    ].filter(Boolean).join(' · ');
  };
}

/**
 * For the past, the configured interval is not known, only what each sample covers.
 * @type {(sample: Sample, past: ?Object) => string}
 */
function ageText(sample, past) {
  const interval = formatSeconds(sample.interval);
  return `${formatSpan(ageOf(sample))} old, ${past ? `covers ${interval}` : `every ${interval}`}`;
}

/** @type {(cost: ReturnType<typeof readOwnCost>) => string} */
function ownText(cost) {
  if (!cost) return '';
  return `Top-Server uses ${cost.percent.toFixed(1)} % of a CPU, ${formatBytes(cost.bytes)}`;
}

/** @type {(gap: ReturnType<typeof readGap>) => string} */
function gapText(gap) {
  if (!gap) return '';
  return `A gap of ${formatSpan(gap.seconds)} ended at ${formatClock(gap.endedAt)}`;
}

/**
 * What a reader at the far end of the room must recognise.
 * @type {(state: State) => {word: string, mark: string}}
 */
function pulseOf({ health, paused, past, newestSystem }) {
  if (health.state === 'silent' || health.state === 'refused') return { word: 'No data', mark: 'trouble' };
  if (health.state === 'stale') return { word: 'Not moving', mark: 'trouble' };
  if (past) return { word: 'Not live', mark: 'past' };
  if (paused) return { word: 'Paused', mark: 'paused' };
  if (newestSystem === null) return { word: 'Table only', mark: 'trouble' };
  if (health.state === 'live') return { word: 'Live', mark: 'live' };
  return { word: 'Connecting…', mark: 'waiting' };
}
