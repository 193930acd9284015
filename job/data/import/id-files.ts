import type { Store } from '../../store/store.ts'
import type { DatasetManifest, VouchedFile } from '../dataset-manifest.ts'
import type { DatasetWriter } from './dataset-writer.ts'
import type { NumberedIds } from './number-ids.ts'

/**
 * Writes the id files. The first import makes `users.arrow` and `items.arrow`; an append that brings new ids or
 * titles writes them whole under the next number (`users-00001.arrow`), because readers hold on to the old ones
 * until the manifest, last of all, names the new.
 *
 * @param before the manifest of the dataset that is appended to
 */
export async function writeIdFiles(
  writer: DatasetWriter,
  ids: NumberedIds,
  known: NumberedIds,
  before: DatasetManifest | undefined,
): Promise<{ users: VouchedFile; items: VouchedFile }> {
  const { users, items } = ids
  const hasNewUsers = before === undefined || users.length > known.users.length
  const hasNewItems =
    before === undefined ||
    items.ids.length > known.items.ids.length ||
    !isSame(items.titles, known.items.titles) ||
    !isSame(items.categories, known.items.categories)
  return {
    users: hasNewUsers ? await writer.writeUsers(nextPath('users', before?.users), users) : before.users,
    items: hasNewItems ? await writer.writeItems(nextPath('items', before?.items), items) : before.items,
  }
}

/**
 * Deletes id files that neither the manifest nor the one before it names. The one before is kept, for who
 * opened the dataset just before an append reads on in peace.
 */
export async function deleteOldIdFiles(
  store: Store,
  before: DatasetManifest,
  now: DatasetManifest,
): Promise<void> {
  const used = [before.users, before.items, now.users, now.items].map((file) => file.path)
  for (const kind of ['users', 'items']) {
    for (const { key } of await store.list(kind)) {
      if (generationOf(key) !== undefined && !used.includes(key)) await store.delete(key)
    }
  }
}

/** The name of the file of user ids after compacting: no append, before or since, gives its file the same. */
export function compactedUsersPath(before: VouchedFile, compaction: number): string {
  const padded = (n: number) => String(n).padStart(5, '0')
  return `users-${padded(generationOf(before.path) ?? 0)}-${padded(compaction)}.arrow`
}

function nextPath(kind: 'users' | 'items', before: VouchedFile | undefined): string {
  if (before === undefined) return `${kind}.arrow`
  return `${kind}-${String((generationOf(before.path) ?? 0) + 1).padStart(5, '0')}.arrow`
}

function generationOf(path: string): number | undefined {
  const form = /^(?:users|items)(?:-(\d{5,})(?:-\d{5,})?)?\.arrow$/.exec(path)
  return form === null ? undefined : Number(form[1] ?? 0)
}

function isSame(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a?.length === b?.length && (a ?? []).every((text, i) => text === b?.[i])
}
