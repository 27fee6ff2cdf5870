// Sends the page's requests to the server.

/** Milliseconds. */
const TIMEOUT = 5000;

// Newer than the type definitions of TypeScript 4.8.
const limited = () => /** @type {any} */ (AbortSignal).timeout(TIMEOUT);

/**
 * `no-cache` sends the ETag of the stored answer, so a poll faster than the sampling costs a 304.
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
 * The detail of an error answer, in the server's words.
 * @param {Response} response
 * @returns {Promise<string>}
 */
export async function explain(response) {
  const problem = await response.json().catch(() => null);
  return problem?.detail ?? `The server answers ${response.status}.`;
}
