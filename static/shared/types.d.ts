// The types that the modules of this folder exchange: for tsc and for readers. The server does not serve this file.

/**
 * A process that used more while the alert came up than before, in percent of one CPU.
 */
type Suspect = {
  pid: number;
  name: string;
  before_percent: number | null;
  during_percent: number | null;
  has_ended: boolean;
};

/**
 * A rule that is pending (without an id) or fires, or an alert that is over. Times are RFC 3339.
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
 * of dygraphs
 */
type DrawnPoint = {
  canvasx: number;
  canvasy: number;
  idx: number;
};

type Context = CanvasRenderingContext2D;

/**
 * Where values come from: their names, those that the history surely knows, what calls a function for
 * each new point, and what /history is asked beside the names and the time.
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
 * the places of a pointer, as shares of the width
 */
type Pressed = {
  start: number;
  now: number;
};

/**
 * The values of the legends, and the moment that they are of.
 */
type Reading = {
  values: (number | null)[];
  moment: string;
};

/**
 * `rows` is what to draw, `end` the newest moment that is known, `latest` its values. `isDetail` says
 * that the rows show one stretch of the past and do not grow, `isGathered` that a
 * row stands for several samples. In milliseconds, `distance` is how far apart most rows are and
 * `reach` how far back they go.
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
 * What comes with a point, in milliseconds: how far apart points are meant to be, the first moment
 * that was recorded, NaN when there is none; and whether no other point follows at once.
 */
type Facts = {
  interval: number;
  recordedSince: number;
  isNewest: boolean;
};

/**
 * A question for /history: `from` and `to` as it takes them. `timeline` is the one that the answer is for.
 */
type Question = {
  series: string;
  from: string;
  to: string;
  timeline: ReturnType<typeof import('./timeline.js').makeTimeline> | null;
};

type Look = 'area' | 'hatched' | 'shade' | 'line' | 'dashed' | 'dotted';

/**
 * A series of a chart. `names` are paths in /system, as /history knows them, with `:max` behind the
 * name for the greatest instead of the mean; several are added up. `look` is how it is drawn, so
 * that colour is never all that tells two of them apart: an area, an area hatched because it is
 * waiting and not work, or a line with or without breaks. A peak says something only where samples
 * are gathered into one point. What is known of `without` is taken off.
 */
type ChartSeries = {
  id: string;
  label: string;
  names: string[];
  without?: string[];
  title?: string;
  look: Look;
  isPeak?: boolean;
};

/**
 * `isStacked`: areas stand on each other, lines do not. `isBinary`: the axis counts in powers of
 * two. `top` is where it ends.
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
 * What a chart needs of the page beside its scene: choices of the reader, and what is known now.
 */
type Today = {
  settings: {
    hiddenSeries: string[];
  };
  system: any;
  alerts: Alerts | null;
};

/**
 * What the charts need of the state of a page: both pages have it.
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
 * the whole window, or the last interval
 */
type Basis = 'average' | 'now';

/**
 * `live`: all is well. `waiting`: nothing came yet. `silent`: no answer. `refused`: an answer, but
 * an error. `stale`: answers, but nothing new in them. `silence` is in seconds.
 */
type Health = {
  state: 'live' | 'waiting' | 'silent' | 'refused' | 'stale';
  silence: number;
  detail: string | null;
};

/**
 * What is known of the answers so far. Times are milliseconds of the page's clock: when the last answer
 * came, when the last one with something new did, and since when the page is seen.
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
 * What is asked. `take` says whether the answer was still wanted; `movedAt` is when something new came
 * last, null before the first answer; while it `isCalm` there is nothing to ask; `beat` is called every
 * second.
 */
type Subject = {
  url: () => string;
  take: (response: Response) => Promise<boolean>;
  movedAt: () => number | null;
  isStale: (now: number, awakeSince: number) => boolean;
  isCalm?: ((isWell: boolean) => boolean) | undefined;
  beat?: ((awakeSince: number) => void) | undefined;
};

/**
 * What a row must be: it shows one item after another, so that scrolling makes no elements.
 * `focusable` is what of it takes the focus.
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
 * The choices of a reader. Each page has more of its own.
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
 * A moment, in milliseconds since the epoch, and what was measured then. `count` says how many
 * samples are in it; a row without any is a gap, where a line must break.
 */
type Row = {
  time: number;
  count: number;
  values: (number | null)[];
  isRecorded: boolean;
};

type Point = {
  time: number;
  values: (number | null)[];
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
 * How the values of two rows become one.
 */
type Part = (left: number | null, leftCount: number, right: number | null, rightCount: number) => number | null;
