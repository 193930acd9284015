import { createHash } from 'node:crypto'
import { NightjarError } from '../errors.ts'
import type { Store } from './store.ts'

/** Bytes that are read at a time. */
const pieceBytes = 16 << 20

/**
 * sha256 of a file, lower-case hex, read piece by piece: a file may be larger than memory.
 *
 * @throws NightjarError NOT_FOUND where there is no such file
 */
export async function sha256Of(store: Store, key: string): Promise<string> {
  const size = await store.size(key)
  if (size === undefined) throw new NightjarError('NOT_FOUND', { what: `no such file: ${store.uri}/${key}` })
  const hash = createHash('sha256')
  for (let offset = 0; offset < size; offset += pieceBytes) {
    hash.update(await store.read(key, { offset, length: Math.min(pieceBytes, size - offset) }))
  }
  return hash.digest('hex')
}
