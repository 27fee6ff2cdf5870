// Polls the server every second and reports the state of the connection, in the same way on both pages.

import { explain, get } from './requests.js';

/** Milliseconds between two requests. */
export const PERIOD = 1000;
/** Missed polls that count as trouble; fewer are ignored. */
export const PATIENCE = 3;

/**
 * @param {Course} course
 * @param {number} now
 * @returns {Health}
 */
export function healthOf({ hasAnswer, isStale, detail, answeredAt, movedAt, awakeSince }, now) {
  const isPatient = now - Math.max(answeredAt, awakeSince) < PATIENCE * PERIOD;
  /** @type {Health['state']} */
  let state = hasAnswer ? 'live' : 'waiting';
  if (!isPatient) state = detail ? 'refused' : 'silent';
  else if (hasAnswer && isStale) state = 'stale';
  const since = state === 'stale' ? movedAt : answeredAt;
  return { state, silence: (now - since) / 1000, detail };
}

/**
 * Polls every second, and calls `report` with the {@link Health} every second and after each answer. Two
 * requests never overlap, and a hidden page sends none.
 * @param {Subject} subject
 * @param {(health: Health) => void} report
 * @returns {{ask: () => void}} polls at once, or as soon as the current request is answered; for when
 *   there is something new
 */
export function mountPolling({ url, receive, movedAt, isStale, isIdle, onTick }, report) {
  let isAsking = false;
  let asksAgain = false;
  let isOk = false;
  let timer = 0;
  /** @type {?string} */
  let detail = null;
  let answeredAt = performance.now();
  let awakeSince = answeredAt;

  async function ask() {
    asksAgain = isAsking;
    if (isAsking) return;
    isAsking = true;
    try {
      const response = await get(url());
      isOk = response.ok;
      if (!isOk) {
        detail = await explain(response);
      } else if (await receive(response)) {
        detail = null;
        answeredAt = performance.now();
      }
    } catch {
      // `answeredAt` shows a silence of any cause.
      isOk = false;
      detail = null;
    } finally {
      isAsking = false;
    }
    reportHealth();
    if (asksAgain) ask();
  }

  function reportHealth() {
    const now = performance.now();
    const moved = movedAt();
    report(healthOf({
      hasAnswer: moved !== null, isStale: isStale(now, awakeSince), detail, answeredAt,
      movedAt: moved ?? answeredAt, awakeSince,
    }, now));
  }

  function tick() {
    const idle = !isAsking && (isIdle?.(isOk) ?? false);
    // When nothing is due, no request counts as an answer.
    if (idle) answeredAt = performance.now();
    // A request that hangs must not stop the clock of the banner.
    reportHealth();
    onTick?.(awakeSince);
    if (!idle && !isAsking) ask();
  }

  function follow() {
    clearInterval(timer);
    if (document.hidden) return;
    awakeSince = performance.now();
    timer = setInterval(tick, PERIOD);
    ask();
    tick();
  }

  document.addEventListener('visibilitychange', follow);
  follow();
  return { ask };
}
