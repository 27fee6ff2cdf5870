// The part of the state that is in the address of the page, so that the reader can send it to a colleague: the
// selected host, and the filters of the list.

import { readThreshold } from './host-settings.js';

const STATES = ['all', 'live', 'stale', 'lost'];

/**
 * @returns {{host: ?string, filter: string, only: string, hotOnly: boolean,
 *   minCPU: number}|any} without `minCPU` if the address does not contain it
 */
export function loadAddress() {
  const hidden = new URLSearchParams(location.hash.slice(1));
  const threshold = readThreshold(hidden.get('min_cpu'));
  const only = hidden.get('state') ?? 'all';
  return {
    host: new URLSearchParams(location.search).get('host'),
    filter: hidden.get('filter') ?? '',
    only: STATES.includes(only) ? only : 'all',
    hotOnly: threshold !== null,
    ...(threshold !== null && { minCPU: threshold }),
  };
}

/**
 * The address that shows a host, or the list, with the filters that are set.
 * @param {?string} host
 * @param {Filters} filters
 */
export function addressOf(host, { filter, only, hotOnly, minCPU }) {
  const hidden = new URLSearchParams();
  if (filter) hidden.set('filter', filter);
  if (only !== 'all') hidden.set('state', only);
  if (hotOnly) hidden.set('min_cpu', String(minCPU));
  const hash = String(hidden);
  const search = host === null ? '' : `?${new URLSearchParams({ host })}`;
  return `${location.pathname}${search}${hash && `#${hash}`}`;
}

/**
 * @param {string} address
 * @param {boolean} isStep whether the browser's back button leads to what was shown before
 */
export function saveAddress(address, isStep) {
  try {
    if (isStep) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  } catch {
    // Browsers reject very frequent changes; the next keystroke corrects the address.
  }
}
