/** Long enough that guessing is hopeless; `openssl rand -hex 24` writes 48. */
const keyLengthMin = 16
const keyLengthMax = 128

const nameForm = /^[\w.-]{1,64}$/

/** What `Authorization: Bearer` can carry (RFC 6750), of our lengths. */
const keyForm = new RegExp(`^(?=.{${keyLengthMin},${keyLengthMax}}$)[\\w.~+/-]+=*$`)

/** A key as it is compared. */
export interface ApiKey {
  /** For logs, metrics and limits; several keys may share one, while one replaces the other. */
  name: string
  padded: Uint8Array
}

/** `API_KEYS` is not what it must be. The message says where, and quotes nothing: it is a secret. */
export class ApiKeysError extends Error {
  override readonly name = 'ApiKeysError'
}

/**
 * The keys in `API_KEYS`: `name=key` pairs, between commas or white space.
 *
 * @throws ApiKeysError also for a text without any pair: a secret that was set by mistake must not open the doors
 */
export function parseApiKeys(text: string): ApiKey[] {
  const pairs = text.split(/[\s,]+/).filter((pair) => pair !== '')
  if (pairs.length === 0) throw new ApiKeysError('API_KEYS is set, and holds no name=key pair')
  const seen = new Set<string>()
  return pairs.map((pair, i) => {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(equals, 0))
    const key = pair.slice(equals + 1)
    const wrong = (why: string) => new ApiKeysError(`API_KEYS, pair ${i + 1} of ${pairs.length}: ${why}`)
    if (!nameForm.test(name)) {
      throw wrong('want name=key, with a name of 1 to 64 letters, digits, dots, dashes or underscores')
    }
    if (!keyForm.test(key)) {
      throw wrong(
        `want a key of ${keyLengthMin} to ${keyLengthMax} letters, digits or -._~+/, then = signs if any`,
      )
    }
    if (seen.has(key)) throw wrong('the key is one of the pairs before it too')
    seen.add(key)
    return { name, padded: pad(key) }
  })
}

/**
 * The name of a key that was shown; undefined where it is none of ours.
 *
 * Takes the same time for every key that has the form of one: all keys are compared, each byte for byte to its end.
 */
export function keyName(keys: readonly ApiKey[], shown: string): string | undefined {
  if (!keyForm.test(shown)) return undefined
  const padded = pad(shown)
  let name: string | undefined
  for (const key of keys) {
    if (crypto.subtle.timingSafeEqual(padded, key.padded)) name = key.name
  }
  return name
}

const encoder = new TextEncoder()

/** To equal lengths. No key holds a zero byte, so different keys stay different. */
function pad(key: string): Uint8Array {
  const padded = new Uint8Array(keyLengthMax)
  encoder.encodeInto(key, padded)
  return padded
}
