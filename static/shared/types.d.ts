// The types that the modules of this folder share: for tsc and for readers. The server does not serve this file.

/**
 * A process that used more CPU while the alert began than before, in percent of one CPU.
 */
type Suspect = {
  pid: number;
  name: string;
  before_percent: number | null;
  during_percent: number | null;
  has_ended: boolean;
};

/**
 * A pending alert (without an id), a firing one or a resolved one. Times are RFC 3339.
 */
type Alert = {
  id: number | null;
  rule: string;
  host?: string;
  state: 'pending' | 'firing' | 'resolved';
  since: string;
  until?: string;
  seconds: number;
  condition: string;
  unit: string;
  value?: number | null;
  worst_value: number | null;
  suspects: Suspect[];
  note: string | null;
  end?: string;
};

type Rule = {
  name: string;
  state: string;
  condition: string;
  unit: string;
  value: number | null;
};

type Alerts = {
  sampledAt: number;
  active: Alert[];
  recent: Alert[];
  rules: Rule[];
};

/**
 * A point as dygraphs passes it.
 */
type DrawnPoint = {
  canvasx: number;
  canvasy: number;
  idx: number;
};

type Context = CanvasRenderingContext2D;

/**
 * Where values come from: their names, those that the history certainly has, a function that calls back for
 * each new point, and additional parameters of /history.
 */
type ChartSource = {
  names: string[];
  recorded: string[];
  follow: typeof import('./live-points.js').followLivePoints;
  parameters: {
    [x: string]: string;
  };
};

/**
 * The places of a pointer, as shares of the width.
 */
type Pressed = {
  start: number;
  now: number;
};

/**
 * The values of the legends, and their moment.
 */
type Reading = {
  values: (number | null)[];
  moment: string;
};

/**
 * `rows` is what to draw, `end` the newest known moment, `latest` its values. `isDetail` says that the rows show
 * one range of the past and do not grow, `isGathered` that a row covers several samples. In milliseconds,
 * `distance` is how far apart most rows are, and `reach` how far back they go.
 */
type Drawn = {
  rows: Row[];
  end: number;
  latest: (number | null)[];
  isDetail: boolean;
  isGathered: boolean;
  distance: number;
  reach: number;
};

/**
 * What accompanies a point, in milliseconds: the configured distance between points, and the first recorded
 * moment, NaN if there is none; and whether no other point follows at once.
 */
type Facts = {
  interval: number;
  recordedSince: number;
  isNewest: boolean;
};

/**
 * A query for /history: `from` and `to` are parameters. `timeline` is the one that the answer is for.
 */
type Question = {
  series: string;
  from: string;
  to: string;
  timeline: ReturnType<typeof import('./timeline.js').makeTimeline> | null;
};

type Look = 'area' | 'hatched' | 'shade' | 'line' | 'dashed' | 'dotted';

/**
 * A series of a chart. `names` are paths in /system, as /history knows them, with `:max` for the maximum instead
 * of the mean; several are added up. `look` is how it is drawn, so that colour is never the only difference
 * between two of them: an area, a hatched area for waiting, or a line with or without breaks. A peak is useful
 * only where samples are combined into one point. The known part of `without` is subtracted.
 * `quotient` is a part and its whole: where both are known, the value is the percentage, so that rows may be averaged.
 */
type ChartSeries = {
  id: string;
  label: string;
  names: string[];
  without?: string[];
  quotient?: [string, string];
  title?: string;
  look: Look;
  isPeak?: boolean;
};

/**
 * `isStacked`: areas are stacked, lines are not. `isBinary`: the axis counts in powers of two. `top` is where it
 * ends.
 */
type Chart = {
  id: string;
  title: string;
  isStacked: boolean;
  isBinary: boolean;
  series: ChartSeries[];
  note: (system: any) => string;
  format: (value: number) => string;
  formatTick: (value: number) => string;
  top: (greatest: number, system: any) => number;
};

/**
 * Milliseconds since the epoch. The page's `view` is null while the charts follow the newest sample.
 */
type View = {
  from: number;
  to: number;
};

/**
 * What the charts show now: rows within a view, and the values of one moment or of the whole view.
 * `pointed` is the place in the view of the moment under the pointer, from 0 to 1, or null, and
 * `visited` that of the moment that the rest of the page shows.
 */
type Scene = {
  rows: Row[];
  view: View;
  end: number;
  values: (number | null)[];
  pointed: number | null;
  visited: number | null;
  isGathered: boolean;
  words: string;
};

/**
 * What a chart needs in addition to its scene: the reader's settings, and the current values.
 */
type Today = {
  settings: {
    hiddenSeries: string[];
  };
  system: any;
  alerts: Alerts | null;
};

/**
 * What the charts need of the state of a page; both pages have it.
 */
type ChartState = {
  settings: {
    chartRange: string;
    showCharts: boolean;
    hiddenSeries: string[];
  };
  view: View | null;
  chartRows: Drawn | null;
  past: {
    moment: number;
  } | null;
  explained: Object | null;
  newestSystem: any;
  alerts?: Alerts | null;
};

/**
 * One object of the answer of /cpu_usage, with the `key` that rows.js adds.
 */
type Process = {
  key: string;
  pid: number;
  name: string;
  status: string;
  user: string | null;
  user_avg: number | null;
  sys_avg: number | null;
  user_now: number | null;
  sys_now: number | null;
  kernel: boolean | null;
  children_user_avg: number | null;
  children_sys_avg: number | null;
  children_user_now: number | null;
  children_sys_now: number | null;
  threads: number | null;
  rss_bytes: number | null;
  start_time: string | null;
  window_seconds: number | null;
  gone?: boolean;
};

/**
 * The whole window, or the last interval.
 */
type Basis = 'average' | 'now';

/**
 * `live`: all is well. `waiting`: nothing has arrived yet. `silent`: no answer. `refused`: the answer is an
 * error. `stale`: answers without anything new. `silence` is in seconds.
 */
type Health = {
  state: 'live' | 'waiting' | 'silent' | 'refused' | 'stale';
  silence: number;
  detail: string | null;
};

/**
 * What is known of the answers so far. Times are milliseconds of the page's clock: when the last answer arrived,
 * when the last one with something new did, and the time since which the page is visible.
 */
type Course = {
  hasAnswer: boolean;
  isStale: boolean;
  detail: string | null;
  answeredAt: number;
  movedAt: number;
  awakeSince: number;
};

/**
 * How to poll. `receive` says whether the answer was still wanted. `movedAt` is when something new last arrived, null
 * before the first answer. While it `isIdle` no request is needed. `onTick` is called every second.
 */
type Subject = {
  url: () => string;
  receive: (response: Response) => Promise<boolean>;
  movedAt: () => number | null;
  isStale: (now: number, awakeSince: number) => boolean;
  isIdle?: ((isOk: boolean) => boolean) | undefined;
  onTick?: ((awakeSince: number) => void) | undefined;
};

/**
 * A row that shows one item after another, so that scrolling creates no elements.
 * `focusable` is its element that gets the focus.
 */
type TableRow = {
  element: HTMLElement;
  focusable: HTMLElement;
  update: Function;
};

type Choices = {
  filter: string;
  hideIdle: boolean;
  hideKernel: boolean;
  basis: Basis;
  sortColumn: string;
  sortDirection: 'ascending' | 'descending';
};

/**
 * The reader's settings. Each page has additional ones.
 */
type Settings = {
  sortColumn: string;
  sortDirection: 'ascending' | 'descending';
  basis: Basis;
  hideIdle: boolean;
  hideKernel: boolean;
  shortcuts: boolean;
  theme: 'auto' | 'light' | 'dark';
  showCharts: boolean;
  showAlerts: boolean;
  chartRange: string;
  hiddenSeries: string[];
};

/**
 * A moment, in milliseconds since the epoch, and what was measured then. `count` is the time that its samples
 * measured, in usual intervals: their number, unless one was late. A row without samples is a gap, where a line must
 * break.
 */
type Row = {
  time: number;
  count: number;
  values: (number | null)[];
  isRecorded: boolean;
};

/**
 * A sample: `length` is the time that it measured, in milliseconds; without it, the usual interval.
 */
type Point = {
  time: number;
  values: (number | null)[];
  length?: number;
};

/**
 * An answer of /history.
 */
type Past = {
  to: string;
  step_seconds: number;
  times: number[];
  series: {
    [x: string]: (number | null)[];
  };
};

/**
 * How the values of two rows are combined.
 */
type Part = (left: number | null, leftCount: number, right: number | null, rightCount: number) => number | null;
