// Formats values as text for people. No DOM.

/** Shown for a number that is not known yet. */
export const UNKNOWN = '–';

/** @param {?number|undefined} value percent of one CPU */
export function formatPercent(value) {
  return value === null || value === undefined ? UNKNOWN : value.toFixed(2);
}

/** @param {?number|undefined} percent of one CPU, shown as a number of CPUs */
export function formatCPUs(percent) {
  return percent === null || percent === undefined ? UNKNOWN : (percent / 100).toFixed(2);
}

/**
 * Rounded down: only full coverage reads "100.0 %".
 * @type {(percent: number) => string}
 */
export function formatCoverage(percent) {
  return `${(Math.floor(percent * 10 + 1e-6) / 10).toFixed(1)} %`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/**
 * The unit in which a number of bytes reads best, as a power of 1024.
 * @type {(bytes: number) => number}
 */
function unitOf(bytes) {
  let unit = 0;
  // 999.5 and not 1024, so that the number never needs four digits.
  while (bytes / 1024 ** unit >= 999.5 && unit < UNITS.length - 1) unit += 1;
  return unit;
}

/** @type {(bytes: number, unit: number) => string} */
function inUnit(bytes, unit) {
  const value = bytes / 1024 ** unit;
  return unit > 0 && value < 99.95 ? value.toFixed(1) : String(Math.round(value));
}

/** @param {?number|undefined} bytes */
export function formatBytes(bytes) {
  if (bytes === null || bytes === undefined) return UNKNOWN;
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${UNITS[unit]}`;
}

/**
 * How much of a limit is used, both in the unit of the limit: "12.0 of 256 MiB".
 * @type {(bytes: number, budget: number) => string}
 */
export function formatBytesOf(bytes, budget) {
  const unit = unitOf(budget);
  return `${inUnit(bytes, unit)} of ${inUnit(budget, unit)} ${UNITS[unit]}`;
}

/**
 * A span of time, deliberately coarse: a reader wants "3 min", not "187.2 s".
 * @type {(seconds: number) => string}
 */
export function formatSpan(seconds) {
  if (seconds < 1) return '< 1 s';
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/**
 * A measured duration: 0.97 s between two samples is "1 s", but a tenth stays a tenth.
 * @type {(seconds: number) => string}
 */
export function formatSeconds(seconds) {
  return `${seconds < 9.95 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
}

/** @param {?Date|undefined} date */
export function formatClock(date) {
  return date ? date.toLocaleTimeString(undefined, { hour12: false }) : UNKNOWN;
}

/**
 * A moment that may be days ago, so the clock time alone is not enough.
 * @type {(date: Date) => string}
 */
export function formatMoment(date) {
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short', hour12: false });
}

/**
 * To the second, with the day unless it is today.
 * @type {(date: Date) => string}
 */
export function formatWhen(date) {
  if (date.toDateString() === new Date().toDateString()) return formatClock(date);
  return date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium', hour12: false });
}

/** @param {number} count with thin spaces between thousands, which no locale misreads */
export function formatCount(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

// Characters that draw nothing, break the line or change the direction of the text around them.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * A name with all hidden characters visible: a process can have any name, and a line break or a right-to-left
 * override must not change how the rest of the row reads.
 * @param {string} text
 */
export function visibleText(text) {
  if (text === '') return '(empty)';
  const shown = text.replace(INVISIBLE, (character) => {
    if (character === '\n') return '\u21b5';
    if (character === '\t') return '\u21e5';
    const code = character.codePointAt(0) ?? 0;
    return `\u2039U+${code.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
  });
  return shown.trim() === '' ? '\u2423'.repeat(shown.length) : shown;
}

/**
 * How hot a value is, 0 to 4, by the usual thresholds of monitors (50, 70 and 90 % of a CPU).
 * The page tints by this level, always in addition to the number itself.
 * @param {?number|undefined} percent
 */
export function heatLevel(percent) {
  return [10, 50, 70, 90].filter((threshold) => (percent ?? 0) >= threshold).length;
}
