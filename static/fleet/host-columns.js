// The columns of the table of hosts: what rows are sorted by. No DOM.

/** The fields to request for every host. */
export const LIST_FIELDS = [
  'host', 'state', 'connected', 'kind', 'age_seconds', 'cpu_count', 'cpu_percent',
  'cpu_average_percent', 'load', 'memory', 'alerts',
];

/** The fields to request only for visible hosts, because they are large. */
export const SEEN_FIELDS = ['host', 'recent_cpu_percent', 'processes'];

/**
 * The last CPU use of a lost host no longer means anything.
 * @type {(host: Host) => ?number}
 */
export const cpuNow = (host) => (host.state === 'lost' ? null : host.cpu_percent);

/**
 * Load over a minute for each CPU, which makes hosts comparable.
 * @type {(host: Host) => ?number}
 */
const loadShare = ({ load, cpu_count: count }) => (load ? load.load_1 / (count ?? 1) : null);

/**
 * What each column sorts by, and the direction of the first click: a reader looks for the greatest number or
 * the first word.
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

/** To a reader, live hosts with different intervals have the same age, so the state decides first. */
const STATES = { live: 0, stale: 1, lost: 2 };
