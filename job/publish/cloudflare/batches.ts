import assert from 'node:assert'
import { NightjarError } from '../../errors.ts'
import type { KvPair } from '../kv-target.ts'
import { bodyBytesMax, keyBytesMax, pairsMax, valueBytesMax } from './limits.ts'

/**
 * Divides pairs, in their order, into as few bulk writes as the limits allow.
 *
 * @throws NightjarError KV_KEY, KV_VALUE_TOO_LARGE for what Cloudflare would refuse
 */
export function batchesOf(
  pairs: readonly KvPair[],
  limits = { pairs: pairsMax, bytes: bodyBytesMax },
): KvPair[][] {
  const batches: KvPair[][] = []
  let bytes = 0
  for (const pair of pairs) {
    checkPair(pair)
    const more = pairBytes(pair) + 1
    const last = batches.at(-1)
    // One bracket more than the commas and brackets counted with the pairs.
    if (last === undefined || last.length === limits.pairs || bytes + more > limits.bytes) {
      batches.push([pair])
      bytes = 1 + more
    } else {
      last.push(pair)
      bytes += more
    }
  }
  return batches
}

/** The body of a bulk write. No pair has an expiry: a version stays until it is deleted by name. */
export function bodyOf(pairs: readonly KvPair[]): Uint8Array {
  const size = pairs.reduce((sum, pair) => sum + pairBytes(pair) + 1, 1)
  const body = Buffer.allocUnsafe(size)
  let at = body.write('[')
  for (const [i, { key, value }] of pairs.entries()) {
    if (i > 0) at += body.write(',', at)
    at += body.write(head(key), at)
    at += body.write(
      Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
      at,
      'latin1',
    )
    at += body.write(tail, at)
  }
  at += body.write(']', at)
  assert.equal(at, size)
  return body
}

const head = (key: string) => `{"key":${JSON.stringify(key)},"value":"`
const tail = '","base64":true}'

function pairBytes({ key, value }: KvPair): number {
  return Buffer.byteLength(head(key)) + Math.ceil(value.byteLength / 3) * 4 + tail.length
}

function checkPair({ key, value }: KvPair): void {
  const keyBytes = Buffer.byteLength(key)
  if (keyBytes === 0 || keyBytes > keyBytesMax || key === '.' || key === '..') {
    throw new NightjarError('KV_KEY', {
      what: `Cloudflare takes no key ${JSON.stringify(key.slice(0, 40))} of ${keyBytes} bytes (1 to ${keyBytesMax}, not . or ..)`,
    })
  }
  if (value.byteLength > valueBytesMax) {
    throw new NightjarError('KV_VALUE_TOO_LARGE', {
      what: `"${key}" would be ${value.byteLength} bytes, Cloudflare takes ${valueBytesMax}`,
    })
  }
}
