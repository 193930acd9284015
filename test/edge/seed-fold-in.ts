import { env } from 'cloudflare:workers'
import { encodeFoldInPart, type FoldInHead, type FoldInPart } from '../../shared/fold-in-part.ts'
import { foldInHeadKey, foldInPartKey } from '../../shared/kv-keys.ts'
import type { VersionMeta } from '../../shared/version-meta.ts'

/** Not a multiple of a SIMD vector. */
const hidden = 20

/** A fold-in component of seeded noise; the same for the same items. */
export function madeFoldIn(itemIds: string[], parts = 1): { head: FoldInHead; parts: FoldInPart[] } {
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const bytes = (length: number) => Int8Array.from({ length }, () => Math.round(254 * random() - 127))
  const reals = (length: number) => Float32Array.from({ length }, () => 0.02 * random())
  const size = Math.ceil(itemIds.length / parts)
  return {
    head: { items: itemIds.length, hidden, parts, hiddenBias: [...reals(hidden)] },
    parts: Array.from({ length: parts }, (_, n) => {
      const own = itemIds.slice(n * size, (n + 1) * size)
      return {
        itemIds: own,
        encoder: bytes(own.length * hidden),
        encoderScales: reals(own.length),
        decoder: bytes(own.length * hidden),
        decoderScales: reals(own.length),
        outputBias: reals(own.length),
      }
    }),
  }
}

/** Puts a fold-in component into a version, as `nightjar publish` does; returns what its meta says of it. */
export async function putFoldIn(
  versionId: string,
  itemIds: string[],
  partCount = 1,
): Promise<NonNullable<VersionMeta['foldIn']>> {
  const { head, parts } = madeFoldIn(itemIds, partCount)
  for (const [n, part] of parts.entries()) {
    await env.LISTS.put(foldInPartKey(versionId, n), encodeFoldInPart(part, hidden))
  }
  await env.LISTS.put(foldInHeadKey(versionId), JSON.stringify(head))
  return { digest: 'f'.repeat(64), hidden, parts: partCount, metrics: {} }
}
