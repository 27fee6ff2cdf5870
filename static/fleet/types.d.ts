// The types that the modules of this folder share: for tsc and for readers. The server does not serve this file.

/**
 * The state filter of the list.
 */
type Filters = {
  filter: string;
  only: string;
  hotOnly: boolean;
  minCPU: number;
};

/**
 * An alert and how to show it.
 */
type Shown = Pick<Alert, 'rule' | 'state' | 'since' | 'seconds' | 'condition' | 'suspects'>;

/**
 * One object of the answer of /hosts, with the `key` that host-list.js adds. Fields that the list does not request
 * exist only for visible hosts and for the selected one. CPU use is percent of all CPUs of the host, that of a
 * process percent of one.
 */
type Host = {
  key: string;
  host: string;
  state: 'live' | 'stale' | 'lost';
  connected: boolean;
  kind: 'local' | 'agent' | 'text';
  age_seconds: number;
  cpu_count: number | null;
  cpu_percent: number | null;
  cpu_average_percent: number | null;
  load: {
    load_1: number;
    load_5: number;
    load_15: number;
  } | null;
  memory: {
    total_bytes: number;
    used_bytes: number;
    used_percent: number;
  } | null;
  alerts: string[];
  address?: string | null;
  agent?: string | null;
  sampled_at?: string;
  interval_seconds?: number | null;
  clock_offset_seconds?: number | null;
  uptime_seconds?: number | null;
  cpu?: {
    [x: string]: number;
  } | null;
  coverage_percent?: number | null;
  ledger?: { counted_percent: number, accounted_percent: number, counted_cpus: number } | null;
  recent_cpu_percent?: (number | null)[];
  processes?: TopProcess[];
  reconnects?: number;
  late_samples?: number;
  gone?: boolean;
};

type TopProcess = {
  pid: number;
  name: string;
  user: string | null;
  cpu_percent: number;
};

/**
 * `hosts` is the whole fleet, or the selected host. `sampledAt` is by the hub's clock,
 * `bornAt` by the page's.
 */
type Fleet = {
  sampledAt: number;
  bornAt: number;
  total: number;
  hosts: Host[];
  one: string | null;
};

/**
 * `only` is one of the states, or `all`; `minCPU` applies if `hotOnly` is set.
 */
type HostChoices = {
  filter: string;
  only: string;
  hotOnly: boolean;
  minCPU: number;
  sortColumn: string;
  sortDirection: 'ascending' | 'descending';
};

/**
 * The reader's settings: the first four exist on both pages.
 */
type HostSettings = Pick<Settings, 'theme' | 'shortcuts' | 'chartRange' | 'showCharts'> & {
  sortColumn: string;
  sortDirection: 'ascending' | 'descending';
  minCPU: number;
  hiddenSeries: string[];
};

/**
 * `fleet` is the newest list, and `seen` the additional fields of the hosts that have a row. `host` is the name of
 * the selected host, null for the list; `answer` is the newest one about it, and `detail` its content, null if the
 * hub does not know the host. `view` and `chartRows` are what the charts show; `newestSystem` is what they know of
 * the host. The page as a whole stays in the present.
 */
type FleetState = {
  settings: HostSettings & Filters;
  fleet: Fleet | null;
  counts: ReturnType<typeof import('./host-list.js').countHosts>;
  rows: Host[];
  seen: Map<string, Host>;
  host: string | null;
  answer: Fleet | null;
  detail: Host | null;
  health: Health;
  held: boolean;
  view: View | null;
  chartRows: Drawn | null;
  newestSystem: any;
  past: null;
  explained: null;
};

/**
 * The charts of the selected host: where its samples go, what collects them, and how many arrived late.
 */
type Charted = {
  target: EventTarget;
  feed: ReturnType<typeof import('../shared/chart-feed.js').mountChartFeed>;
  late: number | undefined;
};
