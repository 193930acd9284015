import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rowOf } from '../../../job/data/csr-matrix.ts'
import { readSplitFolder } from '../../../job/experiments/reproduce/split-folder.ts'
import { tempFolder } from '../../temp-folder.ts'
import { type Rows, writeSplit } from './made-split.ts'

async function read(files: { train: Rows; validation?: Rows; test: Rows }) {
  return readSplitFolder(await writeSplit(await tempFolder(), 'odd', files))
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error.code,
  )

describe('a split folder', () => {
  it('folds rows that repeat, in train and in test, and counts them as rows', async () => {
    const { train, test, counts } = await read({
      train: [
        [1, 1],
        [1, 1],
        [2, 2],
      ],
      test: [
        [1, 2],
        [1, 2],
        [2, 1],
      ],
    })
    expect([...train.columns]).toEqual([0, 1])
    expect([...test.pairs.columns]).toEqual([1, 0])
    expect(counts).toMatchObject({ users: 2, items: 2, rows: 6, pairs: 4, testUsers: 2, knownTestPairs: 0 })
  })

  it('keeps test pairs that also stand in train: they count in recall', async () => {
    const { test, counts } = await read({
      train: [
        [1, 1],
        [1, 2],
      ],
      test: [
        [1, 2],
        [1, 3],
        [1, 1],
      ],
    })
    expect([...rowOf(test.pairs, 0)]).toEqual([0, 1])
    expect([...test.unknownItems]).toEqual([1])
    expect(counts).toMatchObject({ pairs: 3, knownTestPairs: 2, unknownItems: 1 })
  })

  it('counts a user without test rows among the users, and not among those of the means', async () => {
    const { counts } = await read({
      train: [
        [1, 1],
        [2, 1],
        [3, 2],
      ],
      test: [[2, 2]],
    })
    expect(counts).toMatchObject({ users: 3, testUsers: 1 })
  })

  it('gives a user of test alone an empty row, and nothing that could be hit', async () => {
    const { train, test, counts } = await read({
      train: [
        [1, 1],
        [2, 2],
      ],
      test: [
        [9, 1],
        [9, 1],
        [9, 7],
        [1, 2],
      ],
    })
    expect(train.rowCount).toBe(3)
    expect([...rowOf(train, 2)]).toEqual([])
    expect([...rowOf(test.pairs, 2)]).toEqual([])
    expect([...test.unknownItems]).toEqual([0, 0, 2])
    expect(counts).toMatchObject({ users: 3, items: 3, testUsers: 2, unknownUsers: 1, unknownItems: 1 })
  })

  it('adds validation rows that train lacks, and says how many', async () => {
    const { train, validation, counts } = await read({
      train: [
        [1, 1],
        [1, 2],
      ],
      validation: [
        [1, 2],
        [1, 3],
        [1, 3],
      ],
      test: [[1, 4]],
    })
    expect([...train.columns]).toEqual([0, 1, 2])
    expect([...validation.columns]).toEqual([1, 2])
    expect(counts).toMatchObject({ rows: 4, addedRows: 1 })
  })

  it('numbers whole numbers as numbers, other ids as texts', async () => {
    const { train } = await read({
      train: [
        [10, 10],
        [9, 9],
      ],
      test: [[9, 10]],
    })
    // User 9 comes first, and has item 9, which comes first.
    expect([...rowOf(train, 0)]).toEqual([0])
    const texts = await read({
      train: [
        ['u10', 'b'],
        ['u9', 'a'],
      ],
      test: [['u9', 'b']],
    })
    expect([...rowOf(texts.train, 0)]).toEqual([1])
  })

  it('has a digest of all three files', async () => {
    const files = { train: [[1, 1]], validation: [[1, 1]], test: [[1, 2]] } as const
    const same = [await read(files), await read(files)].map(({ digest }) => digest)
    expect(same[0]).toBe(same[1])
    expect((await read({ ...files, test: [[1, 1]] })).digest).not.toBe(same[0])
    expect((await read({ ...files, validation: [] })).digest).not.toBe(same[0])
  })

  it('says what is wrong: a missing file, an empty one, other columns, no rows, a bad row', async () => {
    const folder = await tempFolder()
    const place = await writeSplit(folder, 'one', { train: [[1, 1]], test: [[1, 2]] })
    await writeFile(join(place, 'test.csv'), 'user_id,item_id\n')
    expect(await codeOf(readSplitFolder(place))).toBe('SPLIT_EMPTY')
    await writeFile(join(place, 'test.csv'), 'user_id,item_id\n1,\n')
    expect(await codeOf(readSplitFolder(place))).toBe('PAIRS_BAD_ROW')
    await writeFile(join(place, 'test.csv'), 'who,what\n1,2\n')
    expect(await codeOf(readSplitFolder(place))).toBe('SPLIT_COLUMN')
    await writeFile(join(place, 'test.csv'), '')
    expect(await codeOf(readSplitFolder(place))).toBe('SPLIT_FILE')
    await rm(join(place, 'test.csv'))
    await expect(readSplitFolder(place)).rejects.toThrow(/no such file: .*test\.csv/)
    await mkdir(join(folder, 'nothing'))
    expect(await codeOf(readSplitFolder(join(folder, 'nothing')))).toBe('SPLIT_FILE')
  })
})
