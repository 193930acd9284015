/**
 * The key in an `Authorization` header: a bearer token, or the password of Basic, which a browser asks its user for.
 * The user name of Basic is not looked at. undefined where the header is of no such form; two headers arrive as one with
 * a comma in it, and are of none.
 */
export function shownKey(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^([a-z]+) +(\S+)$/i.exec(authorization) ?? []
  if (/^bearer$/i.test(scheme)) return credentials
  if (!/^basic$/i.test(scheme)) return undefined
  try {
    const userAndPassword = atob(credentials)
    const colon = userAndPassword.indexOf(':')
    return colon < 0 ? undefined : userAndPassword.slice(colon + 1)
  } catch {
    return undefined
  }
}
