import { type Dataset, openDataset } from '../data/dataset.ts'
import type { LogEvent, Progress } from '../progress.ts'
import type { KvTarget } from '../publish/kv-target.ts'
import type { Lease } from '../store/lease.ts'
import { openStore } from '../store/open-store.ts'
import { joinPlace } from '../store/place.ts'
import type { Store } from '../store/store.ts'
import { FencedStore } from './fenced-store.ts'
import { fencedTarget } from './fenced-target.ts'
import type { NightOptions } from './night-options.ts'
import { type NightState, readNight, writeNight } from './night-state.ts'

const logPath = 'log.jsonl'

/** A night at work: what it was told, how far it is, and the places that it may write to as long as it has the lease. */
export class Night {
  readonly options: NightOptions
  readonly target: KvTarget
  readonly store: Store
  /** Whether an earlier process began it. */
  readonly isResumed: boolean
  state: NightState
  readonly #place: string
  readonly #lease: Lease
  readonly #log: string[] = []

  private constructor(
    options: NightOptions,
    place: string,
    lease: Lease,
    before: NightState | undefined,
    fresh: NightState,
  ) {
    this.options = options
    this.isResumed = before !== undefined
    this.state = before ?? fresh
    this.#place = place
    this.#lease = lease
    this.store = new FencedStore(openStore(place), lease)
    this.target = fencedTarget(options.target, lease)
  }

  /** A night that begins, or goes on where it stood. */
  static async open(options: NightOptions, place: string, lease: Lease, fresh: NightState): Promise<Night> {
    const store = openStore(place)
    const night = new Night(options, place, lease, await readNight(store), fresh)
    if ((await store.size(logPath)) !== undefined) {
      night.#log.push(
        ...new TextDecoder()
          .decode(await store.read(logPath))
          .trimEnd()
          .split('\n'),
      )
    }
    return night
  }

  get progress(): Progress {
    return this.options.progress
  }

  /** A place that this night may write to: one below its own, or any other. */
  storeAt(place: string): Store {
    return new FencedStore(openStore(place), this.#lease)
  }

  storeBelow(name: string): Store {
    return this.storeAt(joinPlace(this.#place, name))
  }

  /** The dataset: as it was after this night's import, once that is done. */
  async openDataset(): Promise<Dataset> {
    const dataset = await openDataset(this.storeAt(this.options.dataset))
    return this.state.dataset === undefined ? dataset : dataset.at(this.state.dataset)
  }

  /** Tells something, to whoever watches and in the night's log. */
  tell(line: string, event: LogEvent): void {
    const { clock, progress } = this.options
    const fact = { nightId: this.state.nightId, ...event }
    progress.note(line, fact)
    this.#log.push(JSON.stringify({ time: clock.now().toISOString(), ...fact, message: line }))
  }

  /** Remembers how far it is: a step that is remembered is not done again. */
  async remember(settled: Partial<NightState>): Promise<void> {
    this.state = { ...this.state, ...settled }
    await this.store.put(logPath, new TextEncoder().encode(`${this.#log.join('\n')}\n`))
    await writeNight(this.store, this.state)
  }
}
