import { describe, expect, it } from 'vitest'
import { callCli } from './call-cli.ts'
import { everyCommand } from './every-command.ts'

/** Of a terminal of the usual width. */
const columns = 80

const helpOf = async (...words: string[]) => {
  const { code, stdout, stderr } = await callCli(words)
  expect([words, code, stderr]).toEqual([words, 0, ''])
  return stdout
}

describe('help, in eighty columns', () => {
  it('of nightjar alone', async () => {
    expect(await helpOf()).toMatchSnapshot()
  })

  it('of every command', async () => {
    for (const { name } of await everyCommand())
      expect(await helpOf(...name.split(' '), '--help')).toMatchSnapshot(name)
  })

  it('fits, with every line of it', async () => {
    const wide: string[] = []
    for (const { name } of [{ name: '' }, ...(await everyCommand())]) {
      const lines = (await helpOf(...name.split(' ').filter(Boolean), '--help')).split('\n')
      wide.push(...lines.filter((line) => line.length > columns).map((line) => `${name}: ${line}`))
    }
    expect(wide).toEqual([])
  })
})
