import * as z from 'zod'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import { topKOfScores } from '../engine/top-k.ts'
import { easeKind } from './ease.ts'
import { ialsKind } from './ials.ts'
import { itemKnnKind } from './item-knn.ts'
import type { FitState, Model, ModelInput, ModelKind, Tensors } from './model.ts'
import { count } from './option-schemas.ts'
import { rp3betaKind } from './rp3beta.ts'
import { addStandardScores } from './standard-scores.ts'
import { itemAutoencoderKind, userAutoencoderKind } from './weighted-autoencoder.ts'

/** Models that a blend may be made of. */
const partKinds: readonly ModelKind[] = [
  userAutoencoderKind,
  itemAutoencoderKind,
  ialsKind,
  easeKind,
  itemKnnKind,
  rp3betaKind,
]

/** A part of a blend, ready to be fitted. */
export interface BlendPart {
  /** As of `--model`, each once. */
  model: string
  /** The model's own; what is left out has its default. */
  options: Record<string, unknown>
  epochs: number
  /** Share in the sum; all of them need not add up to 1, for an order is the same with any multiple. */
  weight: number
}

/** What `train` chooses on held-out rows is null until it has. */
export interface BlendOptions {
  parts: (Pick<BlendPart, 'model' | 'options'> & {
    [chosen in 'epochs' | 'weight']: number | null
  } & {
    /** The part is for catalogues of up to so many items, and left out of a blend for more. */
    itemsMax?: number | undefined
  })[]
}

export interface ChosenBlendOptions extends BlendOptions {
  parts: BlendPart[]
}

const part = z.strictObject({
  model: z.enum(partKinds.map(({ name }) => name)),
  options: z.record(z.string(), z.unknown()),
  epochs: count.nullable(),
  weight: z.number().nonnegative().nullable(),
  itemsMax: count.optional(),
})

const parts = z
  .array(part)
  .min(1)
  .refine((parts) => new Set(parts.map(({ model }) => model)).size === parts.length, 'a model stands twice')
  .refine((parts) => parts.some(({ weight }) => weight !== 0), 'no part has a weight')
  .superRefine((parts, context) => {
    for (const [n, { model, options }] of parts.entries()) {
      const kind = partKind(model)
      const { error } = kind.options.safeParse({ ...kind.defaults, ...options })
      for (const { path, message } of error?.issues ?? [])
        context.addIssue({ code: 'custom', path: [n, 'options', ...path], message })
    }
  })

const unchosen = (model: string) => ({ model, options: {}, epochs: null, weight: null })

/** EASE keeps a number for every pair of items: 288 MB in a run of so many, and a minute for a trial. */
const easeItemsMax = 12_000

/**
 * A blend: the weighted sum of several models' scores, each standardised per user.
 *
 *   s(u, i) = sum over parts p of w_p (s_p(u, i) - mean_p(u)) / deviation_p(u)
 *
 * where mean and deviation go over the items that the user does not have. Parts are fitted apart from each other; an epoch is
 * one of each part that has some left.
 *
 * What is best is left to the data: {@link chooseBlend} in `train` chooses each part's options and epochs, then the weights,
 * on held-out rows.
 */
export const blendKind: ModelKind<BlendOptions> = {
  name: 'blend',
  about:
    "JCA's two autoencoders with a loss of their own each, iALS, EASE, ItemKNN and RP3beta: the best lists of all",
  options: z.strictObject({
    // By names alone, as on the command line: what each is made of is then to be chosen.
    parts: z.preprocess(
      (given) => (typeof given === 'string' ? given.split(',').map(unchosen) : given),
      parts,
    ),
  }),
  defaults: {
    parts: [
      ...[userAutoencoderKind.name, itemAutoencoderKind.name, ialsKind.name].map(unchosen),
      { ...unchosen(easeKind.name), itemsMax: easeItemsMax },
      unchosen(itemKnnKind.name),
      unchosen(rp3betaKind.name),
    ],
  },
  training: { epochs: 150, evalEvery: 5, patience: 20 },
  space: {},
  runsOn: 'cpu',
  oneEpoch: false,
  settle: ({ parts }, ratings) => ({
    parts: parts
      .filter(({ itemsMax = Number.POSITIVE_INFINITY }) => ratings.columnCount <= itemsMax)
      .map(({ itemsMax: _, ...part }) => ({ ...part, options: settledPart(part, ratings) })),
  }),
  shapes: ({ parts }, userCount, itemCount) =>
    Object.assign(
      {},
      ...parts.map((part) => {
        const kind = partKind(part.model)
        return prefixed(part.model, kind.shapes(partOptions(part), userCount, itemCount))
      }),
    ),
  create: async (input) => blend(input, await openParts(input)),
}

/**
 * What is taken where no row is held out to choose by, and where the choice of the weights begins: near to what was chosen on two
 * sets of data (docs/log.md).
 */
export const usualChoices: Record<string, { epochs: number; weight: number; options?: object }> = {
  'user-autoencoder': { epochs: 40, weight: 0.25 },
  'item-autoencoder': { epochs: 40, weight: 0.2 },
  ials: { epochs: 8, weight: 0.3 },
  // Alone it is far behind the others, and unlike them.
  'item-knn': { epochs: 1, weight: 0.1 },
  // So much marked down that alone it is worth little: what is rare and near stands high with it.
  rp3beta: { epochs: 1, weight: 0.05, options: { alpha: 1.2, beta: 0.7 } },
  // EASE as it was printed is behind the others, and adds little to them.
  ease: { epochs: 1, weight: 0.15, options: { dropout: 0.6, rowExponent: 0.3, itemExponent: 0.1 } },
}

/** A trained blend's parts, as its run's manifest has them; undefined of another model. */
export function partsOf(run: {
  model: string
  config: Record<string, unknown>
}): ChosenBlendOptions['parts'] | undefined {
  return run.model === blendKind.name ? (run.config.parts as ChosenBlendOptions['parts']) : undefined
}

export function usualChoice({ parts }: BlendOptions): ChosenBlendOptions {
  return {
    parts: parts.map(({ itemsMax: _, ...part }) => ({
      ...part,
      epochs: part.epochs ?? usualChoices[part.model].epochs,
      weight: part.weight ?? usualChoices[part.model].weight,
    })),
  }
}

export function partKind(model: string): ModelKind {
  const kind = partKinds.find(({ name }) => name === model)
  if (kind === undefined) throw new Error(`${model} is no part of a blend`)
  return kind
}

/** All of a part's options. */
export function partOptions({ model, options }: Pick<BlendPart, 'model' | 'options'>): object {
  const kind = partKind(model)
  return kind.options.parse({ ...kind.defaults, ...options })
}

function settledPart(part: Pick<BlendPart, 'model' | 'options'>, ratings: CsrMatrix) {
  const usual = { ...startOf(part.model, ratings), ...usualChoices[part.model].options }
  const options = partOptions({ ...part, options: { ...usual, ...part.options } })
  return { ...(partKind(part.model).settle?.(options, ratings) ?? options) }
}

/**
 * A small catalogue, or few users, have no use for as many factors as a large one. And the fewer cells are observed, the less should all the
 * others weigh: the root of the density lies near the best values on two sets of data (docs/log.md), so a search begins there.
 */
function startOf(model: string, { rowCount, columnCount, columns }: CsrMatrix): Record<string, number> {
  const most = 8 * Math.ceil(Math.min(rowCount, columnCount) / 64)
  if (model === ialsKind.name) return { factors: Math.min(ialsKind.defaults.factors, most) }
  const hasFactors = model === userAutoencoderKind.name || model === itemAutoencoderKind.name
  if (!hasFactors) return {}
  const density = columns.length / (rowCount * columnCount)
  return {
    hidden: Math.min(userAutoencoderKind.defaults.hidden, 2 * most),
    unobserved: Number(Math.max(0.02, Math.min(0.3, 1.4 * Math.sqrt(density))).toPrecision(1)),
  }
}

interface OpenPart {
  name: string
  model: Model
  epochs: number
  weight: number
}

async function openParts(input: ModelInput<BlendOptions>): Promise<OpenPart[]> {
  const open: OpenPart[] = []
  for (const part of input.options.parts) {
    const { model: name, epochs, weight } = part
    if (epochs === null || weight === null) throw new Error(`${name}: nothing was chosen for it`)
    const state = input.state && stateOfPart(name, input.state)
    const model = await partKind(name).create({ ...input, options: partOptions(part), state })
    open.push({ name, model, epochs, weight })
  }
  return open
}

function blend({ ratings }: ModelInput<BlendOptions>, parts: OpenPart[]): Model {
  const scores = async (users: Uint32Array) => {
    const sums = new Float32Array(users.length * ratings.columnCount)
    for (const { model, weight } of parts)
      addStandardScores(sums, await model.scores(users), users, ratings, weight)
    return sums
  }
  return {
    async epoch(epoch, watch) {
      const due = parts.filter(({ epochs }) => epoch <= epochs)
      let loss = 0
      for (const [n, { model }] of due.entries()) {
        // Told as shares of one epoch: the parts' steps are not equally many, nor equally long.
        loss += await model.epoch(epoch, (step, steps, sofar) =>
          watch(n * steps + step, due.length * steps, loss + sofar),
        )
      }
      return loss
    },
    scores,
    topK: async (users, k, masked) => topKOfScores(await scores(users), users, k, masked),
    async state() {
      const states: [string, FitState][] = []
      for (const { name, model } of parts) states.push([name, await model.state()])
      return joinStates(states)
    },
    close() {
      for (const { model } of parts) model.close()
    },
  }
}

/** How many steps each part has made, which it must know to go on. */
const stepsOf = (name: string) => `${name}/steps`

/** The parts' states as one; weights have the part's name before theirs. */
export function joinStates(states: readonly (readonly [string, FitState])[]): FitState {
  const steps = states.map(([name, { step }]) => [stepsOf(name), { shape: [1], data: Float32Array.of(step) }])
  return {
    step: states.reduce((sum, [, { step }]) => sum + step, 0),
    weights: Object.assign({}, ...states.map(([name, { weights }]) => prefixed(name, weights))),
    memory: Object.assign(
      Object.fromEntries(steps),
      ...states.map(([name, { memory }]) => prefixed(name, memory)),
    ),
  }
}

/** A part's state out of the blend's. */
export function stateOfPart(name: string, { weights, memory }: FitState): FitState {
  const own = (tensors: Tensors) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([key]) => key.startsWith(`${name}/`) && key !== stepsOf(name))
        .map(([key, tensor]) => [key.slice(name.length + 1), tensor]),
    )
  return { step: memory[stepsOf(name)]?.data[0] ?? 0, weights: own(weights), memory: own(memory) }
}

const prefixed = <Value>(name: string, values: Record<string, Value>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}/${key}`, value]))
