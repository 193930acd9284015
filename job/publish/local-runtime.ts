import { join } from 'node:path'
import {
  checkStateFolder,
  keepingSignalHandlers,
  loadWrangler,
  localEnvironment,
  wranglerConfigPath,
} from './wrangler.ts'

interface Started<Bindings> {
  env: Bindings
  dispose(): Promise<void>
}

/**
 * Wrangler's own runtime over a state folder on this machine: what is bound to a worker there, without the worker.
 *
 * It starts at the first call, which takes about two seconds. A worker may run over the same folder meanwhile.
 */
export class LocalRuntime<Bindings> {
  readonly #stateFolder: string
  #started: Promise<Started<Bindings>> | undefined

  /** @param stateFolder as `wrangler dev --persist-to` takes it, absolute */
  constructor(stateFolder: string) {
    this.#stateFolder = stateFolder
  }

  start(): Promise<Started<Bindings>> {
    this.#started ??= keepingSignalHandlers(async () => {
      await checkStateFolder(this.#stateFolder)
      const { getPlatformProxy } = await loadWrangler()
      return getPlatformProxy<Record<string, unknown>>({
        configPath: wranglerConfigPath(),
        environment: localEnvironment,
        // `wrangler dev --persist-to X` keeps its files in X/v3; this option wants that folder itself.
        persist: { path: join(this.#stateFolder, 'v3') },
        remoteBindings: false,
        envFiles: [],
      }) as unknown as Promise<Started<Bindings>>
    })
    return this.#started
  }

  /** @param started what is to be stopped, if it still is what runs; whatever runs if not given */
  async close(started: Promise<Started<Bindings>> | undefined = this.#started): Promise<void> {
    if (started !== this.#started) return
    this.#started = undefined
    await (await started?.catch(() => undefined))?.dispose()
  }
}
