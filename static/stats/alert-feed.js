// Keeps the alerts that the page knows: all of them from /alerts, and again after each change of a rule.

import { readAlerts } from '../shared/alerts.js';
import { listen } from '../shared/dom.js';
import { get } from '../shared/requests.js';

/**
 * Dispatches `alerts` on `feed` with {@link Alerts} whenever they change.
 * Values change every second, so while an alert is active it requests /alerts with each sample; otherwise it
 * requests nothing.
 * @param {EventTarget} feed dispatches `line`, `alert` and `system`
 */
export function mountAlertFeed(feed) {
  /** @type {?Alerts} */
  let known = null;
  let isAsking = false;
  /** Whether an alert may have changed, so that resolved alerts must be read too. */
  let isOutdated = true;

  async function ask() {
    if (isAsking || document.hidden) return;
    const isWhole = isOutdated;
    if (!isWhole && known?.active.length === 0) return;
    isAsking = true;
    isOutdated = false;
    try {
      const response = await get(isWhole ? 'alerts' : 'alerts?recent=0');
      if (!response.ok) throw new Error(response.statusText);
      known = readAlerts(await response.json(), known, isWhole);
      feed.dispatchEvent(new CustomEvent('alerts', { detail: known }));
    } catch {
      // The next sample shows that the server answers again.
      isOutdated ||= isWhole;
    } finally {
      isAsking = false;
    }
  }

  feed.addEventListener('alert', () => {
    isOutdated = true;
  });
  listen(feed, 'line', (isOpen) => {
    isOutdated ||= isOpen;
  });
  // A change arrives before its sample.
  listen(feed, 'system', (system) => {
    if (system) ask();
  });
  ask();
}
