import type { CsrMatrix } from '../data/csr-matrix.ts'
import { Random } from '../data/random.ts'
import type { Block, EngineModel } from '../engine/engine.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import type { BlockSampler } from './block-sampler.ts'
import { PairSampler } from './pair-sampler.ts'

export interface FitOptions {
  model: EngineModel
  ratings: CsrMatrix
  sampler: BlockSampler
  /** Streams of random numbers are drawn from it and the epoch, so that an epoch can be redone alone. */
  seed: number
  /** Epochs that are behind already (0 for a fresh model), and the last one to run. */
  epochsDone: number
  epochs: number
  signal?: AbortSignal
  /** Named in errors and cancellations: how to go on. */
  resumeHint: string
  onStep?: (step: { epoch: number; step: number; steps: number; loss: number }) => void
  /** After each epoch, with the pair loss summed over its blocks; `true` ends the fit. */
  afterEpoch: (epoch: number, loss: number) => Promise<boolean>
}

/**
 * The training loop: every epoch sweeps the blocks, and every block is one step of the engine.
 *
 * @returns the last epoch that was run
 * @throws NightjarError LOSS_NOT_FINITE, naming epoch and step; CancelledError between two steps
 */
export async function fitEpochs(options: FitOptions): Promise<number> {
  const { model, ratings, sampler, seed, epochs } = options
  const pairs = new PairSampler(ratings)
  const steps = sampler.blockCount(ratings)
  for (let epoch = options.epochsDone + 1; epoch <= epochs; epoch++) {
    const random = new Random(seed, epoch, 1)
    const blocks = sampler.blocks(ratings, seed, epoch)[Symbol.iterator]()
    const nextBlock = (): Block | undefined => {
      const { value, done } = blocks.next()
      return done ? undefined : pairs.sample(value, random)
    }
    let loss = 0
    let step = 0
    for (let block = nextBlock(), next: typeof block; block !== undefined; block = next) {
      throwIfCancelled(options.signal, options.resumeHint)
      // The next block is drawn while the engine's other threads work on this one.
      const blockLoss = await model.step(block, () => {
        next = nextBlock()
      })
      step++
      if (!Number.isFinite(blockLoss)) throw lossNotFinite(epoch, step, blockLoss, options.resumeHint)
      loss += blockLoss
      options.onStep?.({ epoch, step, steps, loss })
      // Steps run on this thread: without a turn of the event loop no Ctrl-C would ever be heard.
      await new Promise(setImmediate)
    }
    if (await options.afterEpoch(epoch, loss)) return epoch
  }
  return epochs
}

function lossNotFinite(epoch: number, step: number, loss: number, resumeHint: string): NightjarError {
  return new NightjarError('LOSS_NOT_FINITE', {
    what: `the loss became ${loss} in epoch ${epoch}, step ${step}`,
    why: 'the learning rate is too high for this data, so the weights ran away',
    fix: `train again with a lower --learning-rate; the last good checkpoint stays: ${resumeHint}`,
  })
}
