import { Random } from '../data/random.ts'
import { AlsEngine, type AlsOptions } from '../engine/linear/als-engine.ts'
import type { Model, ModelInput } from './model.ts'

/** Standard deviation of a starting score, were all rows as long as the starting ones. */
const startDeviation = 0.1

/** A model of two tables of factors, fitted by alternating least squares: what {@link AlsEngine} does, as a model. */
export async function factorModel(input: ModelInput<object>, options: AlsOptions): Promise<Model> {
  const { ratings, seed, threads, state } = input
  const engine = await AlsEngine.create(ratings, options, threads)
  let step = state?.step ?? 0
  if (state === undefined) {
    // The users follow from the items in the first half of the first sweep.
    const random = new Random(seed, 0, 1)
    const deviation = startDeviation / Math.sqrt(options.factors)
    const length = ratings.columnCount * options.factors
    engine.load(
      'items',
      Float32Array.from({ length }, () => deviation * random.truncatedNormal()),
    )
  } else {
    engine.load('users', state.weights.userFactors.data)
    engine.load('items', state.weights.itemFactors.data)
  }
  return {
    async epoch(_epoch, watch) {
      // What is told of the loss on the way is nothing: it is known when the last item is.
      const loss = await engine.sweep((share, shares) => watch(share, shares, 0))
      step++
      return loss
    },
    scores: async (users) => engine.scores(users),
    topK: (users, k, masked) => engine.topK(users, k, masked),
    state: async () => ({
      step,
      weights: { userFactors: engine.factors('users'), itemFactors: engine.factors('items') },
      memory: {},
    }),
    close: () => engine.close(),
  }
}

export function factorShapes(
  { factors }: { factors: number },
  userCount: number,
  itemCount: number,
): Record<string, number[]> {
  return { userFactors: [userCount, factors], itemFactors: [itemCount, factors] }
}
