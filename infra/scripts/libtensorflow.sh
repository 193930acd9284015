#!/bin/sh
# Puts libtensorflow where the build of tfjs-node-gpu's addon looks for it: `libtensorflow.sh FOLDER` makes FOLDER/lib and
# FOLDER/include of the archive that LIBTENSORFLOW_URL or LIBTENSORFLOW_FILE names, if it has LIBTENSORFLOW_SHA256.
#
# The package's own installer (scripts/install.js) would fetch it too, from TFJS_NODE_BASE_URI or the `tf-lib` of
# scripts/custom-binary.json. It checks no digest, unpacks whatever a server answers, and reads no file.
set -eu

fail() {
  printf 'libtensorflow: %s\n' "$1" >&2
  exit 1
}

[ $# -eq 1 ] || fail 'usage: libtensorflow.sh FOLDER'
url="${LIBTENSORFLOW_URL:-}"
file="${LIBTENSORFLOW_FILE:-}"
expected="${LIBTENSORFLOW_SHA256:-}"

if [ -z "$url" ] && [ -z "$file" ]; then
  fail 'no archive is named
Cause: what tfjs-node-gpu downloads by itself is reported closed, so the build takes it from a place that you name
Fix: --build-arg LIBTENSORFLOW_URL=https://... (or put the archive into infra/vendor and give LIBTENSORFLOW_FILE=NAME),
and its LIBTENSORFLOW_SHA256. It is libtensorflow-gpu-linux-x86_64-2.9.1.tar.gz; see infra/README.md'
fi
[ -z "$url" ] || [ -z "$file" ] || fail 'LIBTENSORFLOW_URL and LIBTENSORFLOW_FILE are both given: give one'
[ -n "$expected" ] || fail 'LIBTENSORFLOW_SHA256 is not given: an archive of native code is not taken unchecked'

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
if [ -n "$url" ]; then
  file="$work/archive"
  curl --fail --silent --show-error --location --retry 3 --output "$file" "$url" || fail "cannot be had from $url"
fi
[ -f "$file" ] || fail "there is no file $file"

found="$(sha256sum "$file" | cut -d ' ' -f 1)"
[ "$found" = "$expected" ] || fail "the archive has sha256 $found, expected $expected"

mkdir -p "$1"
tar -xzf "$file" -C "$1" || fail 'the archive is no .tar.gz'
for needed in lib/libtensorflow.so lib/libtensorflow_framework.so include/tensorflow/c/c_api.h \
  include/tensorflow/c/eager/c_api.h; do
  [ -f "$1/$needed" ] || fail "the archive has no $needed"
done
printf 'libtensorflow: %s, sha256 %s\n' "$1" "$found"
