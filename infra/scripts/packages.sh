#!/bin/sh
# Installs what the job runs on into the folder of package.json, and nothing else: `packages.sh PEER...`. The optional peers
# that are named come in the versions of package.json's peerDependencies.
set -eu

versions="$(node -e '
  const { peerDependencies } = JSON.parse(fs.readFileSync("package.json", "utf8"))
  for (const name of process.argv.slice(1)) {
    if (peerDependencies[name] === undefined) throw new Error(`${name} is no optional peer of package.json`)
    console.log(`${name}@${peerDependencies[name]}`)
  }' "$@")"
case "$versions" in
  # @tensorflow/tfjs requires it and does not declare it; it is found only where npm happens to lay it at the top.
  *@tensorflow/tfjs-node*) versions="$versions long@4.0.0" ;;
esac

quiet='--ignore-scripts --no-audit --no-fund --prefer-offline'
# shellcheck disable=SC2086
npm ci --omit=dev $quiet
# Without --save-prod npm takes an optional peer for one that is not wanted.
# shellcheck disable=SC2086
[ -z "$versions" ] || npm install --no-save --save-prod --omit=dev $quiet $versions

# The worker's tools: the job loads them only to publish to this machine, or to serve on it.
cd node_modules
rm -rf wrangler miniflare workerd @cloudflare sharp @img esbuild @esbuild
rm -rf @tensorflow/*/src
find . -name '*.map' -type f -delete
