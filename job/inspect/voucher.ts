import * as z from 'zod'
import { type VouchedFile, vouchedFile } from '../data/dataset-manifest.ts'
import { openStore } from '../store/open-store.ts'
import { splitPlace } from '../store/place.ts'
import type { Store } from '../store/store.ts'

const manifestPath = 'manifest.json'

/**
 * What a manifest in a file's folder, or in the one above it, says of the file. Any manifest: a file is vouched for where a
 * path, a size and a sha256 stand side by side.
 */
export async function voucherOf(store: Store, key: string): Promise<VouchedFile | undefined> {
  const { folder, name } = splitPlace(store.uri)
  for (const [place, path] of [
    [store, key],
    [openStore(folder), `${name}/${key}`],
  ] as const) {
    if ((await place.size(manifestPath)) === undefined) continue
    const told = vouchedIn(JSON.parse(new TextDecoder().decode(await place.read(manifestPath))))
    const found = told.find((file) => file.path === path)
    if (found !== undefined) return { ...found, path: key }
  }
  return undefined
}

function vouchedIn(value: unknown): VouchedFile[] {
  const told = vouchedFile.safeParse(value)
  if (told.success) return [told.data]
  const parts = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).safeParse(value)
  return parts.success ? Object.values(parts.data).flatMap(vouchedIn) : []
}
