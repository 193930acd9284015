/** The runtime and nothing else. */
export default { fetch: () => new Response('live') }
