// The command line of the working folder's clone in one process for many commands: `node resident-nightjar.mjs` prints a port.
// Loading wrangler anew takes four seconds, and pages have dozens of commands.
//
// A client sends the number of words and the words, a NUL after each. It gets `o N` or `e N`, a line, with N bytes of standard
// output or of standard error; and in the end `x CODE`.
import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer } from 'node:net'
import { pathToFileURL } from 'node:url'

const { main } = await import(pathToFileURL('dist/job/cli/main.js').href)

/** Of whom a command was asked that runs now: several may, one of which serves. */
const asked = new AsyncLocalStorage()

for (const name of ['stdout', 'stderr']) {
  const write = process[name].write.bind(process[name])
  process[name].write = (chunk, ...rest) => {
    const client = asked.getStore()
    if (client === undefined) return write(chunk, ...rest)
    const bytes = Buffer.from(chunk)
    client.write(`${name === 'stdout' ? 'o' : 'e'} ${bytes.length}\n`)
    return client.write(bytes)
  }
}

// Whoever started it is gone.
process.stdin.on('end', () => process.exit()).resume()

const server = createServer((client) => {
  let sent = ''
  client.on('error', () => {})
  client.setEncoding('utf8').on('data', (text) => {
    sent += text
    const [count, ...words] = sent.split('\0')
    if (words.length <= Number(count)) return
    client.removeAllListeners('data')
    // What `tune` starts its processes with.
    process.argv = [process.execPath, 'bin/nightjar.mjs', ...words.slice(0, -1)]
    asked.run(client, () => main(words.slice(0, -1)).then((code) => client.end(`x ${code}\n`)))
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
