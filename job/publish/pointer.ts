import * as z from 'zod'
import { currentKey, metaKey } from '../../shared/kv-keys.ts'
import type { CurrentPointer, VersionMeta } from '../../shared/version-meta.ts'
import { NightjarError } from '../errors.ts'
import type { KvTarget } from './kv-target.ts'

const currentPointer: z.ZodType<CurrentPointer> = z.object({
  current: z.string(),
  previous: z.string().nullable(),
  pinned: z.string().nullable(),
  retained: z.array(z.string()),
  runs: z.record(z.string(), z.string()).exactOptional(),
  publishedAt: z.string(),
})

const versionMeta: z.ZodType<VersionMeta> = z.object({
  versionId: z.string(),
  digest: z.string(),
  model: z.string(),
  dataCutoff: z.string(),
  trainedAt: z.string(),
  users: z.number().int(),
  items: z.number().int(),
  k: z.number().int(),
  userBucketCount: z.number().int().positive(),
  itemBucketCount: z.number().int().positive(),
  metrics: z.record(z.string(), z.number()),
  historyMax: z.number().int().exactOptional(),
  foldIn: z
    .object({
      digest: z.string(),
      hidden: z.number().int(),
      parts: z.number().int(),
      metrics: z.record(z.string(), z.number()),
    })
    .exactOptional(),
})

/**
 * Which version is served; undefined where nothing was ever published.
 *
 * @throws NightjarError KV_DAMAGED where it is not of this shape
 */
export function readPointer(target: KvTarget): Promise<CurrentPointer | undefined> {
  return readJson(target, currentKey, currentPointer)
}

export async function writePointer(target: KvTarget, pointer: CurrentPointer): Promise<void> {
  await target.putMany([{ key: currentKey, value: encodeJson(pointer) }])
}

/**
 * A version's own description; undefined where it has none.
 *
 * @throws NightjarError KV_DAMAGED where it is not of this shape
 */
export function readMeta(target: KvTarget, versionId: string): Promise<VersionMeta | undefined> {
  return readJson(target, metaKey(versionId), versionMeta)
}

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

async function readJson<T>(target: KvTarget, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const bytes = await target.get(key)
  if (bytes === undefined) return undefined
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new NightjarError('KV_DAMAGED', {
      what: `${target.name}: the value of "${key}" is not of the shape that nightjar writes`,
      why: 'it was written by hand, or by another version of nightjar',
      cause,
    })
  }
}
