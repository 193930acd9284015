import type { CsrMatrix } from '../data/csr-matrix.ts'
import { Random } from '../data/random.ts'
import type { Block, EngineModel } from '../engine/engine.ts'
import { type ModelState, type ParameterName, parameterNames } from '../engine/model-state.ts'
import type { BlockSampler } from './block-sampler.ts'
import type { EpochWatch, FitState, Model, Tensors } from './model.ts'
import { PairSampler } from './pair-sampler.ts'

/** A model of an engine that is fitted block by block: every epoch sweeps the blocks, every block is one step. */
export function blockModel(
  model: EngineModel,
  ratings: CsrMatrix,
  sampler: BlockSampler,
  seed: number,
): Model {
  const pairs = new PairSampler(ratings)
  const steps = sampler.blockCount(ratings)
  return {
    async epoch(epoch: number, watch: EpochWatch): Promise<number> {
      const random = new Random(seed, epoch, 1)
      const blocks = sampler.blocks(ratings, seed, epoch)[Symbol.iterator]()
      const nextBlock = (): Block | undefined => {
        const { value, done } = blocks.next()
        return done ? undefined : pairs.sample(value, random)
      }
      let loss = 0
      let step = 0
      for (let block = nextBlock(), next: typeof block; block !== undefined; block = next) {
        // The next block is drawn while the engine's other threads work on this one.
        loss += await model.step(block, () => {
          next = nextBlock()
        })
        await watch(++step, steps, loss)
      }
      return loss
    },
    scores: (users) => model.scores(users),
    topK: (users, k, masked) => model.topK(users, k, masked),
    state: async () => fitStateOf(await model.state()),
    close: () => model.close(),
  }
}

/** Prefixes of Adam's two moments among what is remembered. */
const momentPrefixes = { firstMoments: 'adam.first/', secondMoments: 'adam.second/' } as const

function fitStateOf({ step, weights, ...moments }: ModelState): FitState {
  const named = (tensors: Record<ParameterName, Tensors[string]>, prefix: string) =>
    parameterNames
      .filter((name) => tensors[name].data.length > 0)
      .map((name) => [prefix + name, tensors[name]] as const)
  return {
    step,
    weights: Object.fromEntries(named(weights, '')),
    memory: Object.fromEntries([
      ...named(moments.firstMoments, momentPrefixes.firstMoments),
      ...named(moments.secondMoments, momentPrefixes.secondMoments),
    ]),
  }
}

/** The same for an engine. Parts that the model does not have are empty, moments that nobody remembers zeros. */
export function modelStateOf({ step, weights, memory }: FitState): ModelState {
  const all = (tensorOf: (name: ParameterName) => Tensors[string] | undefined) =>
    Object.fromEntries(
      parameterNames.map((name) => {
        const { shape, data } = weights[name] ?? { shape: [0], data: new Float32Array() }
        return [name, tensorOf(name) ?? { shape, data: new Float32Array(data.length) }]
      }),
    ) as Record<ParameterName, Tensors[string]>
  return {
    step,
    weights: all((name) => weights[name]),
    firstMoments: all((name) => memory[momentPrefixes.firstMoments + name]),
    secondMoments: all((name) => memory[momentPrefixes.secondMoments + name]),
  }
}
