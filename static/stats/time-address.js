// The moment in the address of the page, `?t=2026-01-31T08:15:30.250Z`: every reader of the address sees the same.

/** RFC 3339, section 5.6, as people write it: seconds and their fraction are optional. */
const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * The moment in the address.
 * @returns {?{text: string, time: number}} null for the present; milliseconds since the
 *   epoch, or NaN if the text is not a time
 */
export function readMomentOfAddress() {
  // A plus sign that was not escaped arrives as a space.
  const text = new URLSearchParams(location.search).get('t')?.replace(' ', '+') ?? null;
  if (text === null) return null;
  return { text, time: FORM.test(text) ? Date.parse(text) : NaN };
}

/**
 * @param {?number} time milliseconds since the epoch, or null for the present
 * @param {boolean} isNew whether the browser's back button should lead to where the page was
 */
export function writeMomentToAddress(time, isNew) {
  const others = new URLSearchParams(location.search);
  others.delete('t');
  // Added by hand, because URLSearchParams would escape the colons.
  const moment = time === null ? [] : [`t=${new Date(time).toISOString()}`];
  const query = [...moment, others.toString()].filter(Boolean).join('&');
  const address = `${location.pathname}${query && `?${query}`}${location.hash}`;
  if (address === location.pathname + location.search + location.hash) return;
  try {
    if (isNew) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  } catch {
    // Browsers reject very frequent changes; the next step corrects the address.
  }
}
