import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { everyCommand } from '../cli/every-command.ts'
import { blocksOf, type CommandBlock, isRunHere, pages, placeOf } from './command-blocks.ts'

let blocks: CommandBlock[]
beforeAll(async () => {
  blocks = (await Promise.all(pages().map(blocksOf))).flat()
})

const placesOf = (some: CommandBlock[]) => some.map(placeOf)

describe('every block of commands in the documents', () => {
  test('is found: there are as many as fences of a shell, all called sh', async () => {
    const texts = await Promise.all(pages().map((page) => readFile(page, 'utf8')))
    expect(texts.join('').match(/^ *```(sh|bash|shell|zsh|console)\b/gm)).toHaveLength(blocks.length)
    expect(blocks.length).toBeGreaterThan(70)
  })

  test('says above it whether a test runs it, which one, or why none can', () => {
    expect(placesOf(blocks.filter(({ mark }) => mark === undefined))).toEqual([])
  })

  test('that another test runs is on a page that this test reads', async () => {
    const wrong: string[] = []
    for (const block of blocks) {
      if (block.mark?.kind !== 'run by') continue
      const test = await readFile(block.mark.test, 'utf8').catch(() => '')
      if (!test.includes(block.page)) wrong.push(`${placeOf(block)}: ${block.mark.test}`)
    }
    expect(wrong).toEqual([])
  })

  test('that is to be run here is on a page that a test of this folder follows', async () => {
    const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'))
    const tests = await Promise.all(names.map((name) => readFile(join(import.meta.dirname, name), 'utf8')))
    const followed = (page: string) => tests.some((test) => test.includes(`'${page}'`))
    expect(placesOf(blocks.filter((block) => isRunHere(block) && !followed(block.page)))).toEqual([])
  })

  test('can be read by a shell', async () => {
    for (const block of blocks) await promisify(execFile)('bash', ['-n', '-c', block.text])
  })

  test('calls nightjar by commands and options that there are', async () => {
    const known = new Map(
      (await everyCommand()).map(({ name, command }) => [
        name,
        command.options.flatMap(({ long, short }) => [long, short]),
      ]),
    )
    const unknown = blocks.flatMap((block) =>
      callsIn(block.text).flatMap((words) => {
        const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((some) => known.has(some))
        if (name === undefined) return [`${placeOf(block)}: ${words[0]}`]
        const options = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''))
        const wrong = options.filter((option) => !known.get(name)?.includes(option))
        return wrong.map((option) => `${placeOf(block)}: ${name} ${option}`)
      }),
    )
    expect(unknown).toEqual([])
  })
})

/** The words of each call of nightjar, and of each command that it is given after `--`. */
function callsIn(text: string): string[][] {
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  return lines.flatMap((line) => {
    const call = /^(?:npx )?nightjar (.+)$/.exec(line.replace(/ +#.*$/, ''))?.[1]
    const parts = call?.replaceAll(/"[^"]*"/g, 'TEXT').split(' -- ') ?? []
    return parts.map((part) => part.split(' ').filter(Boolean))
  })
}
