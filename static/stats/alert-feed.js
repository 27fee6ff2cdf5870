// Keeps what the page knows of alerts: all of it from /alerts, again with each step of a rule.

import { readAlerts } from '../shared/alerts.js';
import { listen } from '../shared/dom.js';
import { get } from '../shared/requests.js';

/**
 * Dispatches `alerts` on `feed` with {@link Alerts} whenever they change.
 * Values move every second, so while something is active it is asked for with each sample; while
 * all is calm nothing is asked.
 * @param {EventTarget} feed dispatches `line`, `alert` and `system`
 */
export function mountAlertFeed(feed) {
  /** @type {?Alerts} */
  let known = null;
  let isAsking = false;
  /** A step may have come, so that the past is to be read as well. */
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
      // The next sample says that the server is there again.
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
  // A step comes before its sample.
  listen(feed, 'system', (system) => {
    if (system) ask();
  });
  ask();
}
