"""State, flux and transitions of benches/zan_cover.py's coverage with shapely, and how far ilot's differ.

    python benches/zan_peer.py COVER OUT_OF_ILOT

In: the folder of the coverage and the folder of `ilot zan --t1 … --t2 … --zones … --out`; out: processor seconds of reading and of the
overlay, largest difference for a commune. The overlay is what GEOS does best: a tree of the second date, all pairs that
meet, vectorised intersections; pieces within a commune are taken whole by a prepared test, only the others are cut.
"""
import csv
import sys
import time
from pathlib import Path

import numpy as np
import pyogrio
import shapely


def read(path, names):
    _, _, shapes, fields = pyogrio.raw.read(path, columns=names)
    return shapely.from_wkb(shapes), fields


def valid(shapes):
    """GEOS refuses to cut polygons that cross themselves; mended, they hold what the even-odd rule holds."""
    crossing = ~shapely.is_valid(shapes)
    shapes[crossing] = shapely.make_valid(shapes[crossing])
    return shapes


def artificial(cover, use):
    built = np.isin(cover, ["CS1.1.1.1", "CS1.1.1.2", "CS1.1.2.2"]) | ((cover == "CS1.1.2.1") & (use != "US1.3"))
    lived = np.isin(use, ["US2", "US3", "US5", "US235", "US6.1", "US6.2"]) | np.char.startswith(use.astype(str), "US4")
    return built | (np.char.startswith(cover.astype(str), "CS2.2") & lived)


def by_zone(pieces, zones):
    """Piece, zone and area of each pair that meets."""
    tree = shapely.STRtree(pieces)
    shapely.prepare(zones)
    zone, piece = tree.query(zones, predicate="intersects")
    inside = shapely.contains_properly(zones[zone], pieces[piece])
    area = np.empty(len(zone))
    area[inside] = shapely.area(pieces[piece[inside]])
    area[~inside] = shapely.area(shapely.intersection(zones[zone[~inside]], pieces[piece[~inside]]))
    return piece, zone, area


def main(folder, theirs):
    begun = time.process_time()
    first, (cover1, use1) = read(folder / "ocsge_2018.gpkg", ["code_cs", "code_us"])
    second, (cover2, use2) = read(folder / "ocsge_2021.gpkg", ["code_cs", "code_us"])
    zones, (ids,) = read(folder / "communes.gpkg", ["code_insee"])
    ready = time.process_time()
    first, second = valid(first), valid(second)
    shapely.prepare(first)
    tree = shapely.STRtree(second)
    a, b = tree.query(first, predicate="intersects")
    pieces = shapely.intersection(first[a], second[b])
    whole = shapely.area(pieces) > 0
    a, b, pieces = a[whole], b[whole], pieces[whole]
    piece, zone, area = by_zone(pieces, zones)
    before, after = artificial(cover1, use1)[a[piece]], artificial(cover2, use2)[b[piece]]
    sums = lambda which: np.bincount(zone[which], area[which], len(zones))
    figures = {"stock_from_ha": sums(before), "stock_to_ha": sums(after), "gain_ha": sums(~before & after),
               "loss_ha": sums(before & ~after)}
    done = time.process_time()
    print(f"shapely {shapely.__version__}: reading {ready - begun:.1f} s, overlay {done - ready:.1f} s of processor time")
    rows = {row["zone_id"]: row for row in csv.DictReader(open(theirs / "zan_flux.csv"))}
    for name, areas in figures.items():
        off = [abs(area - 1e4 * float(rows[code][name])) for code, area in zip(ids, areas)]
        print(f"{name}: {areas.sum() / 1e4:.4f} ha, largest difference for a commune {max(off):.6f} m²")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
