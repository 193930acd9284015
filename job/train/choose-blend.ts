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
import { easeKind } from '../models/ease.ts'
import { type IalsOptions, ialsKind } from '../models/ials.ts'
import { itemKnnKind } from '../models/item-knn.ts'
import type { FitState, Model, ModelKind } from '../models/model.ts'
import { rp3betaKind } from '../models/rp3beta.ts'
import { itemAutoencoderKind, userAutoencoderKind } from '../models/weighted-autoencoder.ts'
import type { Progress } from '../progress.ts'
import { type EpochLooks, searchBestEpoch } from './best-epoch.ts'
import { blendMetrics, blendSum, type Pool, poolCandidates } from './blend-pools.ts'
import { chooseParts, type PartsChoice, weighParts } from './blend-weights.ts'
import { type Climb, climbOptions } from './climb.ts'
import { rowsOfUsers, someUsers } from './some-users.ts'

/**
 * What is climbed for a part, from its defaults on. What is not here changes little, or is left to the data by a rule
 * (docs/log.md).
 */
function climbOf(model: string, { rowCount, columnCount }: CsrMatrix): Climb {
  // Better alone is not better beside the others: on Video Games its defaults are worth more to them than its best options.
  if (model === itemKnnKind.name || model === rp3betaKind.name) return []
  if (model === easeKind.name) return [{ option: 'l2', factor: 2, from: 5, to: 5000 }]
  const unobserved = { option: 'unobserved', factor: 3, from: 0.005, to: 0.7 }
  if (model !== ialsKind.name) return [unobserved]
  const l2 = { option: 'l2', from: 0.05, to: 100 }
  // Twice the factors are four to eight times the work.
  const factorsMost = Math.min(512, Math.min(rowCount, columnCount) / 4)
  return [
    { ...l2, factor: 2 },
    { option: 'factors', factor: 2, from: 1, to: factorsMost, leastGain: 0.005 },
    { ...unobserved, along: { l2: l2Along(unobserved.factor) } },
    { ...l2, factor: 1.5 },
    { ...unobserved, factor: 2 },
  ]
}

/**
 * What a row's penalty is multiplied by when the weight of unobserved cells is: a row weighs more with them, and needs a
 * stronger one. Between the best values on two sets of data it grew about as the root.
 */
const l2Along = (unobservedBy: number) => Math.sqrt(unobservedBy)

export interface BlendSearch {
  options: BlendOptions
  engine: Engine
  /** Without what is held out, `[users, items]`. */
  ratings: CsrMatrix
  heldOut: CsrMatrix
  /** The last one that any part may be fitted for. */
  epochs: number
  seed: number
  progress: Progress
  signal: AbortSignal | undefined
  resumeHint: string
  /** What an earlier, interrupted search had found for parts, and where this one tells what it finds. */
  parts?: PartMemory
}

/** A part to be found. */
type OpenPart = BlendOptions['parts'][number] & { isFixed?: boolean }

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
  const found: FoundPart[] = []
  const search = { ...asked, heldOut: rowsOfUsers(asked.heldOut, someUsers(asked.heldOut, usersMax)) }
  for (const part of search.options.parts) {
    const before = await search.parts?.load(part.model)
    const chosen = before ?? (await findIfItFits(startingAs(part, found), search))
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
async function findIfItFits(part: OpenPart, search: BlendSearch): Promise<FoundPart | undefined> {
  try {
    return await findPart(part, search)
  } catch (error) {
    const isTooLarge = error instanceof NightjarError && tooLarge.includes(error.code)
    if (!isTooLarge || search.options.parts.length === 1) throw error
    search.progress.note(`${part.model} is left out: ${error.message} (${error.code})`)
    return undefined
  }
}

const tooLarge = ['ENGINE_MEMORY', 'EASE_ITEMS']

/**
 * The halves and iALS have one loss, which weighs unobserved cells: the item half takes the weight that the user half was found to
 * want, for looking twice costs twice, and iALS begins with it.
 */
function startingAs(part: OpenPart, found: readonly FoundPart[]): OpenPart {
  const twin = found.find(({ part }) => part.model === userAutoencoderKind.name)
  if (twin === undefined || part.epochs !== null) return part
  const unobserved = twin.part.options.unobserved as number
  if (part.model === itemAutoencoderKind.name)
    return { ...part, options: { ...part.options, unobserved }, isFixed: true }
  if (part.model !== ialsKind.name) return part
  const own = partOptions(part) as IalsOptions
  const l2 = own.l2 * l2Along(unobserved / own.unobserved)
  return { ...part, options: { ...part.options, unobserved, l2 } }
}

async function findPart(part: OpenPart, search: BlendSearch): Promise<FoundPart> {
  const { model: name } = part
  const kind = partKind(name)
  // Who gives the epochs has chosen the options as well.
  const climb = part.epochs === null && !part.isFixed ? climbOf(name, search.ratings) : []
  let trials = 0
  let rival = { ndcg: 0, looks: [] as number[] }
  const { made: best } = await climbOptions({ ...partOptions(part) }, climb, async (options) => {
    const { looks, ...made } = await fitPart(kind, options, part.epochs, ++trials, rival.looks, search)
    const { ndcg } = made.metrics
    if (ndcg > rival.ndcg) rival = { ndcg, looks }
    return { score: ndcg, made }
  })
  search.progress.note(
    `${name}: ${trials} trial${trials === 1 ? '' : 's'}, ${describe(best.part.options)}, epoch ${best.part.epochs}, held-out ndcg@10 ${best.metrics.ndcg.toFixed(4)}`,
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
    const pools = await poolCandidates(models, ratings, heldOut, async () => {
      await new Promise(setImmediate)
      throwIfCancelled(signal, resumeHint)
    })
    const { weights, metrics, without } = weightsOf(found, search.options, pools)
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
): PartsChoice {
  const given = found.flatMap((own) => parts.find(({ model }) => model === own.part.model)?.weight ?? [])
  if (given.length < found.length) return chooseParts(pools, usualWeights(found))
  return weighParts(pools, given)
}

const usualWeights = (found: readonly FoundPart[]) => found.map(({ part }) => usualChoices[part.model].weight)

const worth = (model: string, { ndcg, f1 }: MetricsAtK) => ({ model, 'ndcg@10': ndcg, 'f1@10': f1 })

/** Options in a line. */
const describe = (options: Record<string, unknown>) =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(3)) : value}`)
    .join(', ')
