import * as z from 'zod'
import type { Clock } from '../clock.ts'
import { NightjarError } from '../errors.ts'
import type { LeaseHolder } from './lease-holder.ts'
import { leaseHolder, supersedes } from './lease-holder.ts'
import type { Store } from './store.ts'

/** How long a lease holds without being renewed. A holder that is killed keeps others waiting no longer. */
export const leaseTtlMs = 5 * 60_000
/** How often it is renewed. */
const renewEveryMs = 60_000
/** How far the clocks of two machines may be apart. */
const clockSkewMs = 30_000

const leaseRecord = z.object({
  format: z.literal('nightjar-lease'),
  generation: z.number().int().positive(),
  holder: leaseHolder,
  takenAt: z.string(),
  expiresAt: z.string(),
  /** Given back by its holder. */
  released: z.boolean(),
})
export type LeaseRecord = z.infer<typeof leaseRecord>

/** What {@link acquireLease} answers: the lease, or who has it. */
export type LeaseAnswer = { lease: Lease; heldBy?: undefined } | { lease?: undefined; heldBy: LeaseRecord }

/**
 * Takes a lease, if nobody has it: `PREFIX/000001`, `PREFIX/000002`, ... are its generations, each put if absent, and
 * the highest one counts. So two that try at once cannot both succeed, on any store that can put if absent; and
 * whoever was the holder before can tell from the next number's being there that it is no more.
 *
 * A lease that ran out is taken over, and so is that of a killed process of this machine, and that of an earlier
 * attempt of the same job: Batch starts an attempt only when the one before is gone.
 */
export async function acquireLease(
  store: Store,
  prefix: string,
  holder: LeaseHolder,
  clock: Clock,
): Promise<LeaseAnswer> {
  // Each turn but the last one lost a race, which others won: they cannot all be this many.
  for (let turn = 0; turn < 100; turn++) {
    const held = await highest(store, prefix)
    if (held !== undefined && !isFree(held, holder, clock)) return { heldBy: held }
    const lease = new Lease(store, prefix, (held?.generation ?? 0) + 1, holder, clock)
    if (await lease.take()) return { lease }
  }
  throw new NightjarError('LEASE_CONTENDED', {
    what: `${store.uri}/${prefix}: a hundred others took the lease first`,
    fix: 'look at what starts so many jobs, then run the same command again',
  })
}

function isFree(record: LeaseRecord, holder: LeaseHolder, clock: Clock): boolean {
  if (record.released || supersedes(holder, record.holder)) return true
  return clock.now().getTime() > Date.parse(record.expiresAt) + clockSkewMs
}

/** A lease that is held. */
export class Lease {
  readonly #store: Store
  readonly #prefix: string
  readonly #holder: LeaseHolder
  readonly #clock: Clock
  #generation: number
  /** By {@link Clock.elapsedMs}, which no correction of the time of day moves. */
  #validUntilMs = 0
  #isLost = false
  #takingAgain: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #renewing: Promise<void> | undefined

  constructor(store: Store, prefix: string, generation: number, holder: LeaseHolder, clock: Clock) {
    this.#store = store
    this.#prefix = prefix
    this.#generation = generation
    this.#holder = holder
    this.#clock = clock
  }

  /** A number that only grows: of two holders, the later one has the higher. */
  get generation(): number {
    return this.#generation
  }

  /** Puts this generation if it is not there yet. */
  async take(): Promise<boolean> {
    const began = this.#clock.elapsedMs()
    const isTaken = await this.#store.putIfAbsent(keyOf(this.#prefix, this.#generation), this.#record(false))
    if (isTaken) this.#validUntilMs = began + leaseTtlMs
    return isTaken
  }

  /** Renews the lease every minute until {@link release}. A renewal that fails is tried again; {@link check} tells. */
  keepRenewing(): void {
    this.#timer = setInterval(() => {
      this.#renewing ??= this.renew()
        .catch(() => {})
        .finally(() => {
          this.#renewing = undefined
        })
    }, renewEveryMs)
    this.#timer.unref()
  }

  async renew(): Promise<void> {
    await this.check()
    const began = this.#clock.elapsedMs()
    await this.#store.put(keyOf(this.#prefix, this.#generation), this.#record(false))
    this.#validUntilMs = began + leaseTtlMs
  }

  /**
   * To be asked before every write: is the lease still ours?
   *
   * Where it ran out because this process was held up (a long sort, a suspended machine), it is taken once more
   * if nobody else has taken it.
   *
   * @throws NightjarError LEASE_LOST
   */
  async check(): Promise<void> {
    if (!this.#isLost && this.#clock.elapsedMs() < this.#validUntilMs) {
      if ((await this.#store.size(keyOf(this.#prefix, this.#generation + 1))) === undefined) return
      this.#isLost = true
    } else if (!this.#isLost) {
      // Of checks at the same time, one takes it for all.
      this.#takingAgain ??= this.#takeAgain().finally(() => {
        this.#takingAgain = undefined
      })
      await this.#takingAgain
    }
    if (this.#isLost) throw await this.#lost()
  }

  async #takeAgain(): Promise<void> {
    this.#generation++
    this.#isLost = !(await this.take())
  }

  async #lost(): Promise<NightjarError> {
    const taker = await highest(this.#store, this.#prefix)
    return new NightjarError('LEASE_LOST', {
      what: `${this.#store.uri}/${this.#prefix}: the lease was taken over${taker === undefined ? '' : ` by ${describeHolder(taker)}`}`,
      why: 'this process was held up for minutes, or was taken for dead; the other one goes on with the work',
      fix: 'nothing: whatever this process had begun is written by the other one',
    })
  }

  /** Gives the lease back, so that the next one need not wait. Never fails: what is not given back runs out. */
  async release(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    try {
      await this.check()
      await this.#store.put(keyOf(this.#prefix, this.#generation), this.#record(true))
    } catch {}
  }

  #record(released: boolean): Uint8Array {
    const now = this.#clock.now()
    const record: LeaseRecord = {
      format: 'nightjar-lease',
      generation: this.#generation,
      holder: this.#holder,
      takenAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + leaseTtlMs).toISOString(),
      released,
    }
    return new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`)
  }
}

/** `job 4f1c (attempt 2) on ip-10-0-0-1, process 7`. */
export function describeHolder({ holder }: LeaseRecord): string {
  const job = holder.job === null ? '' : `job ${holder.job.id} (attempt ${holder.job.attempt}) `
  return `${job}on ${holder.host}, process ${holder.process}`
}

async function highest(store: Store, prefix: string): Promise<LeaseRecord | undefined> {
  const last = (await store.list(`${prefix}/`)).at(-1)
  if (last === undefined) return undefined
  const text = new TextDecoder().decode(await store.read(last.key))
  try {
    return leaseRecord.parse(JSON.parse(text))
  } catch (cause) {
    throw new NightjarError('LEASE_DAMAGED', {
      what: `${store.uri}/${last.key} is no lease`,
      why: 'something else wrote there',
      fix: 'delete that file, if no job is at work',
      cause,
    })
  }
}

function keyOf(prefix: string, generation: number): string {
  return `${prefix}/${String(generation).padStart(6, '0')}.json`
}
