import { isAbsolute, join, relative } from 'node:path'
import { projectRoot } from '../project-root.ts'
import { openStore } from '../store/open-store.ts'

/** The worker's configuration. */
export const wranglerConfigPath = () => join(projectRoot(), 'wrangler.toml')

/** The folder beside it where `wrangler dev` keeps its local KV; where that lies in the working folder, from there on. */
export function defaultStateFolder(): string {
  const folder = join(projectRoot(), '.wrangler', 'state')
  const fromHere = relative(process.cwd(), folder)
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? folder : fromHere
}

/** The environment in it that is for one's own machine, which nobody else reaches. */
export const localEnvironment = 'local'

/**
 * Loads wrangler, which takes more than a second: only commands that need it pay for it. It is told not to
 * reach for the internet (metrics, and the `request.cf` of where this machine stands).
 */
export async function loadWrangler(): Promise<typeof import('wrangler')> {
  process.env.WRANGLER_SEND_METRICS ??= 'false'
  process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= 'false'
  // The local queue tells of every batch on standard output, where results go.
  process.env.WRANGLER_LOG ??= 'error'
  return import('wrangler')
}

/**
 * Does `work`, and takes away at once any handler that it sets for Ctrl-C or SIGTERM.
 *
 * Loading wrangler and starting its runtime both set handlers that end the process on the spot, with exit code
 * 0 or 130, before nightjar can clean up behind itself. The handlers of `exit`, which end the runtime's own
 * process, stay. Nobody else may begin to listen for these signals meanwhile.
 */
export async function keepingSignalHandlers<T>(work: () => Promise<T>): Promise<T> {
  const refuse = (event: string | symbol, listener: (...args: unknown[]) => void) => {
    // This is told before the handler is set; a signal is heard no earlier than the microtask.
    if (event === 'SIGINT' || event === 'SIGTERM') queueMicrotask(() => process.off(event, listener))
  }
  process.on('newListener', refuse)
  try {
    return await work()
  } finally {
    process.off('newListener', refuse)
  }
}

/**
 * Makes sure that a state folder can be written. Wrangler makes its folders with Node's recursive mkdir, which tries for
 * ever where the file system answers ENOENT for a folder whose parent is there.
 *
 * @throws NightjarError STORE_FAILED, DISK_FULL
 */
export async function checkStateFolder(folder: string): Promise<void> {
  const store = openStore(folder)
  await store.put('writable', new Uint8Array())
  await store.delete('writable')
}
