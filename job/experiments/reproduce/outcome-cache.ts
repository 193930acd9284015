import { createHash } from 'node:crypto'
import * as z from 'zod'
import { readJsonFile, writeJsonFile } from '../../data/json-file.ts'
import { NightjarError } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import type { EpochSearch } from './epoch-search.ts'
import type { Outcome, OutcomeCause } from './outcome.ts'

const count = z.number().int().nonnegative()
const counts = (most: number) => z.array(count.max(most)).transform((values) => Uint32Array.from(values))

const outcomeFile = z
  .object({
    format: z.literal('nightjar-outcome-1'),
    facts: z.object({
      model: z.string(),
      dataDigest: z.string(),
      options: z.record(z.string(), z.unknown()),
      epochs: count,
      seed: count,
      engine: z.string(),
      threads: count,
      fitSeconds: z.number().nonnegative(),
      rankSeconds: z.number().nonnegative(),
      version: z.string(),
      commit: z.string().nullable(),
      at: z.string(),
    }),
    users: counts(0xffffffff),
    relevant: counts(0xffffffff),
    hitRanks: counts(1023).transform((ranks) => Uint16Array.from(ranks)),
    hitItems: counts(0xffffffff),
  })
  .refine(
    ({ users, relevant, hitRanks, hitItems }) =>
      relevant.length === users.length &&
      hitRanks.length === users.length &&
      hitItems.length === hits(hitRanks),
    'arrays of different lengths',
  )

const searchFile = z.object({
  format: z.literal('nightjar-epochs-1'),
  options: z.record(z.string(), z.unknown()).optional(),
  ablations: z
    .array(z.object({ without: z.string(), options: z.record(z.string(), z.unknown()) }))
    .optional(),
  epochs: count.min(1),
  ndcg10: z.number(),
  lastEpoch: count,
  seconds: z.number(),
})

/**
 * What was fitted before, by what decides it: data, model, options, epochs and seed. A reproduction that was stopped goes on
 * from here, and one with more seeds or tables fits no more than those. Files are written whole or not at all; one that
 * cannot be read is as good as none.
 */
export class OutcomeCache {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async outcome(cause: OutcomeCause): Promise<Outcome | undefined> {
    const found = await this.#read(outcomeKey(cause), outcomeFile)
    if (found === undefined) return undefined
    const { format: _, ...outcome } = found
    return outcome
  }

  async saveOutcome({ facts, users, relevant, hitRanks, hitItems }: Outcome): Promise<void> {
    await writeJsonFile(this.#store, outcomeKey(facts), {
      format: 'nightjar-outcome-1',
      facts,
      ...{ users: plain(users), relevant: plain(relevant) },
      ...{ hitRanks: plain(hitRanks), hitItems: plain(hitItems) },
    })
  }

  /** @param cause all that decides the search: its options and habits, and what it is run on */
  async search(cause: object): Promise<EpochSearch | undefined> {
    const found = await this.#read(searchKey(cause), searchFile)
    if (found === undefined) return undefined
    const { format: _, ...search } = found
    return search
  }

  async saveSearch(cause: object, search: EpochSearch): Promise<void> {
    await writeJsonFile(this.#store, searchKey(cause), { format: 'nightjar-epochs-1', ...search })
  }

  async #read<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    if ((await this.#store.size(key)) === undefined) return undefined
    try {
      return await readJsonFile(this.#store, key, schema, 'CACHE_FILE')
    } catch (error) {
      if (error instanceof NightjarError && error.code === 'CACHE_FILE') return undefined
      throw error
    }
  }
}

function outcomeKey({ model, dataDigest, options, epochs, seed }: OutcomeCause): string {
  return `outcomes/${model}-${digestOf({ model, dataDigest, options, epochs, seed })}.json`
}

function searchKey(cause: object): string {
  return `epochs/${digestOf(cause)}.json`
}

/** Of a value's JSON, whatever the order of its fields. */
function digestOf(value: object): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered(value)))
    .digest('hex')
    .slice(0, 32)
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (value === null || typeof value !== 'object') return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, ordered(field)]))
}

function plain(values: Uint32Array | Uint16Array): number[] {
  return Array.from(values)
}

function hits(hitRanks: Uint16Array): number {
  let bits = 0
  for (const ranks of hitRanks) for (let rest = ranks; rest !== 0; rest &= rest - 1) bits++
  return bits
}
