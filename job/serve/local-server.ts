import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { NightjarError } from '../errors.ts'
import {
  checkStateFolder,
  defaultStateFolder,
  keepingSignalHandlers,
  loadWrangler,
  localEnvironment,
  wranglerConfigPath,
} from '../publish/wrangler.ts'

const host = '127.0.0.1'
export const usualPort = 8787

/** Bundling and starting take about two seconds; after this long nothing will come any more. */
const startTimeoutMs = 60_000

export interface LocalServer {
  /** `http://127.0.0.1:8787`, without a slash at the end. */
  url: string
  port: number
  /** Stops the worker and frees the port. */
  close(): Promise<void>
}

/**
 * Serves the worker on this machine, on the lists that `nightjar publish RUN --to local` writes. A publication
 * meanwhile is seen as soon as the worker reads the pointer again.
 *
 * Wrangler's own development server, run inside this process: without its watching, inspector and messages.
 *
 * @param options.port 0 for any free one; if not given, 8787 or, where that is taken, any free one
 * @param options.state the local KV's folder, as `wrangler dev --persist-to` takes it
 * @throws NightjarError PORT_TAKEN, SERVE_FAILED
 */
export async function startLocalServer(
  options: { port?: number; state?: string } = {},
): Promise<LocalServer> {
  const port = await choosePort(options.port)
  const state = resolve(options.state ?? defaultStateFolder())
  await checkStateFolder(state)
  return keepingSignalHandlers(async () => {
    const { unstable_startWorker: startWorker } = await loadWrangler()
    const worker = await startWorker({
      config: wranglerConfigPath(),
      env: localEnvironment,
      dev: {
        server: { hostname: host, port },
        persist: state,
        remote: false,
        inspector: false,
        watch: false,
        liveReload: false,
        logLevel: 'none',
      },
    })
    try {
      await inTime(worker.ready)
      // The runtime says that it is ready before the worker's code has run for the first time.
      await inTime(worker.fetch(`http://${host}:${port}/health/live`))
    } catch (cause) {
      await worker.dispose().catch(() => {})
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new NightjarError('SERVE_FAILED', {
        what: `the worker did not start on ${host}:${port}: ${reason}`,
        fix: 'see what wrangler says about it: npx wrangler dev',
        cause,
      })
    }
    return { url: `http://${host}:${port}`, port, close: () => worker.dispose() }
  })
}

async function choosePort(asked: number | undefined): Promise<number> {
  const free = await freePort(asked ?? usualPort)
  if (free !== undefined) return free
  if (asked === undefined) return (await freePort(0)) as number
  throw new NightjarError('PORT_TAKEN', {
    what: `port ${asked} of ${host} is taken`,
    why: 'another program listens there, perhaps another `nightjar serve`',
    fix: 'nightjar serve --port 0 takes any free one',
  })
}

/** `port` if nobody listens there, or some free port for 0; undefined where it is taken. */
function freePort(port: number): Promise<number | undefined> {
  return new Promise((done, failed) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(undefined) : failed(error),
    )
    probe.listen(port, host, () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(`nothing after ${startTimeoutMs / 1000} s`)), startTimeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
