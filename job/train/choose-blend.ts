import type { Clock } from '../clock.ts'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { BlendFindings } from '../data/run-manifest.ts'
import type { Engine } from '../engine/engine.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import type { MetricsAtK } from '../evaluate/metrics.ts'
import {
  type BlendOptions,
  type BlendPart,
  type ChosenBlendOptions,
  partKind,
  partOptions,
  usualChoices,
} from '../models/blend.ts'
import type { FitState, Model, ModelKind } from '../models/model.ts'
import type { Progress } from '../progress.ts'
import { type EpochLooks, searchBestEpoch } from './best-epoch.ts'
import { climbOf, type OpenPart, startingAs } from './blend-climbs.ts'
import { blendMetrics, blendSum, type Pool, poolCandidates } from './blend-pools.ts'
import { chooseParts, type PartsChoice, weighParts } from './blend-weights.ts'
import { climbOptions } from './climb.ts'
import { reckonSearch, SearchDeadline } from './search-time.ts'
import { rowsOfUsers, someUsers } from './some-users.ts'

export interface BlendSearch {
  options: BlendOptions
  engine: Engine
  /** Without what is held out, `[users, items]`. */
  ratings: CsrMatrix
  heldOut: CsrMatrix
  /** The last one that any part may be fitted for. */
  epochs: number
  seed: number
  clock: Clock
  progress: Progress
  signal: AbortSignal | undefined
  resumeHint: string
  /** What an earlier, interrupted search had found for parts, and where this one tells what it finds. */
  parts?: PartMemory
}

/** A part, chosen: what it is worth alone, to the users who were looked at, and its weights at the best epoch. */
export interface FoundPart {
  part: Omit<BlendPart, 'weight'>
  metrics: MetricsAtK
  state: FitState
}

/** Where parts that are found are kept, so that a search that is interrupted goes on with the next one. */
export interface PartMemory {
  load(model: string): Promise<FoundPart | undefined>
  save(found: FoundPart): Promise<void>
}

export interface ChosenBlend {
  options: ChosenBlendOptions
  /** As they were fitted on `ratings`, in the order of the options. */
  states: FitState[]
  /** Of the blend, on what was held out. */
  metrics: MetricsAtK
  /** The standard error of the blend's NDCG over users. */
  ndcgError: number
  findings: BlendFindings
  /** What would be chosen without each of its parts. */
  ablations: Ablation[]
}

/** The best blend without a part: the others as they are, with weights of its own. */
interface Ablation {
  without: string
  options: ChosenBlendOptions
}

/** Users that a blend is chosen by: more cost time and memory, and change little. */
const usersMax = 20_000

/**
 * Chooses what a blend leaves open: for each part its options, by a climb, and its epochs; then the weights. All by NDCG@10 on
 * what is held out. A part that is given no weight is left out.
 */
export async function chooseBlend(asked: BlendSearch): Promise<ChosenBlend> {
  const search = { ...asked, heldOut: rowsOfUsers(asked.heldOut, someUsers(asked.heldOut, usersMax)) }
  const { parts } = search.options
  const known = await Promise.all(parts.map(({ model }) => search.parts?.load(model)))
  const toFind = parts.filter((_, n) => known[n] === undefined)
  const deadline = new SearchDeadline(await reckonSearch(toFind, parts.length, search), search.clock)
  if (toFind.length > 0) search.progress.note(deadline.text)
  const found: FoundPart[] = []
  for (const [n, part] of parts.entries()) {
    const before = known[n]
    const starting = startingAs(
      part,
      found.map(({ part }) => part),
    )
    const mayTry = (longest: number) => deadline.allows(toFind.indexOf(part), longest)
    const chosen = before ?? (await findIfItFits(starting, search, mayTry))
    if (chosen === undefined) continue
    if (before === undefined) await search.parts?.save(chosen)
    found.push(chosen)
  }
  if (found.length > 0) return weigh(found, search)
  throw new NightjarError('BLEND_PARTS', {
    what: `none of ${search.options.parts.map(({ model }) => model).join(', ')} fits into memory`,
    why: `${search.ratings.rowCount} users, ${search.ratings.columnCount} items`,
    fix: 'leave rare items out (--min-count on import), or train one model with fewer hidden units or factors (--model, --option)',
  })
}

/**
 * What a part needs may be more than there is: the item half grows with the users, EASE with pairs of items. The others make
 * a blend without it; the last one must fit.
 */
async function findIfItFits(
  part: OpenPart,
  search: BlendSearch,
  mayTry: MayTry,
): Promise<FoundPart | undefined> {
  try {
    return await findPart(part, search, mayTry)
  } catch (error) {
    const isTooLarge = error instanceof NightjarError && tooLarge.includes(error.code)
    if (!isTooLarge || search.options.parts.length === 1) throw error
    search.progress.note(`${part.model} is left out: ${error.message} (${error.code})`)
    return undefined
  }
}

const tooLarge = ['ENGINE_MEMORY', 'EASE_ITEMS']

/** Whether there is time for one more trial of a part, whose longest so far took so many seconds. */
type MayTry = (longest: number) => boolean

async function findPart(part: OpenPart, search: BlendSearch, mayTry: MayTry): Promise<FoundPart> {
  const { model: name } = part
  const kind = partKind(name)
  // Who gives the epochs has chosen the options as well.
  const climb = part.epochs === null && !part.isFixed ? climbOf(name, search.ratings) : []
  let trials = 0
  let longest = 0
  let isCut = false
  let rival = { ndcg: 0, looks: [] as number[] }
  const tried = async (options: Record<string, unknown>) => {
    const began = search.clock.elapsedMs()
    const { looks, ...made } = await fitPart(kind, options, part.epochs, ++trials, rival.looks, search)
    longest = Math.max(longest, (search.clock.elapsedMs() - began) / 1000)
    const { ndcg } = made.metrics
    if (ndcg > rival.ndcg) rival = { ndcg, looks }
    return { score: ndcg, made }
  }
  const { made: best } = await climbOptions({ ...partOptions(part) }, climb, tried, () => {
    isCut = !mayTry(longest)
    return !isCut
  })
  search.progress.note(
    `${name}: ${trials} trial${trials === 1 ? '' : 's'}${isCut ? ' (there was no time for more)' : ''}, ${describe(best.part.options)}, epoch ${best.part.epochs}, held-out ndcg@10 ${best.metrics.ndcg.toFixed(4)}`,
  )
  return best
}

/** One trial: fits until nothing better comes, or the best trial before is out of reach; keeps the best epoch's weights. */
async function fitPart(
  kind: ModelKind,
  options: object,
  epochs: number | null,
  trial: number,
  rival: readonly number[],
  search: BlendSearch,
): Promise<FoundPart & { looks: number[] }> {
  const { engine, ratings, seed, progress } = search
  const model = await kind.create({ options, ratings, seed, engine, threads: engine.threads })
  try {
    let state: FitState | undefined
    const habits = { ...looksOf(kind, epochs, search.epochs), rival }
    const watch = { ...search, label: `${kind.name}, trial ${trial}` }
    const { epoch, metrics, looks } = await searchBestEpoch(model, search, habits, watch, async () => {
      state = { ...(await model.state()), memory: {} }
    })
    if (state === undefined) throw new Error(`${kind.name}: the best epoch has no weights`)
    return { part: { model: kind.name, options: { ...options }, epochs: epoch }, metrics, state, looks }
  } finally {
    progress.end()
    model.close()
  }
}

/** How a part is searched: as it would be alone. */
function looksOf({ oneEpoch, training }: ModelKind, given: number | null, most: number): EpochLooks {
  if (oneEpoch) return { epochs: 1, evalEvery: 1, patience: 0 }
  if (given !== null) return { epochs: given, evalEvery: given, patience: 0 }
  const { epochs = 100, evalEvery = 5, patience = 20 } = training ?? {}
  return { epochs: Math.min(epochs, most), evalEvery, patience }
}

async function weigh(found: readonly FoundPart[], search: BlendSearch): Promise<ChosenBlend> {
  const { engine, ratings, heldOut, seed, progress, signal, resumeHint } = search
  const models: Model[] = []
  try {
    for (const { part, state } of found) {
      const options = partOptions(part)
      const open = { options, ratings, seed, engine, threads: engine.threads, state }
      models.push(await partKind(part.model).create(open))
    }
    progress.start('weights', 1)
    // Finding everybody's candidates takes about as long as weighing the parts by them.
    const pools = await poolCandidates(models, ratings, heldOut, async (share) => {
      progress.update(share / 2)
      await new Promise(setImmediate)
      throwIfCancelled(signal, resumeHint)
    })
    const { weights, metrics, without } = weightsOf(found, search.options, pools, (share) =>
      progress.update((1 + share) / 2),
    )
    progress.end()
    const parts = weighted(found, weights)
    const only = (part: number) => found.map((_, n) => (n === part ? 1 : 0))
    progress.note(
      `blend: ${parts.map(({ model, weight }) => `${weight} ${model}`).join(' + ')}, held-out ndcg@10 ${metrics.ndcg.toFixed(4)}`,
    )
    return {
      options: { parts },
      states: found.filter((_, n) => weights[n] > 0).map(({ state }) => state),
      metrics,
      ndcgError: blendSum(pools, weights).ndcgError(),
      findings: {
        alone: found.map(({ part }, n) => worth(part.model, blendMetrics(pools, only(n)))),
        // What has no weight is not missed; the only one that has is not to be missed.
        without: without.flatMap((other, n) => {
          const left = weights[n] === 0 ? metrics : other?.metrics
          return left === undefined ? [] : worth(found[n].part.model, left)
        }),
      },
      ablations: without.flatMap((other, n) => {
        if (other === undefined) return []
        return { without: found[n].part.model, options: { parts: weighted(found, other.weights) } }
      }),
    }
  } finally {
    progress.end()
    for (const model of models) model.close()
  }
}

/** The parts that have a weight, with it. */
function weighted(found: readonly FoundPart[], weights: readonly number[]): BlendPart[] {
  return found.map(({ part }, n) => ({ ...part, weight: weights[n] })).filter(({ weight }) => weight > 0)
}

/** Those that were given, if all were. */
function weightsOf(
  found: readonly FoundPart[],
  { parts }: BlendOptions,
  pools: readonly Pool[],
  onClimb: (share: number) => void,
): PartsChoice {
  const given = found.flatMap((own) => parts.find(({ model }) => model === own.part.model)?.weight ?? [])
  if (given.length < found.length) return chooseParts(pools, usualWeights(found), onClimb)
  return weighParts(pools, given)
}

const usualWeights = (found: readonly FoundPart[]) => found.map(({ part }) => usualChoices[part.model].weight)

const worth = (model: string, { ndcg, f1 }: MetricsAtK) => ({ model, 'ndcg@10': ndcg, 'f1@10': f1 })

/** Options in a line. */
const describe = (options: Record<string, unknown>) =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(3)) : value}`)
    .join(', ')
