// How the page asks the server.

const TIMEOUT = 5000;

/** `no-cache` asks with the ETag of the stored answer: a poll faster than the tick costs a 304. */
export function get(url) {
  return fetch(url, { cache: 'no-cache', signal: AbortSignal.timeout(TIMEOUT) });
}

export function post(url) {
  return fetch(url, { method: 'POST', signal: AbortSignal.timeout(TIMEOUT) });
}

/** An answer that is an error, in the server's own words. */
export async function explain(response) {
  const problem = await response.json().catch(() => null);
  return problem?.detail ?? `The server answers ${response.status}.`;
}
