import { expect, test } from 'vitest'
import { csrFromPairs, rowOf } from '../../job/data/csr-matrix.ts'
import { rowsOfUsers, someUsers } from '../../job/train/some-users.ts'

// Users 1, 2, 4, 5 and 7 have something.
const heldOut = csrFromPairs(Uint32Array.of(1, 2, 2, 4, 5, 7), Uint32Array.of(0, 0, 2, 1, 2, 1), 8, 3)

test('as many users as may be, from all over those who have something', () => {
  expect([...someUsers(heldOut, 5)]).toEqual([1, 2, 4, 5, 7])
  expect([...someUsers(heldOut, 4)]).toEqual([1, 4, 7])
  expect([...someUsers(heldOut, 2)]).toEqual([1, 5])
})

test('their rows stay where they are, and all others are empty', () => {
  const some = rowsOfUsers(heldOut, Uint32Array.of(2, 7))
  expect([some.rowCount, some.columnCount]).toEqual([8, 3])
  expect(Array.from({ length: 8 }, (_, user) => [...rowOf(some, user)])).toEqual([
    [],
    [],
    [0, 2],
    [],
    [],
    [],
    [],
    [1],
  ])
})
