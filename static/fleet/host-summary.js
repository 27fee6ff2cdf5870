// The figures above the table of hosts, and the mark that says whether the page is live.

import { find, findAll, writeText } from '../shared/dom.js';
import { formatClock, formatCount, visibleText } from '../shared/format.js';
import { formatShare } from './host-facts.js';

/**
 * @param {HTMLElement} element the figures
 * @param {HTMLElement} pulse
 * @returns {(state: FleetState) => void} update
 */
export function mountHostSummary(element, pulse) {
  const parts = Object.fromEntries(
    findAll(element, '[data-value]').map((part) => [part.dataset.value, part]));

  return function update({ fleet, counts, settings, health, host }) {
    const { word, mark } = pulseOf(health);
    writeText(find(pulse, '.pulse-text'), word);
    pulse.dataset.state = mark;
    if (host !== null || !fleet) return;

    const { hottest } = counts;
    writeText(parts.total, formatCount(counts.all));
    writeText(parts.states, statesText(counts));
    writeText(parts.hot, formatCount(counts.hot));
    element.toggleAttribute('data-hot', counts.hot > 0);
    writeText(parts.threshold, counts.hot > 0 || !hottest ? `at ${settings.minCPU} % CPU or more`
      : `hottest: ${visibleText(hottest.host)}, ${formatShare(hottest.cpu_percent)} %`);
    writeText(parts.alerts, formatCount(counts.alerts));
    writeText(parts.alerted, alertedText(counts));
    writeText(parts.sampled, formatClock(new Date(fleet.sampledAt)));
    const hot = counts.hot > 0 && `${formatCount(counts.hot)} very hot`;
    const lost = counts.lost > 0 && `${formatCount(counts.lost)} lost`;
    document.title = [hot, lost, 'Fleet', 'Top-Server'].filter(Boolean).join(' · ');
  };
}

/** @type {(counts: FleetState['counts']) => string} */
function statesText({ live, stale, lost }) {
  const silent = [stale > 0 && `${formatCount(stale)} stale`, lost > 0 && `${formatCount(lost)} lost`];
  if (stale + lost === 0) return live === 1 ? 'live' : 'all live';
  return [`${formatCount(live)} live`, ...silent].filter(Boolean).join(', ');
}

/** @type {(counts: FleetState['counts']) => string} */
function alertedText({ alerts, alerted }) {
  if (alerts === 0) return 'none firing';
  return `on ${formatCount(alerted)} ${alerted === 1 ? 'host' : 'hosts'}`;
}

/**
 * The state of the connection, in words that can be read from a distance.
 * @type {(health: Health) => {word: string, mark: string}}
 */
function pulseOf({ state }) {
  switch (state) {
    case 'silent': case 'refused': return { word: 'No data', mark: 'trouble' };
    case 'stale': return { word: 'Not moving', mark: 'trouble' };
    case 'live': return { word: 'Live', mark: 'live' };
    default: return { word: 'Connecting…', mark: 'waiting' };
  }
}
