import { vi } from 'vitest'
import { main } from '../../job/cli/main.ts'
import type { Cloud } from '../../job/cloud/cloud.ts'
import { type CliResult, plainOutput } from './run-cli.ts'

/**
 * Runs the command line in this process, which saves the second that it takes to start one. What only a process of its own
 * shows (the built files, signals, what other packages print, that it ends) is for `runCli`.
 *
 * @param options.env beside this process's own, until the command has ended
 */
export async function callCli(
  args: string[],
  options: { env?: Record<string, string>; cloud?: () => Cloud } = {},
): Promise<CliResult> {
  const given = { ...plainOutput, ...options.env }
  const before = Object.keys(given).map((name) => [name, process.env[name]] as const)
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    }),
  )
  Object.assign(process.env, given)
  try {
    return { code: await main(args, options.cloud), ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
