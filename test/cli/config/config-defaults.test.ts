import type { Command } from 'commander'
import { beforeAll, describe, expect, it } from 'vitest'
import { isCollecting } from '../../../job/cli/collecting.ts'
import { commands } from '../../../job/cli/command-table.ts'
import { applyConfig } from '../../../job/cli/config/config-defaults.ts'
import { UsageError } from '../../../job/errors.ts'
import { everyCommand, type NamedCommand } from '../every-command.ts'

const place = 'nightjar.config.json'
const noCloud = () => {
  throw new Error('nothing is run')
}

async function configured(name: string, sections: Record<string, unknown>): Promise<Command> {
  const command = await commands[name](noCloud)
  applyConfig(command, { place, sections })
  return command
}

/** What a command's work would get for options: those of the file, changed by some words of the command line. */
async function optionsOf(name: string, sections: Record<string, unknown>, words: string[] = []) {
  const command = await configured(name, sections)
  command.parseOptions(words)
  return command.opts()
}

describe('what a configuration file says', () => {
  it("is the default of a command's option, parsed as a word of the command line is", async () => {
    const train = { preset: 'paper', seed: 7, holdout: '0.2', refit: false, resume: true, out: 'work/run' }
    expect(await optionsOf('train', { train, nightly: { k: 5 } })).toMatchObject({ ...train, holdout: 0.2 })
  })

  it('yields to the command line', async () => {
    const sections = { train: { seed: 7, epochs: 20 } }
    expect(await optionsOf('train', sections, ['--seed', '8'])).toMatchObject({ seed: 8, epochs: 20 })
  })

  it('is a list where an option may be given again or takes several, and the command line takes its place', async () => {
    const sections = {
      nightly: { import: ['a.csv', 'b.csv'], option: { factors: 64, parts: ['ials', 'ease'] } },
      reproduce: { table: [4, 3] },
    }
    expect(await optionsOf('nightly', sections)).toMatchObject({
      import: ['a.csv', 'b.csv'],
      option: { factors: 64, parts: 'ials,ease' },
    })
    expect(await optionsOf('reproduce', sections)).toMatchObject({ table: [3, 4] })
    const words = ['--import', 'c.csv', '--option', 'alpha=1', '--option', 'l2=2']
    expect(await optionsOf('nightly', sections, words)).toMatchObject({
      import: ['c.csv'],
      option: { alpha: 1, l2: 2 },
    })
  })

  it('under "all" holds for every command, and yields to the command\'s own section', async () => {
    const sections = { all: { json: true, verbose: true }, versions: { verbose: false } }
    expect(await optionsOf('versions', sections)).toMatchObject({ json: true })
    expect(await optionsOf('versions', sections)).not.toHaveProperty('verbose', true)
    const feedback = await configured('feedback', sections)
    expect(feedback.commands[0]?.opts()).toMatchObject({ json: true, verbose: true })
  })

  it('of a part of a command stands within its section', async () => {
    const feedback = await configured('feedback', { feedback: { pull: { from: 'local:kv' } } })
    expect(feedback.commands[0]?.opts()).toMatchObject({ from: 'local:kv' })
  })

  it('is what the help shows, with the file', async () => {
    const help = (await configured('train', { train: { epochs: 7, refit: false } })).helpInformation()
    const words = help.replace(/\s+/g, ' ')
    expect(words).toContain('(default: 7, from nightjar.config.json)')
    expect(words).toContain('(refit: false, from nightjar.config.json)')
  })

  it.each([
    [{ trian: {} }, `${place}: trian: no such command; did you mean train?`],
    [{ train: [] }, `${place}: train: got [] (want an object of options)`],
    [{ train: { presett: 1 } }, `${place}: train.presett: no such option; did you mean preset?`],
    [{ train: { 'learning-rate': 1 } }, 'train.learning-rate: no such option; did you mean learningRate?'],
    [{ train: { __proto__x: 1 } }, 'train.__proto__x: no such option'],
    [{ train: { constructor: 1 } }, 'train.constructor: no such option'],
    [{ train: { seed: 'x' } }, `${place}: train.seed: invalid seed: x (want an integer from 0`],
    [{ train: { seed: true } }, `${place}: train.seed: got true (want text or a number, for --seed <n>)`],
    [{ train: { refit: 'no' } }, `${place}: train.refit: got "no" (want true or false)`],
    [{ train: { seed: [1, 2] } }, `${place}: train.seed: got [1,2] (want text or a number`],
    [
      { train: { option: 3.5 } },
      `${place}: train.option: invalid option: 3.5 (want name=value, such as factors=256)`,
    ],
    [{ train: { option: { factors: {} } } }, `${place}: train.option.factors: got {} (want text, a number`],
    [{ all: { seed: 1 } }, `${place}: all.seed: no such option`],
    [{ all: { json: 'yes' } }, `${place}: all.json: got "yes" (want true or false)`],
  ])('%j is refused by its path', async (sections, message) => {
    const error = await configured('train', sections).catch((caught) => caught)
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toContain(message)
    expect(error.exitCode).toBe(2)
  })

  it('that is wrong is answered with what there is', async () => {
    const error = await configured('versions', { versions: { a: 1 } }).catch((caught) => caught)
    expect(error.fix).toBe('want one of at, json, quiet, verbose')
  })
})

describe('every option of every command', () => {
  let all: NamedCommand[]
  beforeAll(async () => {
    all = await everyCommand()
  })

  it('can be given by its name, and refuses what is of another kind by its path', () => {
    let options = 0
    for (const { name, command } of all.filter(({ command: { commands } }) => commands.length === 0)) {
      for (const option of command.options.filter(({ hidden }) => !hidden)) {
        const path = [...name.split(' '), option.attributeName()]
        const sections = path.reduceRight<unknown>((value, key) => ({ [key]: value }), null)
        const top = all.find((one) => one.name === path[0])?.command as Command
        const apply = () => applyConfig(top, { place, sections: sections as Record<string, unknown> })
        expect(apply, path.join('.')).toThrow(`${place}: ${path.join('.')}: got null (want `)
        options++
      }
    }
    expect(options).toBeGreaterThan(150)
  })

  it('takes a list exactly where its help says that it may be given again', () => {
    const again = (text: string) => /may be given (again|more than once|\d+ times)/.test(text)
    const options = all.flatMap(({ command }) => command.options)
    const said = options.filter(({ description }) => again(description)).map(({ flags }) => flags)
    expect(options.filter(isCollecting).map(({ flags }) => flags)).toEqual(said)
    expect(said.length).toBeGreaterThan(8)
  })
})
