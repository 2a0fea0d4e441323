#!/usr/bin/env bash
# heat.sh FOLDER PYTHON: processor seconds (user + system), wall seconds and peak memory of whole processes, medians of TURNS (3)
# in turns: the maps of night and day of FOLDER (readings.csv, stations.csv, rasters in cov/), kriging with variance over a
# million cells from 33 stations, and PyKrige (1.7.3, vectorised) on the same number of stations and cells, with and without
# the kriging itself.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath "$1"); python=$2; turns=${TURNS:-3}
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
if [ -z "${ILOT:-}" ]; then cargo build --release --locked --quiet; ILOT=target/release/ilot; fi
if [ -z "${KRIGE:-}" ]; then
  cargo build --release --locked --quiet -p ilot-kernels --example krige_million; KRIGE=target/release/examples/krige_million
fi
once() { env time -f '%U %S %e %M' -o "$out/time" "$@" >/dev/null 2>&1; tail -n 1 "$out/time" >> "$out/$name"; }
told() {
  sort -n "$out/$name" | awk -v name="$name" '{ cpu[NR] = $1 + $2; wall[NR] = $3; memory[NR] = $4 }
    END { n = int((NR + 1) / 2); printf "%-44s %8.2f s cpu %8.2f s wall %6.0f MB\n", name, cpu[n], wall[n], memory[n] / 1024 }'
}
pykrige() {
  once "$python" -c "
import sys, numpy
from pykrige.ok import OrdinaryKriging
r = numpy.random.default_rng(1); x, y, v = r.uniform(0, 1e4, 33), r.uniform(0, 1e4, 33), r.normal(2, 1, 33)
model = {'psill': .6, 'range': 3000, 'nugget': .05}
kriging = OrdinaryKriging(x, y, v, variogram_model='exponential', variogram_parameters=model)
cells = numpy.arange(5, 1e4, 10.0)
if sys.argv[1] == 'krige': kriging.execute('grid', cells, cells, backend='vectorized')
" "$1"
}
awk '/model name/{sub(/.*: /, ""); print; exit}' /proc/cpuinfo; echo "$(nproc) cores, $(date -u +%F)"
for _ in $(seq "$turns"); do
  name="maps of night and day, interval, mask, lines"
  once "$ILOT" heat --readings "$folder/readings.csv" --stations "$folder/stations.csv" --crs EPSG:2154 \
    --covariates "$folder/cov" --out "$out/maps"
  name="kriging with variance, a million cells"; once "$KRIGE"
  name="PyKrige, a million cells"; pykrige krige
  name="the same without kriging: its start"; pykrige start
done
for name in "maps of night and day, interval, mask, lines" "kriging with variance, a million cells" \
  "PyKrige, a million cells" "the same without kriging: its start"; do told; done
