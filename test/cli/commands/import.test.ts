import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { importCommand } from '../../../job/cli/commands/import.ts'
import { splitCommand } from '../../../job/cli/commands/split.ts'
import { ImportBench } from '../../data/import/import-bench.ts'

const bench = new ImportBench()

/** What a command prints on standard output. */
async function output(command: ReturnType<typeof importCommand>, ...args: string[]): Promise<string> {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  await command.parseAsync(args, { from: 'user' })
  return text
}

afterEach(() => {
  vi.restoreAllMocks()
})

const ratings = bench.write(
  'ratings.csv',
  'user,item,rating,time\nu1,i1,5,1\nu1,i2,2,2\nu1,i1,4,3\nu2,i1,4,1\nu2,i3,5,1\n,i1,4,1\nu1,i3,5,9\n',
)

describe('nightjar import', () => {
  test('prints what it did, where, and the next command', async () => {
    const out = bench.fresh()
    const text = await output(
      importCommand(),
      ratings,
      '--out',
      out,
      '--min-rating',
      '4',
      '--max-rejects',
      '20%',
    )
    expect(text).toContain('rows      7 read, 4 kept, 1 rejected, 1 duplicates folded, 1 below the rating')
    expect(text).toContain('users     2')
    expect(text).toContain('density   100 % of 4 interactions')
    expect(text).toContain('columns   user, item, rating, time\n')
    expect(text).toContain(`rejects   ${out}.rejects.csv`)
    expect(text).toContain(`next      nightjar train ${out} --out RUN`)
    expect(existsSync(`${out}.rejects.csv`)).toBe(true)
  })

  test('names the columns that it did not read, and how events are read', async () => {
    const source = bench.write('shop.csv', 'user,item,event,price\nu1,i1,buy,2\n')
    const text = await output(importCommand(), source, '--out', bench.fresh())
    expect(text).toContain(
      'columns   user, item (not read: event, price; --time-column NAME reads one as the time; --events buy=1,click=0.2 reads events)\n',
    )
    const read = await output(importCommand(), source, '--out', bench.fresh(), '--events', 'buy=1')
    expect(read).toContain('columns   user, item, event (not read: price; --time-column NAME reads')
  })

  test('names the columns of titles that it did not read, and says where no title fits', async () => {
    const rows = bench.write('few.csv', 'user,item,time\nu1,i1,2\n')
    const titles = bench.write('titles.csv', 'item,title,group\ni1,One,g\n')
    const text = await output(importCommand(), rows, '--items', titles, '--out', bench.fresh())
    expect(text).toContain('titles    not read: group; the columns that are read are called')
    expect(text).not.toContain('titles    none')
    const others = bench.write('others.csv', 'item,title\ni2,Two\n')
    const warned = await output(importCommand(), rows, '--items', others, '--out', bench.fresh())
    expect(warned).toContain('titles    none is of an item that the rows have')
  })

  test('prints the same facts with --json, and the first bad rows', async () => {
    const out = bench.fresh()
    const report = JSON.parse(
      await output(importCommand(), ratings, '--out', out, '--max-rejects', '1', '--json'),
    )
    expect(report).toMatchObject({
      dataset: out,
      changed: true,
      rowsRead: 7,
      rowsKept: 5,
      rejected: 1,
      users: 2,
    })
    expect(report.rejects).toEqual([
      { file: ratings, line: 7, column: 'user', reason: 'is empty', text: ',i1,4,1' },
    ])
  })

  test('says that a source was skipped', async () => {
    const args = [ratings, '--out', bench.fresh(), '--max-rejects', '1', '--append', '--if-new']
    await output(importCommand(), ...args)
    expect(await output(importCommand(), ...args)).toContain(`already imported, skipped: ${ratings}`)
  })

  test('takes columns by number with --no-header', async () => {
    const file = bench.write('a.csv', 'i1,x,u1\n')
    const args = ['--no-header', '--user-column', '3', '--item-column', '1', '--rating-column', 'none']
    const report = JSON.parse(await output(importCommand(), file, '--out', bench.fresh(), ...args, '--json'))
    expect(report).toMatchObject({ rowsKept: 1, columns: ['user', 'item'] })
  })

  test.each([
    ['--max-rejects', 'lots'],
    ['--min-count', '0'],
    ['--format', 'xlsx'],
  ])('refuses %s %s as wrong use', async (option, value) => {
    const work = output(importCommand(), ratings, '--out', bench.fresh(), option, value)
    await expect(work).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 })
  })
})

test('nightjar split writes the files and prints their rows', async () => {
  const out = bench.fresh()
  const { out: dataset } = await bench.import(ratings, { maxRejects: { count: 1 } })
  const text = await output(splitCommand(), dataset, '--by', 'time', '--out', out)
  expect(text).toContain('test        2 rows')
  expect(readFileSync(join(out, 'test.csv'), 'utf8')).toBe('user_id,item_id\nu1,i3\nu2,i3\n')
})
