import { NightjarError, throwIfCancelled } from '../errors.ts'
import type { Model } from '../models/model.ts'

export interface FitOptions {
  model: Model
  /** Epochs that are behind already (0 for a fresh model), and the last one to run. */
  epochsDone: number
  epochs: number
  signal?: AbortSignal
  /** Named in errors and cancellations: how to go on. */
  resumeHint: string
  onStep?: (step: { epoch: number; step: number; steps: number; loss: number }) => void
  /** After each epoch, with its loss; `true` ends the fit. */
  afterEpoch: (epoch: number, loss: number) => Promise<boolean>
}

/**
 * The training loop.
 *
 * @returns the last epoch that was run
 * @throws NightjarError LOSS_NOT_FINITE, naming epoch and step; CancelledError between two steps
 */
export async function fitEpochs(options: FitOptions): Promise<number> {
  const { model, epochs, signal, resumeHint } = options
  for (let epoch = options.epochsDone + 1; epoch <= epochs; epoch++) {
    throwIfCancelled(signal, resumeHint)
    const loss = await model.epoch(epoch, async (step, steps, sofar) => {
      if (!Number.isFinite(sofar)) throw lossNotFinite(epoch, step, sofar, resumeHint)
      options.onStep?.({ epoch, step, steps, loss: sofar })
      // Steps run on this thread: without a turn of the event loop no Ctrl-C would ever be heard.
      await new Promise(setImmediate)
      throwIfCancelled(signal, resumeHint)
    })
    if (await options.afterEpoch(epoch, loss)) return epoch
  }
  return epochs
}

function lossNotFinite(epoch: number, step: number, loss: number, resumeHint: string): NightjarError {
  return new NightjarError('LOSS_NOT_FINITE', {
    what: `the loss became ${loss} in epoch ${epoch}, step ${step}`,
    why: 'the weights ran away: mostly by a learning rate that is too high for this data',
    fix: `train again with a lower learning rate, or another --seed; what was good before stays: ${resumeHint}`,
  })
}
