import * as z from 'zod'
import { readJsonFile, writeJsonFile } from '../data/json-file.ts'
import { scorePart } from '../data/run-manifest.ts'
import type { Engine } from '../engine/engine.ts'
import { NightjarError } from '../errors.ts'
import { nightjarVersion } from '../nightjar-version.ts'
import type { Store } from '../store/store.ts'
import { type ListShape, listShape } from './lists.ts'
import type { PartPlace, Shard } from './part-places.ts'

/** Who computes lists: on another engine the last bits of a score may differ. */
const maker = z.object({
  engine: z.string(),
  backend: z.string().optional(),
  device: z.string().optional(),
  nightjar: z.string(),
  commit: z.string().nullable(),
})
export type Maker = z.infer<typeof maker>

/** `scores/shard-I-of-N.json`: written last, it vouches for the parts of a shard. See docs/formats.md. */
const shardReceipt = z.object({
  format: z.literal('nightjar-shard'),
  schemaVersion: z.literal(1),
  shard: z.number().int().nonnegative(),
  of: z.number().int().positive(),
  lists: listShape,
  maker,
  /** Users whose list is shorter than k. */
  shortLists: z.number().int().nonnegative(),
  parts: z.array(scorePart),
})
export type ShardReceipt = z.infer<typeof shardReceipt>

export function makerOn({ name, backend, device }: Engine): Maker {
  const { version, commit } = nightjarVersion()
  return {
    engine: name,
    ...(backend === undefined ? {} : { backend }),
    ...(device === undefined ? {} : { device }),
    nightjar: version,
    commit,
  }
}

/** A maker as a line of text; equal for equal ones. */
export function makerText({ engine, backend, device, nightjar, commit }: Maker): string {
  const where = [backend, device].filter((part) => part !== undefined).join(', ')
  return `${engine}${where && ` (${where})`}, nightjar ${nightjar}${commit === null ? '' : ` at ${commit}`}`
}

/** Undefined where there is none, or nothing that can be read as one: then the shard is to be written anew. */
export async function readReceipt(store: Store, shard: Shard): Promise<ShardReceipt | undefined> {
  const path = receiptPath(shard)
  if ((await store.size(path)) === undefined) return undefined
  try {
    return await readJsonFile(store, path, shardReceipt, 'SHARD_RECEIPT')
  } catch (error) {
    if (error instanceof NightjarError && error.code === 'SHARD_RECEIPT') return undefined
    throw error
  }
}

export async function writeReceipt(
  store: Store,
  shard: Shard,
  told: Pick<ShardReceipt, 'lists' | 'maker' | 'shortLists' | 'parts'>,
): Promise<void> {
  const receipt: ShardReceipt = {
    format: 'nightjar-shard',
    schemaVersion: 1,
    shard: shard.index,
    of: shard.of,
    ...told,
  }
  await writeJsonFile(store, receiptPath(shard), receipt)
}

/** What a receipt says otherwise than it should, in words; undefined where it is of these lists and these parts. */
export function foreignIn(
  receipt: ShardReceipt,
  shape: ListShape,
  places: readonly PartPlace[],
): string | undefined {
  for (const key of Object.keys(shape) as (keyof ListShape)[]) {
    const [found, wanted] = [receipt.lists[key], shape[key]]
    if (found !== wanted) return `its ${key} is ${short(found)}, want ${short(wanted)}`
  }
  const told = receipt.parts.map((part) => `${part.path} ${part.firstUser} ${part.lastUser}`)
  const wanted = places.map((place) => `${place.path} ${place.first} ${place.end - 1}`)
  return told.join() === wanted.join() ? undefined : `its parts are [${told}], want [${wanted}]`
}

function receiptPath({ index, of }: Shard): string {
  return `scores/shard-${index}-of-${of}.json`
}

/** Twelve digits tell digests apart. */
function short(value: string | number | boolean): string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
    ? `${value.slice(0, 12)}...`
    : String(value)
}
