import { createHash, randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NightjarError } from '../errors.ts'
import { byKey, checkKey } from './key.ts'
import type { Body, ByteRange, Store, StoredFile, Written } from './store.ts'

/** Files being written carry this suffix, so that a killed writer leaves nothing that looks whole. */
const partialSuffix = '.partial'

/** A {@link Store} in a local folder. The folder is made by the first `put`. */
export class FileStore implements Store {
  readonly uri: string
  readonly #root: string

  constructor(root: string) {
    this.uri = root
    this.#root = root
  }

  async size(key: string): Promise<number | undefined> {
    try {
      const found = await stat(this.#path(key))
      return found.isFile() ? found.size : undefined
    } catch (error) {
      // Nothing lies below a file.
      if (isMissing(error) || hasCode(error, 'ENOTDIR')) return undefined
      throw this.#failed('look at', key, error)
    }
  }

  async read(key: string, range?: ByteRange): Promise<Uint8Array> {
    try {
      const file = await open(this.#path(key))
      try {
        const size = (await file.stat()).size
        const offset = range?.offset ?? 0
        const length = Math.max(0, Math.min(range?.length ?? size, size - offset))
        const bytes = range?.into?.subarray(0, length) ?? new Uint8Array(length)
        let filled = 0
        while (filled < length) {
          // One read may return less than asked for, and never more than 2 GiB.
          const { bytesRead } = await file.read(
            bytes,
            filled,
            Math.min(length - filled, 1 << 30),
            offset + filled,
          )
          if (bytesRead === 0) break
          filled += bytesRead
        }
        return filled === length ? bytes : bytes.subarray(0, filled)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw this.#failed('read', key, error)
    }
  }

  async put(key: string, body: Body): Promise<Written> {
    return this.#write(key, body, async (partial, path) => {
      await rename(partial, path)
    })
  }

  async putIfAbsent(key: string, body: Body): Promise<boolean> {
    try {
      // A hard link fails where the name exists, in one atomic act; a rename would overwrite.
      await this.#write(key, body, async (partial, path) => {
        await link(partial, path)
        await rm(partial)
      })
      return true
    } catch (error) {
      if (hasCode(error instanceof NightjarError ? error.cause : error, 'EEXIST')) return false
      throw error
    }
  }

  async list(prefix = ''): Promise<StoredFile[]> {
    const found: StoredFile[] = []
    const walk = async (folder: string): Promise<void> => {
      const entries = await readdir(join(this.#root, folder), { withFileTypes: true }).catch((error) => {
        if (isMissing(error) || hasCode(error, 'ENOTDIR')) return []
        throw this.#failed('list', folder, error)
      })
      for (const entry of entries) {
        const key = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (entry.isDirectory()) {
          if (key.startsWith(prefix) || prefix.startsWith(`${key}/`)) await walk(key)
        } else if (key.startsWith(prefix) && !key.endsWith(partialSuffix)) {
          found.push({ key, bytes: (await stat(join(this.#root, key))).size })
        }
      }
    }
    await walk('')
    return found.sort(byKey)
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key)
    try {
      await rm(path, { force: true })
    } catch (error) {
      throw this.#failed('delete', key, error)
    }
    // Folders exist only for their files: an empty one goes with its last file.
    for (let folder = dirname(path); folder.length >= this.#root.length; folder = dirname(folder)) {
      try {
        await rmdir(folder)
      } catch {
        break
      }
    }
  }

  async #write(
    key: string,
    body: Body,
    commit: (partial: string, path: string) => Promise<void>,
  ): Promise<Written> {
    const path = this.#path(key)
    const partial = `${path}.${randomBytes(6).toString('hex')}${partialSuffix}`
    try {
      await makeFolder(dirname(path))
      const file = await open(partial, 'wx')
      const hash = createHash('sha256')
      let bytes = 0
      try {
        for await (const chunk of body instanceof Uint8Array ? [body] : body) {
          hash.update(chunk)
          bytes += chunk.byteLength
          await file.writeFile(chunk)
        }
        await file.sync()
      } finally {
        await file.close()
      }
      await commit(partial, path)
      return { bytes, sha256: hash.digest('hex') }
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {})
      throw error instanceof NightjarError ? error : this.#failed('write', key, error)
    }
  }

  #path(key: string): string {
    checkKey(key)
    return join(this.#root, key)
  }

  #failed(act: string, key: string, cause: unknown): NightjarError {
    const where = join(this.#root, key)
    if (isMissing(cause)) return new NightjarError('NOT_FOUND', { what: `no such file: ${where}`, cause })
    const reason = cause instanceof Error ? cause.message : String(cause)
    const full = hasCode(cause, 'ENOSPC')
    const denied = hasCode(cause, 'EACCES') || hasCode(cause, 'EPERM') || hasCode(cause, 'EROFS')
    return new NightjarError(full ? 'DISK_FULL' : 'STORE_FAILED', {
      what: `cannot ${act} ${where}: ${reason}`,
      ...(full ? { fix: 'free some space, then run the same command again' } : {}),
      ...(denied ? { fix: 'name another folder, or get the right to this one' } : {}),
      cause,
    })
  }
}

/**
 * Makes a folder and those above it. Not `mkdir` with `recursive`: where the file system answers ENOENT for a folder
 * whose parent is there (below /proc, for one), that tries again for ever.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return
    if (!isMissing(error) || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await mkdir(path).catch((again) => {
      if (!hasCode(again, 'EEXIST')) throw again
    })
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT')
}
