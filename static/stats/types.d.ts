// The types that the modules of this folder share: for tsc and for readers. The server does not serve this file.

type Item = {
  element: HTMLElement;
  update: (alert: Alert, elapsed: number) => void;
};

type EventName = 'system' | 'alert' | 'recorder';

/**
 * The connection through which an open page receives events.
 */
type Line = {
  watch: () => void;
  leave: () => void;
};

type EventHandler = (name: EventName, value: any) => void;

/**
 * The answer of /explain, the busiest processes first.
 */
type Explanation = {
  from: string;
  to: string;
  measured_seconds: number;
  measured_seconds_before: number;
  busy_seconds: number | null;
  coverage_percent: number | null;
  processes_total: number;
  processes: Consumer[];
};

type Consumer = {
  pid: number;
  name: string;
  user: string | null;
  start_time: string;
  cpu_seconds: number;
  user_seconds: number;
  system_seconds: number;
  children_seconds: number;
  cpu_seconds_before: number;
  new: boolean;
  ended: boolean;
  kernel: boolean;
};

/**
 * A query and its answer: while it is `asking`, the answer is that of the previous query. `detail` is the
 * server's explanation of a failure, or null if the server was silent.
 */
type Explained = {
  range: View;
  state: 'asking' | 'shown' | 'missing' | 'failed';
  answer: Explanation | null;
  detail: string | null;
};

type Sample = {
  sequence: string | null;
  sampledAt: Date | null;
  bornAt: number;
  interval: number;
  window: number | null;
  cpuCount: number | null;
  hostName: string | null;
  processes: Process[];
};

/**
 * The parts of the answer of /system that the page uses.
 */
type System = {
  sampled_at: string;
  window_seconds: number | null;
  cpu_count: number;
  last_gap: {
    ended_at: string;
    seconds: number;
  } | null;
  cpu: {
    now: Figures | null;
    window: Figures | null;
  };
  ledger: {
    now: Figures | null;
    window: Figures | null;
  };
  coverage_advice: Advice[];
  interval_seconds?: number | null;
  recorder?: Recorder;
  self: {
    cpu_percent: {
      now: number | null;
      window: number | null;
    };
    rss_bytes: number | null;
  };
};

/**
 * By their names in /system.
 */
type Figures = {
  [x: string]: number;
};

type Advice = {
  reason: string;
  remedy: string;
};

/**
 * All figures are percent of one CPU, except `coverage`, which is percent of the busy time of the whole window,
 * because in one second of an idle machine a single tick is most of it. `parts` and the idle rest fill
 * `capacity`.
 */
type Ledger = {
  capacity: number;
  busy: number;
  coverage: number;
  parts: {
    processes: number;
    ended: number;
    kernel: number;
    steal: number;
    unaccounted: number;
    idle: number;
  };
};

/**
 * `missing`: the server has no sample of that moment. `failed`: it did not answer; `detail` is its explanation,
 * or null if it was silent. `before` and `after` are the moments of the samples next to the shown one, in
 * milliseconds since the epoch, or null if they are farther away than the page looked.
 */
type Moment = {
  state: 'shown' | 'missing' | 'failed';
  sample: Sample | null;
  system: System | null;
  trails: Trails | null;
  before: number | null;
  after: number | null;
  detail: string | null;
};

type Read = (name: string) => number | null;

/**
 * The recorder as /start, /stop and /system report it. Times are RFC 3339.
 */
type Recorder = {
  recording: boolean;
  reason: string | null;
  switched_on: boolean;
  since: string;
  file: string | null;
  size_bytes: number;
  limit_bytes: number;
  oldest: string | null;
  flushed_through: string | null;
  held_samples: number;
  lost_samples: number;
};

/**
 * `recording`: samples reach the file. `off`: it is switched off. `failing`: it is switched on, but nothing
 * reaches the file.
 */
type RecorderMark = 'recording' | 'off' | 'failing';

/**
 * `sample` and `system` are the ones on the screen; while the page is paused or in the past, `newest` and
 * `newestSystem` are ahead of them. `past` is the moment of the past, and null in the present. `system` is
 * undefined before the first answer and null once there is none any more. `recorder` is its newest known state,
 * paused or not, and `recorderSwitch` the state of the button. `view` is what the charts show, null while they
 * follow the newest sample; `chartRows` is what they draw of it and `liveRows` what they return to.
 */
type State = {
  settings: Settings & {
    filter: string;
  };
  sample: Sample | null;
  newest: Sample | null;
  system: (System | undefined) | null;
  newestSystem: (System | undefined) | null;
  recorder: Recorder | null;
  recorderSwitch: RecorderSwitch;
  alerts: Alerts | null;
  view: View | null;
  chartRows: Drawn | null;
  liveRows: Drawn | null;
  rows: Process[];
  totals: ReturnType<typeof import('../shared/rows.js').totals>;
  health: Health;
  held: boolean;
  paused: boolean;
  past: PastShown | null;
  explained: Explained | null;
  trails: Trails;
  adviceDismissed: boolean;
};

/**
 * `answer` is the last state of the recorder that the server answered.
 */
type RecorderSwitch = {
  isPending: boolean;
  answer: Recorder | null;
  failure: string | null;
};

/**
 * The past that is on the screen. `moment` is the requested one in milliseconds since the epoch, or, once it is
 * shown, that of its sample; NaN if the address contains `text`, which is not a time.
 * While it is `asking`, the sample is the previously shown one. `edge` says why a step led
 * nowhere.
 */
type PastShown = Omit<Moment, 'state'> & {
  moment: number;
  text: string | null;
  state: 'asking' | 'shown' | 'missing' | 'failed';
  edge: string | null;
};

/**
 * CPU use of processes at common moments. `times` are milliseconds since the epoch, ascending; a trail has a
 * value for each of them, in percent of one CPU, or null if the process did not exist. A process that used no
 * CPU has no trail. `step` is how many milliseconds most samples cover.
 */
type Trails = {
  times: number[];
  step: number;
  of: (key: string) => ((number | null)[] | undefined);
};
