// KV in a process of its own, as in production, so that what it costs is not taken for the worker's: a program that
// answers the KV binding of workerd out of a folder, a file a key. Told the folder, it sends the port.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileOfKey } from './made-lists.ts'

const [folder = '.'] = process.argv.slice(2)
const server = createServer(async (request, response) => {
  // The binding encodes the slashes of a key.
  const key = decodeURIComponent(new URL(`http://kv${request.url}`).pathname.slice(1))
  const value = await readFile(join(folder, fileOfKey(key))).catch(() => undefined)
  response.writeHead(value === undefined ? 404 : 200).end(value)
})
// A connection that idles while the other workers have their turn must not be found closed.
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
