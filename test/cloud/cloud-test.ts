import { afterEach, beforeEach, vi } from 'vitest'
import { main } from '../../job/cli/main.ts'
import type { Cloud } from '../../job/cloud/cloud.ts'
import { Random } from '../../job/data/random.ts'
import { FakeAws } from './fake/fake-aws.ts'
import { FakeTime } from './fake/fake-time.ts'

interface CloudRun {
  code: number
  stdout: string
  stderr: string
}

/** A fake of AWS for every test of a file, and the command line that talks to it, in time that does not take time. */
export interface CloudTest {
  aws: FakeAws
  time: FakeTime
  /** What code gets that is called without the command line. */
  cloud: Cloud
  run(...args: string[]): Promise<CloudRun>
}

export function cloudTest(): CloudTest {
  const test = {} as CloudTest
  beforeEach(async () => {
    test.time = new FakeTime()
    test.aws = await FakeAws.open(() => test.time.now())
    test.cloud = { waits: test.time, random: new Random(1) }
    for (const [name, value] of Object.entries(test.aws.env)) vi.stubEnv(name, value)
    for (const name of ['AWS_PROFILE', 'NIGHTJAR_BATCH_QUEUE', 'NIGHTJAR_BATCH_DEFINITION', 'NIGHTJAR_LOG'])
      vi.stubEnv(name, undefined)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await test.aws.close()
  })
  test.run = async (...args) => {
    const written = { stdout: '', stderr: '' }
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        written[name] += String(text)
        return true
      }),
    )
    try {
      const code = await main(args, () => ({ waits: test.time, random: new Random(1) }))
      return { code, ...written }
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
  }
  return test
}
