import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forgottenRow, RowUsers } from '../../job/publish/row-users.ts'

test('whoever was forgotten before or after a part was written, each row finds its user', () => {
  const fate = fc.constantFrom('there', 'forgotten before', 'forgotten since')
  fc.assert(
    fc.property(fc.array(fate, { maxLength: 12 }), (fates) => {
      const ids = fates.map((_, n) => `user ${n}`)
      const now = ids.map((id, n) => (fates[n] === 'there' ? id : ''))
      const rows = [...ids.keys()].filter((n) => fates[n] !== 'forgotten before')
      const users = new RowUsers({ firstUser: 0, lastUser: ids.length - 1 }, now)
      expect(rows.map((n) => users.next(ids[n]!))).toEqual(
        rows.map((n) => (fates[n] === 'there' ? n : forgottenRow)),
      )
      expect(users.wanted).toBe(ids.length)
    }),
  )
})

test('a row of nobody who is there or was is told apart, and so is one that is missing', () => {
  const users = new RowUsers({ firstUser: 1, lastUser: 4 }, ['a', 'b', '', 'd', 'e', 'f'])
  expect(users.next('b')).toBe(1)
  expect(users.next('somebody')).toBe(forgottenRow)
  expect(users.next('somebody else')).toBeUndefined()
  expect(users.next('d')).toBe(3)
  expect(users.wanted).toBe(4)
  expect(users.next('f')).toBeUndefined()
  expect(users.next(null)).toBeUndefined()
})
