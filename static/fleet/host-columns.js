// The columns of the table of hosts: what a row is sorted by. No DOM.

/** What is asked of every host, however many there are. */
export const LIST_FIELDS = [
  'host', 'state', 'connected', 'kind', 'age_seconds', 'cpu_count', 'cpu_percent',
  'cpu_average_percent', 'load', 'memory', 'alerts',
];

/** What is asked of those that are seen, since it is much. */
export const SEEN_FIELDS = ['host', 'recent_cpu_percent', 'processes'];

/**
 * What a lost host used last is no news any more.
 * @type {(host: Host) => ?number}
 */
export const cpuNow = (host) => (host.state === 'lost' ? null : host.cpu_percent);

/**
 * Load over a minute for each CPU: what can be compared.
 * @type {(host: Host) => ?number}
 */
const loadShare = ({ load, cpu_count: count }) => (load ? load.load_1 / (count ?? 1) : null);

/**
 * What each column sorts by, and the direction of the first click: the greatest number or the
 * first word is what a reader looks for.
 * @type {Object<string, {value: (host: Host) => (number|string|null),
 *   first: 'ascending'|'descending'}>}
 */
export const COLUMNS = {
  cpu: { value: cpuNow, first: 'descending' },
  name: { value: (host) => host.host.toLowerCase(), first: 'ascending' },
  age: { value: (host) => STATES[host.state] * 1e12 + host.age_seconds, first: 'descending' },
  average: { value: (host) => host.cpu_average_percent, first: 'descending' },
  load: { value: loadShare, first: 'descending' },
  memory: { value: (host) => host.memory?.used_percent ?? null, first: 'descending' },
  alerts: { value: (host) => host.alerts.length, first: 'descending' },
};

/** Live hosts of different pace are of one age to a reader, so the state comes first. */
const STATES = { live: 0, stale: 1, lost: 2 };
