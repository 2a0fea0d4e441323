#!/usr/bin/env bash
# heat.sh FOLDER PYTHON: processor seconds (user + system), wall seconds and peak memory of whole processes, medians of TURNS (3)
# in turns, on the town of 10 km x 10 km at 10 m and 33 stations that heat_town.py makes in FOLDER where it is not there:
#   the map of the night with interval and mask;
#   the same made with PyKrige (heat_peer.py: what it does and what it leaves out), and that without the kriging;
#   maps of night and day, interval, mask and lines; a stack of 72 hours beside;
#   kriging with variance over a million cells from 33 stations, and PyKrige's on as many, with and without the kriging itself.
# PYTHON has numpy, scipy, rasterio and pykrige 1.7.3.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$2; turns=${TURNS:-3}
[ -f "$1/readings.csv" ] || "$python" benches/heat_town.py "$1"
folder=$(realpath "$1")
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
if [ -z "${ILOT:-}" ]; then cargo build --release --locked --quiet; ILOT=target/release/ilot; fi
if [ -z "${KRIGE:-}" ]; then
  cargo build --release --locked --quiet -p ilot-kernels --example krige_million; KRIGE=target/release/examples/krige_million
fi
names=()
once() {
  name=$1; shift
  [ -f "$out/$name" ] || names+=("$name")
  env time -f '%U %S %e %M' -o "$out/time" "$@" >/dev/null 2>&1; tail -n 1 "$out/time" >> "$out/$name"
}
told() {
  sort -n "$out/$1" | awk -v name="$1" '{ cpu[NR] = $1 + $2; wall[NR] = $3; memory[NR] = $4 }
    END { n = int((NR + 1) / 2); printf "%-48s %8.2f s cpu %8.2f s wall %6.0f MB\n", name, cpu[n], wall[n], memory[n] / 1024 }'
}
heat() {
  once "$1" "$ILOT" heat --readings "$folder/readings.csv" --stations "$folder/stations.csv" --crs EPSG:2154 \
    --covariates "$folder/cov" --out "$out/maps" "${@:2}"
}
pykrige() {
  once "$1" "$python" -c "
import sys, numpy
from pykrige.ok import OrdinaryKriging
r = numpy.random.default_rng(1); x, y, v = r.uniform(0, 1e4, 33), r.uniform(0, 1e4, 33), r.normal(2, 1, 33)
model = {'psill': .6, 'range': 3000, 'nugget': .05}
kriging = OrdinaryKriging(x, y, v, variogram_model='exponential', variogram_parameters=model)
cells = numpy.arange(5, 1e4, 10.0)
if sys.argv[1] == 'krige': kriging.execute('grid', cells, cells, backend='vectorized')
" "$2"
}
awk '/model name/{sub(/.*: /, ""); print; exit}' /proc/cpuinfo; echo "$(nproc) cores, $(date -u +%F)"
for _ in $(seq "$turns"); do
  heat "map of the night, interval, mask" --only night --contours 0
  once "the same with PyKrige" "$python" benches/heat_peer.py "$folder" "$out/peer"
  once "the same with PyKrige, before the kriging" "$python" benches/heat_peer.py "$folder" "$out/peer" start
  heat "maps of night and day, interval, mask, lines"
  once "kriging with variance, a million cells" "$KRIGE"
  pykrige "PyKrige, a million cells" krige
  pykrige "the same without kriging: its start" start
done
heat "the maps, and a stack of 72 hours" --hourly 2022-07-15T00:00Z/2022-07-18T00:00Z
for name in "${names[@]}"; do told "$name"; done
