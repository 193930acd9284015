import { fork } from 'node:child_process'
import { join } from 'node:path'
import * as z from 'zod'
import { projectRoot } from '../../project-root.ts'

const probeReply = z.union([
  z.object({
    device: z.string(),
    gpu: z.boolean(),
    /** Whether the product of two small matrices came out as it should. */
    isRight: z.boolean(),
    ms: z.number(),
  }),
  z.object({ error: z.string(), code: z.string() }),
])
export type ProbeReply = z.infer<typeof probeReply>

/** How a probe's process ended. */
type End = { reply: ProbeReply } | { nonsense: string } | { crashed: string } | { hungMs: number }
/** With what its driver printed meanwhile. */
export type ProbeEnd = End & { log: string }

/** What a driver prints is kept to this length: the end of it, where the reason stands. */
const logCharacters = 64_000
/** How long a process may take to end by itself once it has replied. */
const goodbyeMs = 1000

/**
 * The program of a probe, as it was built: a child of Node 20 cannot run the sources, and the command line runs from
 * the build anyway.
 */
export const builtProbe = () => join(projectRoot(), 'dist/job/engine/tfjs/probe-child.js')

/**
 * Runs a probe in a process of its own.
 *
 * It replies by a channel, not by its output: drivers print there what they like. It is killed after `limitMs`; one
 * that not even a kill ends (a driver stuck in the kernel) is not waited for.
 */
export function runProbe(
  program: string,
  backend: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<ProbeEnd> {
  return new Promise((resolve) => {
    let log = ''
    let reply: End | undefined
    const child = fork(program, [backend], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // What this process was started with, such as a debugger's port, is its own.
      execArgv: [],
      env: {
        ...process.env,
        // TensorFlow would take all memory of the GPU, from a WebGPU that is probed at the same time.
        TF_FORCE_GPU_ALLOW_GROWTH: 'true',
        // It says the GPU's name, and which library of CUDA it lacks, in its log only.
        TF_CPP_MIN_LOG_LEVEL: '0',
      },
    })
    const end = (how: End) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      // From here on it keeps nobody from exiting, whether the kill ends it or not.
      child.kill('SIGKILL')
      if (child.connected) child.disconnect()
      child.stderr?.destroy()
      child.unref()
      resolve({ ...how, log })
    }
    let timer = setTimeout(() => end({ hungMs: limitMs }), limitMs)
    const cancel = () => end({ crashed: 'cancelled' })
    if (signal?.aborted) cancel()
    signal?.addEventListener('abort', cancel)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-logCharacters)
    })
    child.on('message', (message) => {
      const parsed = probeReply.safeParse(message)
      const heard = parsed.success
        ? { reply: parsed.data }
        : { nonsense: JSON.stringify(message).slice(0, 80) }
      reply ??= heard
      // The rest of its log may still be on the way.
      clearTimeout(timer)
      timer = setTimeout(() => end(heard), goodbyeMs)
    })
    child.on('error', (error) => end({ crashed: error.message }))
    // `close`, not `exit`: by then all of the log, and a reply that was on its way, are here.
    child.on('close', (code, killedBy) => end(reply ?? { crashed: killedBy ?? `exit code ${code}` }))
  })
}
