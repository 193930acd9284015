/**
 * KV, as workerd's binding asks for it, out of a folder: the binding encodes the slashes of a key, and workerd's folder
 * service wants them as they are. A key that others go on from is a folder and no file, so its file has another name.
 * Values pass through untouched.
 */
export default {
  fetch(
    request: Request,
    { FOLDER }: { FOLDER: { fetch(url: string): Promise<Response> } },
  ): Promise<Response> {
    const key = decodeURIComponent(new URL(request.url).pathname)
    return FOLDER.fetch(`http://folder${key.replace(/\/foldin$/, '/foldin-head')}`)
  },
}
