// The bar that shows where the CPU time went, with its figures.

import { find, findAll, writeText } from '../shared/dom.js';
import { formatCPUs, formatCoverage, formatSeconds, formatWhen, UNKNOWN } from '../shared/format.js';
import { readLedger } from './ledger.js';

/**
 * @param {HTMLElement} element
 * @returns {(state: State) => void} update
 */
export function mountLedgerBar(element) {
  const scope = find(element, '[data-value=scope]');
  const coverage = find(element, '[data-value=coverage]');
  const figures = find(element, '.ledger-figures');
  /** @type {(selector: string) => Map<keyof Ledger['parts'], any>} */
  const byPart = (selector) => new Map(
    findAll(element, selector).map((node) => [node.dataset.part, node]));
  const segments = byPart('.ledger-bar [data-part]');
  const entries = byPart('.ledger-figures [data-part]');

  return function update(state) {
    const ledger = readLedger(state.system, state.settings.basis);
    writeText(scope, scopeText(state, ledger));
    writeText(coverage, ledger ? formatCoverage(ledger.coverage) : UNKNOWN);
    // Room for the widest figure, so that no figure moves its neighbours.
    figures.dataset.digits = String(Math.round((ledger?.capacity ?? 0) / 100)).length;
    for (const [part, entry] of entries) {
      writeText(find(entry, 'dd'), formatCPUs(ledger?.parts[part]));
    }
    for (const [part, segment] of segments) {
      const share = ledger ? ledger.parts[part] / ledger.capacity : 0;
      const width = `${Math.round(share * 10_000) / 100}%`;
      if (segment.style.width !== width) segment.style.width = width;
    }
    // It keeps its place: on a rented machine it appears and disappears every second.
    const stolen = (ledger?.parts.steal ?? 0) >= 0.5;
    entries.get('steal')?.classList.toggle('is-absent', !stolen);
  };
}

/** @type {(state: State, ledger: ?Ledger) => string} */
function scopeText({ system, sample, settings, past }, ledger) {
  if (!sample) return '';
  if (past && !ledger) return 'not known for this moment';
  if (system === null) return 'not known: no events from /events';
  if (!system) return '';
  if (!ledger) return 'the first values need two samples';
  const seconds = settings.basis === 'now' ? system.interval_seconds : system.window_seconds;
  if (!seconds) return '';
  const length = formatSeconds(seconds);
  return past && sample.sampledAt ? `over the ${length} before ${formatWhen(sample.sampledAt)}` : `over the last ${length}`;
}
