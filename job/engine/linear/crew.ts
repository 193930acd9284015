import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { EngineMemory } from '../wasm/engine-memory.ts'
import { builtModule } from '../wasm/kernels.ts'

/** In the order of `Phase` in assembly/crew.ts. */
const phases = {
  stop: 0,
  countTogether: 1,
  pivot: 2,
  panels: 3,
  eliminate: 4,
  mirror: 5,
  sumItemRows: 6,
  gramOfTable: 7,
  turnTable: 8,
  solveRows: 9,
  scoresOfTables: 10,
  timesTable: 11,
  adamRows: 12,
  topOfRows: 13,
} as const

/** Where a phase finds its arguments, as in assembly/arguments.ts. */
const argumentWords = 2048

/** A word that holds a float32; all other arguments are whole numbers: addresses, bytes, counts. */
export interface Real {
  real: number
}

interface Kernels {
  begin(phase: number, rows: number, lot: number, followers: number): void
  finish(): void
}

/** What a worker thread does. As text, for it must run alike from the sources and from the build. */
const followerSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { module, memory, thread } = workerData
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports
parentPort.postMessage('ready')
kernels.follow(thread)
`

/** Threads that work on dense matrices in one memory. Results do not depend on how many there are. */
export class LinearCrew {
  readonly memory: EngineMemory
  readonly #kernels: Kernels
  readonly #followers: Worker[]

  private constructor(memory: EngineMemory, kernels: Kernels, followers: Worker[]) {
    this.memory = memory
    this.#kernels = kernels
    this.#followers = followers
  }

  /** @param threads this one included, >= 1 */
  static async gather(threads: number): Promise<LinearCrew> {
    const memory = new EngineMemory()
    const module = await builtModule('linear.wasm')
    const followers = Array.from({ length: threads - 1 }, (_, n) => {
      const workerData = { module, memory: memory.memory, thread: n + 1 }
      const worker = new Worker(followerSource, { eval: true, workerData })
      // A follower that sleeps keeps nobody from exiting.
      worker.unref()
      return worker
    })
    await Promise.all(followers.map((worker) => once(worker, 'message')))
    const instance = await WebAssembly.instantiate(module, { env: { memory: memory.memory } })
    return new LinearCrew(memory, instance.exports as unknown as Kernels, followers)
  }

  get threads(): number {
    return this.#followers.length + 1
  }

  /** Runs a phase over `rows` rows, `lot` of them at a time; returns when all are done. */
  run(
    phase: Exclude<keyof typeof phases, 'stop'>,
    rows: number,
    lot: number,
    words: readonly (number | Real)[],
  ): void {
    const whole = this.memory.u32(argumentWords, words.length)
    const real = this.memory.f32(argumentWords, words.length)
    for (const [n, word] of words.entries()) {
      if (typeof word === 'number') whole[n] = word
      else real[n] = word.real
    }
    this.#kernels.begin(phases[phase], rows, lot, this.#followers.length)
    this.#kernels.finish()
  }

  /** Sends the followers home. The crew cannot be used after that. */
  dismiss(): void {
    this.#kernels.begin(phases.stop, 0, 1, this.#followers.length)
    this.#kernels.finish()
    this.#followers.length = 0
  }
}
