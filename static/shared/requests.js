// How the page asks the server.

/** Milliseconds. */
const TIMEOUT = 5000;

// Newer than the type definitions of TypeScript 4.8.
const limited = () => /** @type {any} */ (AbortSignal).timeout(TIMEOUT);

/**
 * `no-cache` asks with the ETag of the stored answer: a poll faster than the tick costs a 304.
 * @param {string} url
 */
export function get(url) {
  return fetch(url, { cache: 'no-cache', signal: limited() });
}

/** @param {string} url */
export function post(url) {
  return fetch(url, { method: 'POST', signal: limited() });
}

/**
 * An answer that is an error, in the server's own words.
 * @param {Response} response
 * @returns {Promise<string>}
 */
export async function explain(response) {
  const problem = await response.json().catch(() => null);
  return problem?.detail ?? `The server answers ${response.status}.`;
}
