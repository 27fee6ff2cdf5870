// Marks in a chart the time during which an alert fired.

import { alertSpans } from './alerts.js';

/**
 * @param {HTMLElement} overlay lies over the plot and is as wide as the view
 * @returns {(view: View, alerts: ?Alerts) => void}
 */
export function mountChartMarks(overlay) {
  /** @type {Map<string, HTMLElement>} */
  let marks = new Map();

  return function update({ from, to }, alerts) {
    const shown = new Map();
    for (const span of alertSpans(alerts)) {
      if (span.to < from || span.from > to) continue;
      const mark = marks.get(span.key) ?? makeMark(overlay);
      const left = Math.max(0, (span.from - from) / (to - from));
      const right = Math.max(0, (to - span.to) / (to - from));
      mark.style.left = percent(left);
      mark.style.right = percent(right);
      mark.dataset.begins = String(span.from >= from);
      mark.dataset.ends = String(span.to <= to);
      shown.set(span.key, mark);
    }
    for (const [key, mark] of marks) if (!shown.has(key)) mark.remove();
    marks = shown;
  };
}

/** @type {(share: number) => string} */
const percent = (share) => `${(100 * share).toFixed(2)}%`;

/** @type {(overlay: HTMLElement) => HTMLElement} */
function makeMark(overlay) {
  const mark = document.createElement('div');
  mark.className = 'chart-mark';
  overlay.prepend(mark);
  return mark;
}
