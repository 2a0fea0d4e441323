#!/usr/bin/env bash
# whole.sh CLOUD.laz [RUNS]: the bare decode, the elevation products, and these with all of land cover, as whole processes, in
# turns, on the same machine.
# Prints processor seconds (user + system), wall seconds and peak memory of each, then the ratio of each pair.
set -euo pipefail
cd "$(dirname "$0")/.."
cloud=$1; runs=${2:-5}; out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
cargo build --release --locked --quiet && cargo build --release --locked --quiet --examples
timed() { local log=$out/time; env time -f '%U %S %e %M' -o "$log" "$@" >/dev/null 2>&1; tail -n 1 "$log"; }
awk '/model name/{sub(/.*: /, ""); print; exit}' /proc/cpuinfo; echo "$(nproc) cores, $(date -u +%F)"
all=dtm,dsm,chm,density,dtm_gap,slope,hillshade,vegetation_height,crown_base,canopy,cover,cover_confidence,imperviousness
all+=,trees,crowns,buildings
for threads in 1 "$(nproc)"; do
  for _ in $(seq "$runs"); do
    bare=$(RAYON_NUM_THREADS=$threads timed target/release/examples/decode_baseline "$cloud")
    rm -rf "$out/models"
    whole=$(timed target/release/ilot surface "$cloud" --out "$out/models" --threads "$threads")
    rm -rf "$out/models"
    cover=$(timed target/release/ilot cover "$cloud" --out "$out/models" --threads "$threads" --products "$all")
    echo "$threads $bare $whole $cover"
  done
done | awk '{ bare = $2 + $3; whole = $6 + $7; cover = $10 + $11
  printf "%d thread(s): bare decode %.2f s cpu, %.2f s wall | all seven products %.2f s cpu, %.2f s wall, %.0f MB | ratio %.2f | with land cover %.2f s cpu, %.0f MB | ratio to elevation %.2f\n",
    $1, bare, $4, whole, $8, $9 / 1024, whole / bare, cover, $13 / 1024, cover / whole }'
