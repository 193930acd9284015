import { resolve } from 'node:path'
import { NightjarError } from '../errors.ts'
import { LocalRuntime } from '../publish/local-runtime.ts'
import { defaultStateFolder } from '../publish/wrangler.ts'
import type { FeedbackSource } from './feedback-source.ts'

/** The part of a worker's R2 binding that is used here. */
interface BucketBinding {
  list(options: { prefix: string; startAfter?: string; cursor?: string }): Promise<{
    objects: { key: string }[]
    truncated: boolean
    cursor?: string
  }>
  get(key: string): Promise<{ arrayBuffer(): Promise<ArrayBuffer> } | null>
}

/**
 * The feedback that `nightjar serve` and `wrangler dev` take, in a state folder on this machine. Read through wrangler's own
 * runtime, which starts at the first call (about two seconds); the worker may run meanwhile.
 */
export class LocalFeedback implements FeedbackSource {
  readonly name: string
  readonly #runtime: LocalRuntime<{ FEEDBACK: BucketBinding }>

  /** @param stateFolder as `wrangler dev --persist-to` takes it */
  constructor(stateFolder: string = defaultStateFolder()) {
    this.#runtime = new LocalRuntime(resolve(stateFolder))
    this.name = `local feedback in ${stateFolder}`
  }

  async *keys(prefix: string, after = ''): AsyncGenerator<string> {
    for (let cursor: string | undefined; ; ) {
      const page = await this.#call(`list ${prefix}`, (bucket) =>
        bucket.list({ prefix, startAfter: after, ...(cursor === undefined ? {} : { cursor }) }),
      )
      for (const { key } of page.objects) yield key
      if (!page.truncated) return
      cursor = page.cursor
    }
  }

  async read(key: string): Promise<Uint8Array> {
    return this.#call(`read ${key}`, async (bucket) => {
      const found = await bucket.get(key)
      if (found === null) throw new Error('it is not there any more')
      return new Uint8Array(await found.arrayBuffer())
    })
  }

  async close(): Promise<void> {
    await this.#runtime.close()
  }

  async #call<T>(act: string, call: (bucket: BucketBinding) => Promise<T>): Promise<T> {
    try {
      return await call((await this.#runtime.start()).env.FEEDBACK)
    } catch (cause) {
      if (cause instanceof NightjarError) throw cause
      throw new NightjarError('FEEDBACK_FAILED', {
        what: `cannot ${act} in ${this.name}: ${cause instanceof Error ? cause.message : cause}`,
        fix: 'run the same command again: what was pulled before is not pulled twice',
        cause,
      })
    }
  }
}
