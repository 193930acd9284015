/** What Cloudflare takes, by its documents of 2026. `docs/reference/limits.md` has where each is from, and its test. */
export const pairsMax = 10_000
export const keyBytesMax = 512
export const valueBytesMax = 25 * 1024 * 1024
/** Requests of all of a user's clients in any five minutes. */
export const requestsMax = 1200
export const requestsWindowMs = 300_000

/**
 * Bytes of one request's body. Cloudflare takes 100 MB; less is lost where one has to be sent again, and the largest
 * value still fits, in base64.
 */
export const bodyBytesMax = 40_000_000
