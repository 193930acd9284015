import { afterEach, beforeEach, vi } from 'vitest'
import type { Cloud } from '../../job/cloud/cloud.ts'
import { Random } from '../../job/data/random.ts'
import { callCli } from '../cli/call-cli.ts'
import type { CliResult } from '../cli/run-cli.ts'
import { FakeAws } from './fake/fake-aws.ts'
import { FakeTime } from './fake/fake-time.ts'

/** A fake of AWS for every test of a file, and the command line that talks to it, in time that does not take time. */
export interface CloudTest {
  aws: FakeAws
  time: FakeTime
  /** What code gets that is called without the command line. */
  cloud: Cloud
  run(...args: string[]): Promise<CliResult>
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
  test.run = (...args) => callCli(args, { cloud: () => ({ waits: test.time, random: new Random(1) }) })
  return test
}
