import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

export const plainOutput = { NO_COLOR: '1' }

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the built command line in its own process, as a person does; `callCli` is much quicker where that is not the matter. */
export function runCli(
  args: string[],
  options: {
    signal?: { afterOutput: RegExp; name: NodeJS.Signals }
    /** Beside this process's own. */
    env?: Record<string, string>
    /** The working folder; this package's where none is given. */
    cwd?: string
  } = {},
) {
  return new Promise<CliResult>((done, failed) => {
    const child = spawn(process.execPath, [resolve('bin', 'nightjar.mjs'), ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...plainOutput, ...options.env },
    })
    const result: CliResult = { code: null, stdout: '', stderr: '' }
    const { signal } = options
    let isSignalled = false
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        result[stream] += text
        if (isSignalled || signal === undefined || !signal.afterOutput.test(result[stream])) return
        isSignalled = true
        child.kill(signal.name)
      })
    }
    child.on('error', failed)
    child.on('close', (code) => done({ ...result, code }))
  })
}

/** An environment in which no driver finds a GPU, whatever the machine has. */
export const withoutGpu = { CUDA_VISIBLE_DEVICES: '', VK_DRIVER_FILES: '/none', VK_ICD_FILENAMES: '/none' }
