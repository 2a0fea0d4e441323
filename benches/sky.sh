#!/usr/bin/env bash
# sky.sh SURFACE.tif [PYTHON]: processor seconds (user + system), wall seconds and peak memory of whole processes over a
# surface, one thread, medians of TURNS (3): the sky view alone by reach, with three shadow masks, the year's light, an
# hour's comfort. With a PYTHON that has solweig and rasterio, solweig's sky view takes turns with ilot's.
set -euo pipefail
cd "$(dirname "$0")/.."
surface=$(realpath "$1"); python=${2:-}; turns=${TURNS:-3}
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
if [ -z "${ILOT:-}" ]; then cargo build --release --locked --quiet; ILOT=target/release/ilot; fi
once() { env time -f '%U %S %e %M' -o "$out/time" "$@" >/dev/null 2>&1; tail -n 1 "$out/time" >> "$out/$name"; }
ours() { rm -rf "$out/maps"; once "$ILOT" "$@" --out "$out/maps" --threads 1; }
told() {
  sort -n "$out/$name" | awk -v name="$name" '{ cpu[NR] = $1 + $2; wall[NR] = $3; memory[NR] = $4 }
    END { n = int((NR + 1) / 2); printf "%-36s %8.2f s cpu %8.2f s wall %6.0f MB\n", name, cpu[n], wall[n], memory[n] / 1024 }'
}
solweig() {
  RAYON_NUM_THREADS=1 once "$python" -c "
import sys, numpy, rasterio
from solweig.rustalgos import shadowing, skyview
shadowing.disable_gpu()  # one that is emulated is slower, and its time is the processor's
heights = numpy.ascontiguousarray(rasterio.open(sys.argv[1]).read(1), dtype='float32')
bare = numpy.zeros_like(heights)
if sys.argv[2] == 'sky':
    skyview.calculate_svf(heights, bare, bare, 1.0, False, float(heights.max() - heights.min()) + 1, 2, None, None)
" "$surface" "$1"
}
awk '/model name/{sub(/.*: /, ""); print; exit}' /proc/cpuinfo; echo "$(nproc) cores, $(date -u +%F), $surface"
zone=(--zone Europe/Paris)
for _ in $(seq "$turns"); do
  name="sky view alone, 200 m"; ours sky "$surface" --products sky_view
  if [ -n "$python" ]; then
    name="solweig's sky view, 153 patches"; solweig sky
    name="the same without the sky: its start"; solweig start
  fi
done
names=("sky view alone, 200 m"); [ -z "$python" ] || names+=("solweig's sky view, 153 patches" "the same without the sky: its start")
for name in "${names[@]}"; do told; done
for reach in 50 100 400; do
  name="sky view alone, $reach m"; for _ in $(seq "$turns"); do ours sky "$surface" --products sky_view --reach "$reach"; done; told
done
name="sky view and three shadow masks"
for _ in $(seq "$turns"); do ours sky "$surface" --products sky_view,shade --date 2025-08-15 "${zone[@]}"; done; told
name="sky view, shade, hours of sun"
for _ in $(seq "$turns"); do ours sky "$surface" --date 2025-08-15 "${zone[@]}"; done; told
name="irradiation"
for _ in $(seq "$turns"); do ours sun "$surface" --products irradiation; done; told
name="comfort, one hour"
for _ in $(seq "$turns"); do ours comfort "$surface" --at 2026-08-15T14:00Z --temperature 31 --humidity 40 --wind 2; done; told
