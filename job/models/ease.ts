import { z } from 'zod'
import { EaseEngine } from '../engine/linear/ease-engine.ts'
import { NightjarError } from '../errors.ts'
import type { ModelKind } from './model.ts'

export interface EaseOptions {
  /** Strength of `l2 * sum of squares` of B, beside the sum over all cells of squared errors; no 1/2 inside. */
  l2: number
}

/**
 * Items that fit: P takes 4 items^2 bytes of the 4 GiB that WebAssembly's 32-bit memory has, beside the ratings and a
 * panel. Half of it is saved: 1.8 GB, and a file is read whole up to 2 GiB.
 */
const itemsMax = 30_000

/**
 * EASE: the linear autoencoder without hidden units, whose items may not explain themselves.
 *
 *   min |X - X B|^2 + l2 |B|^2  with diag(B) = 0      =>      P = (X^T X + l2 I)^-1,  B = I - P diag(1 / diag P)
 *
 * A user's scores are the sum of B's rows of their own items: x_u B. The closed form is all the training there is.
 * P is symmetric: its lower half is what a run keeps.
 *
 * @see Steck: Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019, eq. 8
 */
export const easeKind: ModelKind<EaseOptions> = {
  name: 'ease',
  about: 'a linear item-item model in closed form (Steck, WWW 2019)',
  options: z.strictObject({ l2: z.number().positive() }),
  defaults: { l2: 300 },
  space: { l2: { from: 10, to: 3000, by: 'log' } },
  runsOn: 'cpu',
  oneEpoch: true,
  shapes: (_options, _userCount, itemCount) => ({ inverse: [(itemCount * (itemCount + 1)) / 2] }),
  async create({ options, ratings, threads, state }) {
    const items = ratings.columnCount
    if (items > itemsMax) {
      throw new NightjarError('EASE_ITEMS', {
        what: `${items} items are too many for ease, which takes up to ${itemsMax}`,
        why: `it keeps a number for every pair of items: ${((4 * items * items) / 1e9).toFixed(1)} GB of a memory of 4.3`,
        fix: 'leave rare items out (--min-count on import), or train ials, whose memory grows with items, not with pairs of them',
      })
    }
    const engine = await EaseEngine.create(ratings, threads)
    let step = state?.step ?? 0
    if (state !== undefined) engine.load(state.weights.inverse.data)
    return {
      async epoch(_epoch, watch) {
        await engine.fit(options.l2, (done, blocks) => watch(done, blocks, 0))
        step++
        return 0
      },
      scores: async (users) => engine.scores(users),
      topK: (users, k, masked) => engine.topK(users, k, masked),
      async state() {
        const data = engine.inverse()
        return { step, weights: { inverse: { shape: [data.length], data } }, memory: {} }
      },
      close: () => engine.close(),
    }
  },
}
