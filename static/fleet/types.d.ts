// The types that the modules of this folder exchange: for tsc and for readers. The server does not serve this file.

/**
 * of the list
 */
type Filters = {
  filter: string;
  only: string;
  hotOnly: boolean;
  minCPU: number;
};

/**
 * What is shown of an alert.
 */
type Shown = Pick<Alert, 'rule' | 'state' | 'since' | 'seconds' | 'condition' | 'suspects'>;

/**
 * One object of the answer of /hosts, with the `key` that host-list.js adds. What the list was not
 * asked for is there only of the hosts that are seen, or of the one that is looked at. CPU is in
 * percent of all CPUs of the host, that of a process in percent of one.
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
 * `hosts` is the whole fleet, or the one host that is looked at. `sampledAt` is by the hub's clock,
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
 * `only` is one of the states, or `all`; `minCPU` counts when `hotOnly` is set.
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
 * The choices of a reader: the first four are those of both pages.
 */
type HostSettings = Pick<Settings, 'theme' | 'shortcuts' | 'chartRange' | 'showCharts'> & {
  sortColumn: string;
  sortDirection: 'ascending' | 'descending';
  minCPU: number;
  hiddenSeries: string[];
};

/**
 * `fleet` is the newest list, and `seen` what is known beside it of the hosts that have a row. `host` is
 * the name of the one that is looked at, null for the list; `answer` is the newest one about it, and
 * `detail` what that says, null when the hub does not know it. `view` and `chartRows` are what the
 * charts show; `newestSystem` is what they know of the host. The page as a whole stays in the present.
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
 * The charts of the host that is looked at: where its samples go, what gathers them, and how many came late.
 */
type Charted = {
  target: EventTarget;
  feed: ReturnType<typeof import('../shared/chart-feed.js').mountChartFeed>;
  late: number | undefined;
};
