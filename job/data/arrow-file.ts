import { createHash } from 'node:crypto'
import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow'
import { NightjarError } from '../errors.ts'
import type { Store } from '../store/store.ts'
import type { VouchedFile } from './dataset-manifest.ts'

const magic = new TextEncoder().encode('ARROW1')

/**
 * Writes a table as one Arrow file (file format, uncompressed), atomically.
 *
 * The file passes through memory whole, so callers keep a file to about a million rows.
 */
export async function writeArrowFile(store: Store, path: string, table: Table): Promise<VouchedFile> {
  const written = await store.put(path, tableToIPC(table, 'file'))
  return { path, rows: table.numRows, ...written }
}

/**
 * Reads an Arrow file that a manifest vouches for, after checking that it is whole and unchanged.
 *
 * The checks come first because apache-arrow answers a truncated file with a TypeError about `undefined`,
 * and a file cut between two batches with fewer rows and no error at all.
 *
 * @throws NightjarError ARROW_MISSING, ARROW_TRUNCATED, ARROW_MAGIC, ARROW_DIGEST, ARROW_ROWS, ARROW_COLUMN
 */
export async function readArrowFile(
  store: Store,
  vouched: VouchedFile,
  columns: readonly string[],
  fix: string,
): Promise<Table> {
  const where = `${store.uri}/${vouched.path}`
  const fail = (code: string, what: string, why: string, cause?: unknown): never => {
    throw new NightjarError(code, { what: `${where}: ${what}`, why, fix, cause })
  }
  const size = await store.size(vouched.path)
  if (size === undefined) {
    return fail(
      'ARROW_MISSING',
      'no such file, but the manifest names it',
      'it was deleted or not copied along',
    )
  }
  if (size !== vouched.bytes) {
    const code = size < vouched.bytes ? 'ARROW_TRUNCATED' : 'ARROW_DIGEST'
    return fail(
      code,
      `${size} bytes, the manifest says ${vouched.bytes}`,
      'a copy that broke off, or a changed file',
    )
  }
  const bytes = await store.read(vouched.path)
  if (!hasMagic(bytes))
    return fail('ARROW_MAGIC', 'this is no Arrow file (no ARROW1 at its ends)', 'binary junk')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== vouched.sha256) {
    const digests = `sha256 ${sha256.slice(0, 12)}..., the manifest says ${vouched.sha256.slice(0, 12)}...`
    return fail(
      'ARROW_DIGEST',
      digests,
      'the file was changed after it was written, or belongs to another folder',
    )
  }
  let table: Table
  try {
    table = tableFromIPC(bytes)
  } catch (cause) {
    return fail('ARROW_UNREADABLE', 'apache-arrow cannot read it', 'written by a newer version?', cause)
  }
  if (table.numRows !== vouched.rows) {
    return fail(
      'ARROW_ROWS',
      `${table.numRows} rows, the manifest says ${vouched.rows}`,
      'the manifest is of another file',
    )
  }
  for (const column of columns) {
    if (table.getChild(column) === null) {
      const has = table.schema.names.map(String).join(', ')
      return fail('ARROW_COLUMN', `no column "${column}" (it has ${has})`, 'the file is of another kind')
    }
  }
  return table
}

function hasMagic(bytes: Uint8Array): boolean {
  const end = bytes.length - magic.length
  return end >= magic.length && magic.every((byte, i) => bytes[i] === byte && bytes[end + i] === byte)
}
