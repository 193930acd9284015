import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { builtModule, instantiate, type Kernels } from './kernels.ts'
import { phases } from './slots.ts'

/**
 * What a worker thread does: it puts the same module over the same memory and follows until it is told to stop.
 * As text, for it must run alike from the sources and from the build.
 */
const followerSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { module, memory, thread } = workerData
const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports
parentPort.postMessage('ready')
kernels.follow(thread)
`

/** Told how long each phase took. */
export type PhaseWatch = (phase: keyof typeof phases | 'sort', ms: number) => void

/** This thread and its followers, over one memory. */
export class Crew {
  readonly #kernels: Kernels
  readonly #followers: Worker[]
  readonly #watch: PhaseWatch | undefined

  private constructor(kernels: Kernels, followers: Worker[], watch: PhaseWatch | undefined) {
    this.#kernels = kernels
    this.#followers = followers
    this.#watch = watch
  }

  /** @param threads this one included, >= 1 */
  static async gather(memory: WebAssembly.Memory, threads: number, watch?: PhaseWatch): Promise<Crew> {
    const module = await builtModule('engine.wasm')
    const followers = Array.from({ length: threads - 1 }, (_, n) => {
      const worker = new Worker(followerSource, { eval: true, workerData: { module, memory, thread: n + 1 } })
      // A follower that sleeps keeps nobody from exiting.
      worker.unref()
      return worker
    })
    await Promise.all(followers.map((worker) => once(worker, 'message')))
    return new Crew(await instantiate(module, memory), followers, watch)
  }

  get threads(): number {
    return this.#followers.length + 1
  }

  /**
   * Runs a phase over `rows` rows, dealt out `lot` at a time; returns when all are done.
   *
   * @param meanwhile other work of this thread: the followers begin without it, and it joins them after that
   */
  run(phase: Exclude<keyof typeof phases, 'stop'>, rows: number, lot: number, meanwhile?: () => void): void {
    const began = this.#watch === undefined ? 0 : performance.now()
    this.#kernels.begin(phases[phase], rows, lot, this.#followers.length)
    try {
      meanwhile?.()
    } finally {
      // Even if that failed: followers still write into the memory.
      this.#kernels.finish()
    }
    this.#watch?.(phase, performance.now() - began)
  }

  sortCellsByItem(): void {
    const began = this.#watch === undefined ? 0 : performance.now()
    this.#kernels.sortCellsByItem()
    this.#watch?.('sort', performance.now() - began)
  }

  /** Sends the followers home. The crew cannot be used after that. */
  dismiss(): void {
    this.#kernels.begin(phases.stop, 0, 1, this.#followers.length)
    this.#kernels.finish()
    this.#followers.length = 0
  }
}
