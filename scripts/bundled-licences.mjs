import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The licences of the packages that a bundle took in, one after the other: they ask to go with every copy.
 *
 * @param {string} root the project's folder
 * @param {import('esbuild').Metafile} metafile what esbuild says of the bundle
 * @throws Error naming a package that carries no licence
 */
export function bundledLicences(root, metafile) {
  const folders = Object.keys(metafile.inputs)
    .map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
    .filter((folder) => folder !== undefined)
  const licences = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    return `${name} ${version} (${license})\n\n${licenceOf(root, name, join(root, folder))}\n`
  })
  return licences.join(`\n${'-'.repeat(80)}\n\n`)
}

// The packages of one repository share its licence, and some of them do not carry it.
function licenceOf(root, name, folder) {
  for (const place of [folder, ...(name.startsWith('vega') ? [join(root, 'node_modules', 'vega')] : [])]) {
    for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'CopyrightNotice.txt']) {
      try {
        return readFileSync(join(place, file), 'utf8').trim()
      } catch (error) {
        if (error.code !== 'ENOENT') throw error
      }
    }
  }
  throw new Error(`${name} is bundled and carries no licence`)
}
