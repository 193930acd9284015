import { describe, expect, it } from 'vitest'
import { runTool, runToolWithin } from '../../job/doctor/run-tool.ts'

describe('a tool', () => {
  it('gives what it printed', async () => {
    expect(await runTool(process.execPath, ['-e', 'console.log(6 * 7)'])).toBe('42\n')
  })

  it('gives nothing where it is not there, or fails', async () => {
    expect(await runTool('there-is-no-such-tool', [])).toBeUndefined()
    expect(await runTool(process.execPath, ['-e', 'console.log(1); process.exit(1)'])).toBeUndefined()
  })

  it('is not waited for beyond its limit', async () => {
    expect(await runToolWithin(300, process.execPath, ['-e', 'for (;;) {}'])).toBeUndefined()
  })
})
