// Which hosts the table shows, and in which order. No DOM: data in, new data out.

import { COLUMNS, cpuNow } from './host-columns.js';

/**
 * Gives each host its identity for the table: its name.
 * @param {Host[]} hosts changed in place
 */
export function identify(hosts) {
  for (const host of hosts) host.key = host.host;
  return hosts;
}

/** @type {(host: Host, minCPU: number) => boolean} */
export const isHot = (host, minCPU) => host.state === 'live' && (host.cpu_percent ?? 0) >= minCPU;

/**
 * The hosts that the settings keep, in the selected order. The CPU use of a host that is not live is unknown, so
 * no threshold hides it.
 * @param {Host[]} hosts
 * @param {HostChoices} choices
 */
export function selectHosts(hosts, { filter, only, hotOnly, minCPU, ...choices }) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = hosts.filter((host) =>
    (only === 'all' || host.state === only)
    && !(hotOnly && host.state === 'live' && !isHot(host, minCPU))
    && (words.length === 0 || matches(host, words)));
  return sortHosts(kept, choices);
}

/** @type {(host: Host, words: string[]) => boolean} */
function matches({ host }, words) {
  const text = host.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** @type {(hosts: Host[], choices: {sortColumn: string, sortDirection: string}) => Host[]} */
function sortHosts(hosts, { sortColumn, sortDirection }) {
  const { value } = COLUMNS[sortColumn];
  const sign = sortDirection === 'ascending' ? 1 : -1;
  const entries = hosts.map((host) => ({ host, value: value(host) ?? null }));
  entries.sort((left, right) => {
    if (left.value === right.value) return left.host.host < right.host.host ? -1 : 1;
    // Unknown values are last, in either direction.
    if (left.value === null) return 1;
    if (right.value === null) return -1;
    return left.value < right.value ? -sign : sign;
  });
  return entries.map((entry) => entry.host);
}

/**
 * The counts above the table, of all hosts regardless of the filter.
 * @param {Host[]} hosts
 * @param {number} minCPU
 */
export function countHosts(hosts, minCPU) {
  const counts = { all: hosts.length, live: 0, stale: 0, lost: 0, hot: 0, alerts: 0, alerted: 0 };
  /** @type {?Host} */
  let hottest = null;
  for (const host of hosts) {
    counts[host.state] += 1;
    counts.alerts += host.alerts.length;
    if (host.alerts.length > 0) counts.alerted += 1;
    if (isHot(host, minCPU)) counts.hot += 1;
    if ((cpuNow(host) ?? -1) > (hottest?.cpu_percent ?? -1)) hottest = host;
  }
  return { ...counts, hottest };
}
