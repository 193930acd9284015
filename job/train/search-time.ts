import type { Clock } from '../clock.ts'
import type { CsrMatrix } from '../data/csr-matrix.ts'
import type { Engine } from '../engine/engine.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { partKind, partOptions } from '../models/blend.ts'
import { easeItemsLimit, easeKind } from '../models/ease.ts'
import type { OpenPart } from './blend-climbs.ts'
import { someUsers } from './some-users.ts'

/** What a search is reckoned on. */
interface Searched {
  engine: Engine
  /** What the parts are fitted on, `[users, items]`. */
  ratings: CsrMatrix
  heldOut: CsrMatrix
  seed: number
  clock: Clock
  signal: AbortSignal | undefined
  resumeHint: string
}

/** How a part is usually searched and fitted: about as on MovieLens 1M and Video Games (docs/log.md). */
interface UsualSearch {
  trials: number
  /** Of a trial. */
  epochs: number
  looks: number
  /** How many times as long as with the options that the search begins with a trial takes on the way. */
  heavier: number
  /** Of the fit on all rows, and that as many times as long. */
  fitEpochs: number
}

const usualSearches: Record<string, UsualSearch> = {
  'user-autoencoder': { trials: 3, epochs: 30, looks: 6, heavier: 1, fitEpochs: 40 },
  'item-autoencoder': { trials: 1, epochs: 100, looks: 20, heavier: 1, fitEpochs: 90 },
  // Its factors are doubled on the way, more than once.
  ials: { trials: 10, epochs: 16, looks: 4, heavier: 1.5, fitEpochs: 16 },
}

/** Trials of EASE, and what one takes with 1,000 items, in seconds: it grows with the cube of them. */
const ease = { trials: 3, seconds: 0.025 }

/** Choosing six parts' weights, seconds for each user who is asked; with fewer parts it goes by their square. */
const weighing = { parts: 6, seconds: 0.0065 }

/** Of a search that is slower than reckoned: how many times as long it may take, and how long in any case, in seconds. */
const patience = { times: 1.5, least: 120 }

/** How long a search is going to take, in seconds. */
export interface SearchTime {
  /** Of each part, then of the weights. */
  parts: number[]
  weights: number
  /** The fit on all rows that follows. */
  fit: number
}

/**
 * Reckons how long a blend's search takes on this machine: an epoch and a look at the lists are timed for each part that is
 * fitted in epochs, once, which is about a hundredth of the search.
 *
 * @param parts those that are to be found still
 * @param count all parts
 */
export async function reckonSearch(
  parts: readonly OpenPart[],
  count: number,
  searched: Searched,
): Promise<SearchTime> {
  const { columnCount: items } = searched.ratings
  const own: { search: number; fit: number }[] = []
  let look = 0
  for (const part of parts) {
    const usual = usualSearches[part.model]
    const cost = usual && (await timePart(part, searched))
    if (cost !== undefined) {
      look = cost.look
      const { trials, epochs, looks, heavier, fitEpochs } =
        part.epochs === null ? usual : { ...once, epochs: part.epochs, fitEpochs: part.epochs }
      const trial = epochs * cost.epoch + looks * cost.look
      own.push({ search: trials * heavier * trial, fit: fitEpochs * heavier * cost.epoch })
    } else if (part.model === easeKind.name) {
      const trial = ease.seconds * (items / 1000) ** 3
      const trials = items > easeItemsLimit ? 0 : part.epochs === null ? ease.trials : 1
      own.push({ search: trials * (trial + look), fit: Math.sign(trials) * trial })
    } else {
      // Neighbours are found in about the time of a look.
      own.push({ search: 2 * look, fit: look })
    }
  }
  const { heldOut } = searched
  const asked = someUsers(heldOut, heldOut.rowCount).length
  return {
    parts: own.map(({ search }) => search),
    weights: weighing.seconds * asked * (count / weighing.parts) ** 2,
    fit: own.reduce((sum, { fit }) => sum + fit, 0),
  }
}

const once = { trials: 1, looks: 1, heavier: 1 }

/** @returns undefined for what does not fit into memory */
async function timePart(part: OpenPart, { engine, ratings, heldOut, seed, clock, ...watch }: Searched) {
  const check = () => throwIfCancelled(watch.signal, watch.resumeHint)
  const kind = partKind(part.model)
  try {
    const input = { ratings, seed, engine, threads: engine.threads }
    const model = await kind.create({ ...input, options: partOptions(part) })
    try {
      const fit = async (epoch: number) => {
        await model.epoch(epoch, async () => {
          await new Promise(setImmediate)
          check()
        })
      }
      const look = async () => {
        await evaluate(model, ratings, { pairs: heldOut }, [10], check)
      }
      return { epoch: await secondsOf(fit, clock), look: await secondsOf(look, clock) }
    } finally {
      model.close()
    }
  } catch (error) {
    if (error instanceof NightjarError && error.code === 'ENGINE_MEMORY') return undefined
    throw error
  }
}

/** The first call of what takes less than a second is mostly a matter of getting warm: then the second one counts. */
async function secondsOf(work: (time: number) => Promise<void>, clock: Clock): Promise<number> {
  let seconds = 0
  for (const time of [1, 2]) {
    const began = clock.elapsedMs()
    await work(time)
    seconds = (clock.elapsedMs() - began) / 1000
    if (seconds >= 1) break
  }
  return seconds
}

/** Keeps a search within the time that was announced for it: a climb ends where one more trial would not fit. Each part has one in any case. */
export class SearchDeadline {
  readonly #clock: Clock
  readonly #endMs: number
  readonly #time: SearchTime
  readonly #choiceSeconds: number
  readonly #mostSeconds: number

  constructor(time: SearchTime, clock: Clock) {
    this.#clock = clock
    this.#time = time
    this.#choiceSeconds = time.parts.reduce((sum, own) => sum + own, time.weights)
    this.#mostSeconds = Math.max(patience.least, patience.times * this.#choiceSeconds)
    this.#endMs = clock.elapsedMs() + 1000 * this.#mostSeconds
  }

  /**
   * Whether a part may have one more trial.
   *
   * @param part     counted among those that the time was reckoned for
   * @param longest  its longest trial so far, in seconds
   */
  allows(part: number, longest: number): boolean {
    const { parts, weights } = this.#time
    const after = parts.slice(part + 1).reduce((sum, own) => sum + own, weights)
    return this.#clock.elapsedMs() + 1000 * (longest + after) <= this.#endMs
  }

  /** What is announced. */
  get text(): string {
    const [choice, most, fit] = [this.#choiceSeconds, this.#mostSeconds, this.#time.fit].map(spoken)
    return `choosing options, epochs and weights: about ${choice}, never more than ${most}; then the fit: about ${fit}`
  }
}

/** `40 seconds`, `3 minutes`: rounded up, for it is a guess. */
function spoken(seconds: number): string {
  const [most, unit] =
    seconds <= 50 ? [Math.ceil(seconds / 10) * 10 || 10, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `${most} ${unit}${most === 1 ? '' : 's'}`
}
