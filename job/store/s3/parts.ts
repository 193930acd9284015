import type { Body } from '../store.ts'

/**
 * A body in parts of one size, but for the last: R2 wants them equal. The last may be empty only where it is the first.
 * A body's chunks are copied, for their maker may use their memory again.
 */
export async function* inParts(body: Body, partBytes: number): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    for (let at = 0; at === 0 || at < body.length; at += partBytes) yield body.subarray(at, at + partBytes)
    return
  }
  let part = new Uint8Array(partBytes)
  let filled = 0
  let isFirst = true
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + partBytes - filled)
      part.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled < partBytes) continue
      yield part
      part = new Uint8Array(partBytes)
      filled = 0
      isFirst = false
    }
  }
  if (filled > 0 || isFirst) yield part.subarray(0, filled)
}
