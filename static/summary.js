// The figures above the table.

import { writeText } from './dom.js';
import { ageOf } from './feed.js';
import { formatClock, formatCount, formatSeconds, formatSpan, UNKNOWN } from './format.js';

/**
 * @param {HTMLElement} element the figures
 * @param {HTMLElement} pulse the mark that says live, paused or not
 * @param {HTMLElement} hostName
 * @returns {(state: import('./client.js').State) => void} update
 */
export function mountSummary(element, pulse, hostName) {
  const parts = Object.fromEntries(
    [...element.querySelectorAll('[data-value]')].map((part) => [part.dataset.value, part]));
  const meterUser = element.querySelector('.meter-user');
  const meterSystem = element.querySelector('.meter-system');

  return function update(state) {
    const { sample, totals } = state;
    const { word, mark } = pulseOf(state);
    writeText(pulse.querySelector('.pulse-text'), word);
    pulse.dataset.state = mark;
    if (!sample) return;

    const known = totals.known > 0;
    const capacity = sample.cpuCount ? sample.cpuCount * 100 : null;
    const busy = known ? ((totals.user + totals.system) / 100).toFixed(2) : UNKNOWN;
    writeText(hostName, sample.hostName ?? '');
    writeText(parts.busy, busy);
    const noun = sample.cpuCount === 1 ? 'CPU' : 'CPUs';
    writeText(parts['busy-unit'], capacity ? `of ${sample.cpuCount} ${noun} busy` : 'CPUs busy');
    writeText(parts.user, `user ${known ? (totals.user / 100).toFixed(2) : UNKNOWN}`);
    writeText(parts.system, `system ${known ? (totals.system / 100).toFixed(2) : UNKNOWN}`);
    meterUser.style.width = capacity ? `${Math.min(100, 100 * totals.user / capacity)}%` : '0';
    meterSystem.style.width = capacity ? `${Math.min(100, 100 * totals.system / capacity)}%` : '0';
    writeText(parts.processes, formatCount(sample.processes.length));
    writeText(parts.running, `${formatCount(totals.running)} running`);
    writeText(parts.sampled, formatClock(sample.sampledAt));
    writeText(parts.age, `${formatSpan(ageOf(sample))} old, every ${formatSeconds(sample.interval)}`);
    document.title = [known && `${busy} CPUs`, sample.hostName, 'Top-Server'].filter(Boolean).join(' · ');
  };
}

/** What a reader at the far end of the room must be able to tell. */
function pulseOf({ health, paused }) {
  if (health.state === 'silent' || health.state === 'refused') return { word: 'No data', mark: 'trouble' };
  if (health.state === 'stale') return { word: 'Not moving', mark: 'trouble' };
  if (paused) return { word: 'Paused', mark: 'paused' };
  if (health.state === 'live') return { word: 'Live', mark: 'live' };
  return { word: 'Connecting…', mark: 'waiting' };
}
