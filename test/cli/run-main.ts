import { vi } from 'vitest'
import { main } from '../../job/cli/main.ts'
import type { Cloud } from '../../job/cloud/cloud.ts'

export interface MainRun {
  code: number
  stdout: string
  stderr: string
}

/** Runs the command line in this process, and keeps what it writes. */
export async function runMain(args: string[], cloud?: () => Cloud): Promise<MainRun> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text)
      return true
    }),
  )
  try {
    const code = await main(args, cloud)
    return { code, ...written }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}
