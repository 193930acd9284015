import * as z from 'zod'
import { type CsrMatrix, transpose } from '../data/csr-matrix.ts'
import type { ModelSpec } from '../engine/model-spec.ts'
import { type ParameterName, parameterAxis } from '../engine/model-state.ts'
import { topKOfScores } from '../engine/top-k.ts'
import { type AutoRecOptions, autoRecSpec } from './auto-rec.ts'
import { iAutoRecKind } from './i-autorec.ts'
import type { FitState, Model, ModelInput, ModelKind } from './model.ts'
import { count, hiddenUnits, learningRate, strength } from './option-schemas.ts'
import { uAutoRecKind } from './u-autorec.ts'

/**
 * UI-AutoRec: U-AutoRec and I-AutoRec, trained apart from each other; a cell's score is the mean of theirs.
 *
 * What JCA is compared with: the same two halves, and nothing that joins them before the end.
 *
 * @see Zhu, Wang, Caverlee: Improving Top-K Recommendation via Joint Collaborative Autoencoders, WWW 2019, section 3.3
 */
export interface UiAutoRecOptions {
  /** Hidden units of each half, and rows of their mini-batches. */
  hidden: number
  batch: number
  /** Of the half that encodes users. */
  userL2: number
  userLearningRate: number
  /** It is left as it stands after so many epochs; null: trained to the end. */
  userEpochs: number | null
  /** Of the half that encodes items. */
  itemL2: number
  itemLearningRate: number
  itemEpochs: number | null
}

const halves = ['user', 'item'] as const
type Half = (typeof halves)[number]

const kindOf = { user: uAutoRecKind, item: iAutoRecKind }

function optionsOf(half: Half, options: UiAutoRecOptions): AutoRecOptions {
  const { hidden, batch } = options
  return { hidden, batch, l2: options[`${half}L2`], learningRate: options[`${half}LearningRate`] }
}

export const uiAutoRecKind: ModelKind<UiAutoRecOptions> = {
  name: 'ui-autorec',
  about: 'the mean of U-AutoRec and I-AutoRec, trained apart (Zhu, Wang, Caverlee, WWW 2019)',
  options: z.strictObject({
    hidden: hiddenUnits,
    batch: count,
    userL2: strength,
    userLearningRate: learningRate,
    userEpochs: count.nullable(),
    itemL2: strength,
    itemLearningRate: learningRate,
    itemEpochs: count.nullable(),
  }),
  defaults: {
    hidden: uAutoRecKind.defaults.hidden,
    batch: uAutoRecKind.defaults.batch,
    userL2: uAutoRecKind.defaults.l2,
    userLearningRate: uAutoRecKind.defaults.learningRate,
    userEpochs: null,
    itemL2: iAutoRecKind.defaults.l2,
    itemLearningRate: iAutoRecKind.defaults.learningRate,
    itemEpochs: null,
  },
  training: { epochs: 300, evalEvery: 5, patience: 30 },
  paper: {
    options: { userLearningRate: 0.003, itemLearningRate: 0.003 },
    training: { epochs: 200, patience: 0, holdout: 0 },
  },
  space: {
    hidden: { values: [40, 80, 120, 160, 200, 240] },
    userL2: { values: [0.5, 0.1, 0.05, 0.01, 0.005, 0.001] },
    itemL2: { values: [0.5, 0.1, 0.05, 0.01, 0.005, 0.001] },
    userLearningRate: { from: 0.0003, to: 0.01, by: 'log' },
    itemLearningRate: { from: 0.0003, to: 0.01, by: 'log' },
  },
  runsOn: 'engine',
  oneEpoch: false,
  // The halves' weights have names of their own: `user.` and `item.`.
  shapes: (options, userCount, itemCount) =>
    Object.assign(
      {},
      ...halves.map((half) => kindOf[half].shapes(optionsOf(half, options), userCount, itemCount)),
    ),
  axisOf: (weight) => parameterAxis(weight as ParameterName),
  rankRanges: ({ options, ratings, engine, weights }) =>
    engine.rankRanges?.(bothSpec(options), transpose(ratings), weights),
  create,
}

/** Both halves as one, to score with: the mean of two components is what the engines compute. */
function bothSpec(options: UiAutoRecOptions): ModelSpec {
  return { ...autoRecSpec('user', optionsOf('user', options)), itemComponent: true }
}

async function create(input: ModelInput<UiAutoRecOptions>): Promise<Model> {
  const { options, state } = input
  const open = (half: Half) =>
    kindOf[half].create({
      ...input,
      options: optionsOf(half, options),
      state: state && halfOf(half, state),
    })
  const user = await open('user')
  const item = await open('item')
  const models = { user, item }
  const scores = async (users: Uint32Array) => {
    const means = await user.scores(users)
    const others = await item.scores(users)
    for (let cell = 0; cell < means.length; cell++) means[cell] = (means[cell] + others[cell]) / 2
    return means
  }
  return {
    async epoch(epoch, watch) {
      const due = halves.filter((half) => epoch <= (options[`${half}Epochs`] ?? epoch))
      let loss = 0
      for (const [n, half] of due.entries()) {
        // Told as shares of one epoch: the halves' steps are not equally many, nor equally long.
        loss += await models[half].epoch(epoch, (step, steps, sofar) =>
          watch(n * steps + step, due.length * steps, loss + sofar),
        )
      }
      return loss
    },
    scores,
    topK: async (users: Uint32Array, k: number, masked: CsrMatrix | undefined) =>
      topKOfScores(await scores(users), users, k, masked),
    state: async () => joined(await user.state(), await item.state()),
    close() {
      user.close()
      item.close()
    },
  }
}

/** How many steps each half has made, which Adam must know of each. */
const stepsOf = (half: Half) => `${half}.steps`

function joined(user: FitState, item: FitState): FitState {
  const steps = (state: FitState) => ({ shape: [1], data: Float32Array.of(state.step) })
  return {
    step: user.step + item.step,
    weights: { ...user.weights, ...item.weights },
    memory: {
      ...user.memory,
      ...item.memory,
      [stepsOf('user')]: steps(user),
      [stepsOf('item')]: steps(item),
    },
  }
}

function halfOf(half: Half, { weights, memory }: FitState): FitState {
  const own = (tensors: FitState['weights'], prefix: RegExp) =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => prefix.test(name)))
  return {
    step: memory[stepsOf(half)]?.data[0] ?? 0,
    weights: own(weights, new RegExp(`^${half}\\.`)),
    memory: own(memory, new RegExp(`^adam\\.\\w+/${half}\\.`)),
  }
}
