#!/usr/bin/env bash
# tiles.sh CLOUD.laz PYTHON GRIDS: processor seconds (user + system, children too), wall seconds and peak memory of whole
# processes, medians of TURNS (3) in turns: a cloud of one square kilometre to 3D Tiles; four of it beside each other, with one
# thread and two, whose memory is to stay that of one; a square of SIDE metres (190) cut from it, as LAZ and as LAS, and py3dtiles
# (PYTHON has laspy, lazrs and py3dtiles 12.1.1) on the same, with class and intensity, to the Earth's centre; py3dtiles leaves
# heights above the sea as they are, and buffers as they come.
set -euo pipefail
cd "$(dirname "$0")/.."
cloud=$(realpath "$1"); python=$(realpath -s "$2"); grids=$(realpath "$3"); turns=${TURNS:-3}; side=${SIDE:-190}
out=$(mktemp -d); mkdir "$out/four"; trap 'rm -rf "$out"' EXIT
if [ -z "${ILOT:-}" ]; then cargo build --release --locked --quiet; ILOT=target/release/ilot; fi
"$python" - "$cloud" "$out" "$side" <<'PY'
import struct, sys, laspy, numpy as np
cloud, out, side = sys.argv[1], sys.argv[2], float(sys.argv[3])
whole = bytearray(open(cloud, "rb").read())
# The same cloud beside itself: offsets and bounds of the header, a kilometre further (LAS 1.4, 2.4).
for name, east, north in (("0", 0, 0), ("1", 1000, 0), ("2", 0, 1000), ("3", 1000, 1000)):
    moved = whole[:]
    for at, metres in ((155, east), (163, north), (179, east), (187, east), (195, north), (203, north)):
        struct.pack_into("<d", moved, at, struct.unpack_from("<d", whole, at)[0] + metres)
    open(f"{out}/four/{name}.laz", "wb").write(moved)
with laspy.open(cloud) as source:
    west, south = source.header.mins[:2]
    with laspy.open(f"{out}/small.laz", mode="w", header=source.header) as laz, laspy.open(f"{out}/small.las", mode="w", header=source.header) as las:
        for points in source.chunk_iterator(2_000_000):
            own = points[(np.asarray(points.x) < west + side) & (np.asarray(points.y) < south + side)]
            laz.write_points(own); las.write_points(own)
PY
once() { env time -f '%U %S %e %M' -o "$out/time" "$@" >"$out/said" 2>&1; tail -n 1 "$out/time" >> "$out/$name"; }
tiled() {
  rm -rf "$out/set"; mkdir "$out/set"
  once "$ILOT" tiles "$out/set" --clouds "$@" --crs EPSG:2154+5720 --content points --grids "$grids"
  echo "$(sed -n 's/.* \([0-9]*\) points.*/\1/p' "$out/said") $(find "$out/set/tileset" -name '*.glb' -printf '%s\n' | awk '{ sum += $1 } END { print sum }')" > "$out/$name.size"
}
peer() {
  rm -rf "$out/peer"
  once "$(dirname "$python")/py3dtiles" convert "$1" --out "$out/peer" --srs_in 2154 --srs_out 4978 --spec-version 1.1 \
    --extra-fields classification --extra-fields intensity
}
told() {
  local size=(0 0); [ -f "$out/$1.size" ] && read -ra size < "$out/$1.size"
  sort -n "$out/$1" | awk -v name="$1" -v points="${size[0]}" -v bytes="${size[1]}" '{ cpu[NR] = $1 + $2; wall[NR] = $3; memory[NR] = $4 }
    END { n = int((NR + 1) / 2); printf "%-32s %8.2f s cpu %8.2f s wall %6.0f MB", name, cpu[n], wall[n], memory[n] / 1024
      if (points) printf "  %5.2f M points/s cpu, %5.2f bytes a point", points / cpu[n] / 1e6, bytes / points; print "" }'
}
awk '/model name/{sub(/.*: /, ""); print; exit}' /proc/cpuinfo; echo "$(nproc) cores, $(date -u +%F)"
name=start; peer "$out/small.las" # what it compiles once is not counted
for turn in $(seq "$turns"); do
  name="a square kilometre"; tiled "$cloud"
  for kind in laz las; do
    name="small $kind"; tiled "$out/small.$kind"
    name="small $kind, py3dtiles"; peer "$out/small.$kind"
  done
  [ "$turn" = 1 ] || continue
  for threads in 1 2; do name="four of it, threads: $threads"; tiled "$out/four" --threads "$threads"; done
done
for name in "a square kilometre" "four of it, threads: 1" "four of it, threads: 2" "small laz" "small laz, py3dtiles" "small las" \
  "small las, py3dtiles"; do told "$name"; done
