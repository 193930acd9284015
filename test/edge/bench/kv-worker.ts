/**
 * KV, as workerd's binding asks for it, out of a folder: the binding encodes the slashes of a key, and workerd's folder
 * service wants them as they are. Values pass through untouched.
 */
export default {
  fetch(
    request: Request,
    { FOLDER }: { FOLDER: { fetch(url: string): Promise<Response> } },
  ): Promise<Response> {
    return FOLDER.fetch(`http://folder${decodeURIComponent(new URL(request.url).pathname)}`)
  },
}
