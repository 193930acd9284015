import { join, resolve } from 'node:path'
import { NightjarError } from '../errors.ts'
import {
  checkStateFolder,
  defaultStateFolder,
  keepingSignalHandlers,
  loadWrangler,
  localEnvironment,
  wranglerConfigPath,
} from '../publish/wrangler.ts'
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

interface Runtime {
  bucket: BucketBinding
  dispose(): Promise<void>
}

/**
 * The feedback that `nightjar serve` and `wrangler dev` take, in a state folder on this machine. Read through wrangler's own
 * runtime, which starts at the first call (about two seconds); the worker may run meanwhile.
 */
export class LocalFeedback implements FeedbackSource {
  readonly name: string
  readonly #stateFolder: string
  #runtime: Promise<Runtime> | undefined

  /** @param stateFolder as `wrangler dev --persist-to` takes it */
  constructor(stateFolder: string = defaultStateFolder()) {
    this.#stateFolder = resolve(stateFolder)
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
    const runtime = this.#runtime
    this.#runtime = undefined
    await (await runtime?.catch(() => undefined))?.dispose()
  }

  async #call<T>(act: string, call: (bucket: BucketBinding) => Promise<T>): Promise<T> {
    try {
      return await call((await this.#start()).bucket)
    } catch (cause) {
      if (cause instanceof NightjarError) throw cause
      throw new NightjarError('FEEDBACK_FAILED', {
        what: `cannot ${act} in ${this.name}: ${cause instanceof Error ? cause.message : cause}`,
        fix: 'run the same command again: what was pulled before is not pulled twice',
        cause,
      })
    }
  }

  #start(): Promise<Runtime> {
    this.#runtime ??= keepingSignalHandlers(async () => {
      await checkStateFolder(this.#stateFolder)
      const { getPlatformProxy } = await loadWrangler()
      const { env, dispose } = await getPlatformProxy<{ FEEDBACK: BucketBinding }>({
        configPath: wranglerConfigPath(),
        environment: localEnvironment,
        // `wrangler dev --persist-to X` keeps its files in X/v3; this option wants that folder itself.
        persist: { path: join(this.#stateFolder, 'v3') },
        remoteBindings: false,
        envFiles: [],
      })
      return { bucket: env.FEEDBACK, dispose }
    })
    return this.#runtime
  }
}
