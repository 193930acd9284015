/** Long enough for a UUID and for what proxies make; nothing that a header, a log or a page would have to escape. */
const saneId = /^[\w.-]{1,64}$/

/**
 * The id of a request: the one that it came with, so that one id runs through all services that it passes; else
 * Cloudflare's; else a new one.
 */
export function requestIdOf(headers: Headers): string {
  for (const name of ['X-Request-Id', 'CF-Ray']) {
    const given = headers.get(name)
    if (given !== null && saneId.test(given)) return given
  }
  return crypto.randomUUID()
}
