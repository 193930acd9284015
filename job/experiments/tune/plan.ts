import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { CsrMatrix } from '../../data/csr-matrix.ts'
import { readJsonFile } from '../../data/json-file.ts'
import { NightjarError } from '../../errors.ts'
import type { ModelKind } from '../../models/model.ts'
import type { Store } from '../../store/store.ts'
import { drawn, grid, type Options, type Space } from './candidates.ts'

export const searches = ['random', 'grid', 'halving'] as const
export type Search = (typeof searches)[number]

/** Of successive halving: one in so many goes on to the next rung, for so many times as many epochs. */
const oneIn = 3

const planPath = 'plan.json'

const planSchema = z.object({
  format: z.literal('nightjar-tune'),
  schemaVersion: z.literal(1),
  /** sha256 of all that makes the search what it is. */
  digest: z.string(),
  model: z.string(),
  search: z.enum(searches),
  /** Options of each trial; its number is its place. */
  trials: z.array(z.record(z.string(), z.unknown())),
  /** How many of the best are trained, up to which epoch. Without halving there is one rung. */
  rungs: z.array(z.object({ trials: z.number().int(), epochs: z.number().int() })),
  evalEvery: z.number().int(),
  patience: z.number().int(),
  seed: z.number().int(),
})

/** All that a search will do, decided before it begins: `plan.json`. */
export type Plan = z.infer<typeof planSchema>

export interface PlanInput {
  kind: ModelKind
  search: Search
  space: Space
  fixed: Options
  /** Most trials of a search that draws them. */
  trials: number
  epochs: number
  evalEvery: number
  patience: number
  seed: number
  /** Rows to fit on and those to choose by, `[users, items]`. */
  ratings: CsrMatrix
  heldOut: CsrMatrix
}

export function makePlan(input: PlanInput): Plan {
  const { kind, search, space, fixed, seed, epochs, evalEvery, patience } = input
  const trials = search === 'grid' ? grid(kind, space, fixed) : drawn(kind, space, fixed, input.trials, seed)
  const plan = {
    ...{ model: kind.name, search, trials, evalEvery, patience, seed },
    rungs:
      search === 'halving' ? halving(trials.length, epochs, evalEvery) : [{ trials: trials.length, epochs }],
  }
  const hash = createHash('sha256').update(JSON.stringify(plan))
  for (const { rowOffsets, columns } of [input.ratings, input.heldOut])
    hash.update(rowOffsets).update(columns)
  const digest = hash.digest('hex')
  return { format: 'nightjar-tune', schemaVersion: 1, digest, ...plan }
}

/** The last rung has all of the epochs, and at least one trial; epochs are such as are looked at. */
function halving(trials: number, epochs: number, evalEvery: number): Plan['rungs'] {
  const rungs = [{ trials, epochs }]
  while (rungs[0].epochs / oneIn >= evalEvery && trials / oneIn ** rungs.length >= 1) {
    const below = rungs[0].epochs / oneIn
    rungs.unshift({ trials, epochs: evalEvery * Math.round(below / evalEvery) })
  }
  return rungs.map((rung, n) => ({ ...rung, trials: Math.max(1, Math.floor(trials / oneIn ** n)) }))
}

/**
 * Keeps the plan, or finds that it was kept already: by an earlier try, or by another shard.
 *
 * @throws NightjarError TUNE_OTHER where another search's lies there
 */
export async function keepPlan(store: Store, plan: Plan): Promise<void> {
  const text = new TextEncoder().encode(`${JSON.stringify(plan, null, 2)}\n`)
  if (await store.putIfAbsent(planPath, text)) return
  const there = await readJsonFile(store, planPath, planSchema, 'TUNE_PLAN')
  if (there.digest === plan.digest) return
  throw new NightjarError('TUNE_OTHER', {
    what: `${store.uri} holds another search (of ${there.model}, ${there.trials.length} trials)`,
    why: 'other options, another seed, or rows imported since',
    fix: 'search with the options that it began with, into another --out, or with --overwrite',
  })
}

/** Throws away whatever a search left. */
export async function discardSearch(store: Store): Promise<void> {
  for (const { key } of await store.list()) await store.delete(key)
}
