import { NightjarError } from '../errors.ts'

/** @throws NightjarError STORE_KEY for a key that is absolute, or that could leave the root */
export function checkKey(key: string): void {
  if (key !== '' && key.split('/').every((part) => part !== '' && part !== '.' && part !== '..')) return
  throw new NightjarError('STORE_KEY', {
    what: `invalid key: ${JSON.stringify(key)} (want a/b/c, relative)`,
  })
}

/** The order that every store lists in. */
export function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : 1
}
