// The columns of the process table: what rows are sorted by. No DOM.

/** The fields that the page requests; the server sends nothing else. */
export const FIELDS = [
  'pid', 'name', 'user_avg', 'sys_avg', 'status', 'user', 'threads', 'rss_bytes', 'start_time',
  'window_seconds', 'user_now', 'sys_now', 'kernel', 'children_user_avg', 'children_sys_avg',
  'children_user_now', 'children_sys_now',
];

/** @type {(process: Process, basis: Basis) => ?number} */
export const userPercent = (process, basis) =>
  basis === 'now' ? process.user_now : process.user_avg;

/** @type {(process: Process, basis: Basis) => ?number} */
export const systemPercent = (process, basis) =>
  basis === 'now' ? process.sys_now : process.sys_avg;

/**
 * The CPU time of children that exited and for which this process waited. For the last interval it is only the
 * part that no sample saw while they lived.
 * @type {(process: Process, basis: Basis) => ?number}
 */
export const childrenPercent = (process, basis) =>
  basis === 'now' ? sum(process.children_user_now, process.children_sys_now)
    : sum(process.children_user_avg, process.children_sys_avg);

/**
 * The CPU use that belongs to a process: its own, and that of its exited children, which have no row.
 * @type {(process: Process, basis: Basis) => ?number}
 */
export function totalPercent(process, basis) {
  const own = sum(userPercent(process, basis), systemPercent(process, basis));
  return own === null ? null : own + (childrenPercent(process, basis) ?? 0);
}

/** @type {(left: ?number, right: ?number) => ?number} */
function sum(left, right) {
  return typeof left === 'number' && typeof right === 'number' ? left + right : null;
}

/**
 * What each column sorts by, and the direction of the first click: a reader looks for the greatest number or
 * the first word.
 * @type {Object<string, {value: (process: Process, basis: Basis) => (number|string|null),
 *   first: 'ascending'|'descending'}>}
 */
export const COLUMNS = {
  total: { value: totalPercent, first: 'descending' },
  pid: { value: (process) => process.pid, first: 'ascending' },
  name: { value: (process) => process.name.toLowerCase(), first: 'ascending' },
  owner: { value: (process) => process.user?.toLowerCase() ?? null, first: 'ascending' },
  user: { value: userPercent, first: 'descending' },
  system: { value: systemPercent, first: 'descending' },
  children: { value: childrenPercent, first: 'descending' },
  status: { value: (process) => process.status, first: 'ascending' },
  threads: { value: (process) => process.threads ?? null, first: 'descending' },
  memory: { value: (process) => process.rss_bytes ?? null, first: 'descending' },
};
