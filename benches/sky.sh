#!/usr/bin/env bash
# sky.sh DSM.tif: processor seconds (user + system), wall seconds and peak memory of whole processes over a surface:
# the sky by reach, three shadow masks, the year's light, an hour's comfort. One thread, files written as COGs.
set -euo pipefail
cd "$(dirname "$0")/.."
surface=$1; out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
cargo build --release --locked --quiet
timed() {
  local name=$1; shift; rm -rf "$out/maps"
  env time -f '%U %S %e %M' -o "$out/time" target/release/ilot "$@" --out "$out/maps" --threads 1 >/dev/null 2>&1
  tail -n 1 "$out/time" | awk -v name="$name" '{ printf "%-34s %7.2f s cpu %7.2f s wall %6.0f MB\n", name, $1 + $2, $3, $4 / 1024 }'
}
awk '/model name/{sub(/.*: /, ""); print; exit}' /proc/cpuinfo; echo "$(nproc) cores, $(date -u +%F)"
at=(--at 2026-08-15T08:00Z --at 2026-08-15T11:00Z --at 2026-08-15T14:00Z)
timed "three shadow masks" sun "$surface" "${at[@]}"
for reach in 50 100 200 400; do
  timed "sky within $reach m, masks, sun hours" sky "$surface" --reach "$reach" --date 2025-08-15
done
timed "irradiation" sun "$surface" --products irradiation
timed "comfort, one hour" comfort "$surface" --at 2026-08-15T14:00Z --temperature 31 --humidity 40 --wind 2
