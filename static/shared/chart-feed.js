// Collects what the charts draw: the past from /history, and each new point.

import { ChartRows } from './chart-rows.js';
import { NAMES } from './chart-set.js';
import { followLivePoints } from './live-points.js';
import { get } from './requests.js';

/** @type {ChartSource} */
const THIS_MACHINE = { names: NAMES, recorded: [], follow: followLivePoints, parameters: {} };

/** Milliseconds that a view must stay still before its data is requested. */
const SETTLED = 250;

/**
 * Dispatches `rows` on `target` with {@link Drawn} whenever there is more to draw.
 * @param {EventTarget} target
 * @param {EventTarget} feed the source of live points
 * @param {string} range a key of `RANGES`
 * @param {ChartSource} source
 * @returns {{follow: (range: string) => void, refill: () => void,
 *   look: (view: ?View) => void}}
 */
export function mountChartFeed(target, feed, range, source = THIS_MACHINE) {
  const rows = new ChartRows(source.names, source.recorded, range);
  let timer = 0;
  /** Identifies the newest request for a view; older answers are ignored. */
  let turn = 0;

  function publish() {
    const { drawn } = rows;
    if (drawn) target.dispatchEvent(new CustomEvent('rows', { detail: drawn }));
  }

  async function fill() {
    const question = rows.question(performance.now());
    if (question === null) return;
    const past = await ask(question, source.parameters);
    if (rows.answer(question, past, performance.now())) publish();
  }

  async function readDetail() {
    turn += 1;
    const mine = turn;
    const question = rows.detailQuestion();
    if (question === null) return;
    const past = await ask(question, source.parameters);
    if (mine === turn && rows.answerDetail(past)) publish();
  }

  source.follow(feed, (point, facts) => {
    const isNew = rows.add(point, facts, performance.now());
    if (!isNew || !facts.isNewest) return;
    publish();
    if (!Number.isNaN(facts.recordedSince)) fill();
    if (rows.isDetailMissing) readDetail();
  });

  return {
    follow(newRange) {
      rows.follow(newRange);
      if (rows.drawn === null) return;
      fill();
      publish();
    },
    /** The record has more of the past than before. */
    refill: () => rows.refill(),
    look(view) {
      turn += 1;
      clearTimeout(timer);
      const { isChanged, isMissing } = rows.look(view);
      if (isChanged) publish();
      if (isMissing) timer = setTimeout(readDetail, SETTLED);
    },
  };
}

/**
 * @param {Question} question
 * @param {Object<string, string>} parameters
 * @returns {Promise<?Past>} null without an answer
 */
async function ask({ series, from, to }, parameters) {
  try {
    const response = await get(`history?${new URLSearchParams({ ...parameters, series, from, to })}`);
    if (response.ok) return await response.json();
    // Nothing was recorded under these names. That is an answer; the rest comes live.
    return response.status === 400 ? { times: [], series: {}, step_seconds: 1, to: '' } : null;
  } catch {
    return null;
  }
}
