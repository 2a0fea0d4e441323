"""Makes a coverage of land cover at two dates and communes over it, the same for the same arguments.

    python benches/zan_cover.py OUT [polygons=300000] [communes=500]

In: numbers; out: OUT/ocsge_2018.gpkg, ocsge_2021.gpkg, communes.gpkg (EPSG:2154). A lattice with shaken nodes, whose
edges are winding lines of nine pieces that both neighbours share; 60 m cells, as OCS GE's polygons in a town. At the second date one
polygon in twenty has other codes and one in fifty is cut in two by a new line. Communes have borders of their own.
Needs numpy, shapely 2 and pyogrio. Cost: a minute.
"""
import sys
from pathlib import Path

import numpy as np
import pyogrio
import shapely

PIECES = 9
CODES = [("CS1.1.1.1", "US5", 16), ("CS1.1.1.2", "US4.1.1", 14), ("CS1.1.2.1", "US5", 8), ("CS2.2.1", "US5", 18),
         ("CS2.2.1", "US1.1", 20), ("CS2.1.1.1", "US1.2", 14), ("CS2.1.2", "US6.3", 6), ("CS1.2.2", "US6.3", 4)]


def lattice(rng, cols, rows, side, shake, wind):
    """Nodes, and the winding lines along rows and columns: (rows+1, cols, PIECES+1, 2), (rows, cols+1, PIECES+1, 2)."""
    y, x = np.mgrid[0:rows + 1, 0:cols + 1]
    nodes = np.stack([x, y], axis=-1) * side
    off = rng.uniform(-shake, shake, nodes.shape) * side
    off[0, :, 1] = off[-1, :, 1] = 0
    off[:, 0, 0] = off[:, -1, 0] = 0
    nodes = nodes + off
    share = np.linspace(0, 1, PIECES + 1)[:, None]

    def lines(a, b, straight):
        bow = rng.normal(0, wind * side, a.shape[:2] + (PIECES + 1, 2)) * np.sin(np.pi * share)
        bow[straight] = 0
        return np.round((a[:, :, None] * (1 - share) + b[:, :, None] * share + bow) * 1000) / 1000

    level = np.zeros((rows + 1, cols), bool)
    level[[0, -1]] = True
    upright = np.zeros((rows, cols + 1), bool)
    upright[:, [0, -1]] = True
    return lines(nodes[:, :-1], nodes[:, 1:], level), lines(nodes[:-1], nodes[1:], upright)


def cells(level, upright):
    south, north = level[:-1], level[1:]
    west, east = upright[:, :-1], upright[:, 1:]
    rings = np.concatenate([south[:, :, :-1], east[:, :, :-1], north[:, :, :0:-1], west[:, :, ::-1]], axis=2)
    return rings.reshape(-1, 4 * PIECES + 1, 2)


def polygons(rings, origin):
    return shapely.polygons(rings + origin)


def write(path, shapes, fields, kind):
    pyogrio.raw.write(path, shapely.to_wkb(shapes), [np.array(v) for v in fields.values()], list(fields), crs="EPSG:2154",
                      geometry_type=kind, driver="GPKG", layer=Path(path).stem)


def main(out, count=300_000, communes=500):
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(6)
    origin = np.array([700_000.0, 6_600_000.0])
    side = int(round(count ** 0.5))
    level, upright = lattice(rng, side, side, 60.0, 0.3, 0.01)
    rings = cells(level, upright)
    kind = rng.choice(len(CODES), len(rings), p=np.array([c[2] for c in CODES]) / 100)
    write(out / "ocsge_2018.gpkg", polygons(rings, origin), fields(kind, 2018), "Polygon")
    later = kind.copy()
    changed = rng.random(len(rings)) < 0.05
    later[changed] = rng.choice(len(CODES), changed.sum())
    # A new line from the third vertex of the south side to the third of the north side.
    cut = rng.random(len(rings)) < 0.02
    shapes, codes = [polygons(rings[~cut], origin)], [later[~cut]]
    a, b = 3, 2 * PIECES + PIECES - 3
    split = rings[cut]
    middle = np.round((split[:, a] * 0.5 + split[:, b] * 0.5 + rng.normal(0, 2, (len(split), 2))) * 1000) / 1000
    one = np.concatenate([split[:, :a + 1], middle[:, None], split[:, b:]], axis=1)
    two = np.concatenate([split[:, a:b + 1], middle[:, None], split[:, a:a + 1]], axis=1)
    shapes += [polygons(one, origin), polygons(two, origin)]
    codes += [later[cut], rng.choice(len(CODES), len(split))]
    write(out / "ocsge_2021.gpkg", np.concatenate(shapes), fields(np.concatenate(codes), 2021), "Polygon")
    cols = int(round(communes ** 0.5 * 1.12))
    rows = communes // cols
    level, upright = lattice(rng, cols, rows, 1.0, 0.25, 0.015)
    scale = np.array([side * 60.0 / cols, side * 60.0 / rows])
    rings = np.round(cells(level, upright) * scale * 1000) / 1000
    names = [f"{number:05d}" for number in range(10_001, 10_001 + len(rings))]
    write(out / "communes.gpkg", polygons(rings, origin), {"code_insee": names, "nom": names}, "Polygon")


def fields(kind, year):
    pick = lambda place: np.array([code[place] for code in CODES], object)[kind]
    return {"code_cs": pick(0), "code_us": pick(1), "millesime": np.full(len(kind), year)}


if __name__ == "__main__":
    words = sys.argv[1:]
    main(Path(words[0]), *map(int, words[1:]))
