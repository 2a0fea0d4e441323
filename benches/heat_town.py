#!/usr/bin/env python3
"""heat_town.py FOLDER: a town of 10 km x 10 km for benches/heat.sh: three covariates of 10 m as ilot writes its maps (COG, ZSTD,
predictor), 33 stations, two of them rural references, 14 days of hourly readings. The same files for the same numpy.

Warmth at night is 0.03 K per % of sealed ground less 0.02 K per % of canopy, both smoothed, and a smooth rest of 0.35 K that no
covariate holds; sensors err by 0.15 K. Needs numpy, scipy, rasterio."""
import os
import sys

import numpy as np
import rasterio
from rasterio.transform import from_origin
from scipy.ndimage import gaussian_filter

out = sys.argv[1]
os.makedirs(os.path.join(out, "cov"), exist_ok=True)
r = np.random.default_rng(7)
SIDE, WEST, NORTH, CELL, STATIONS, DAYS = 1000, 350000, 6790000, 10, 33, 14


def field(smooth):
    values = gaussian_filter(r.normal(size=(SIDE, SIDE)), smooth)
    return (values - values.mean()) / values.std()


sealed = np.clip(40 + 25 * field(20), 0, 100)
canopy = np.clip(20 + 15 * field(12), 0, 100)
terrain = 80 + 20 * field(60)
for name, values in (("imperviousness", sealed), ("canopy", canopy), ("dtm", terrain)):
    meta = {"driver": "COG", "width": SIDE, "height": SIDE, "count": 1, "dtype": "float32", "crs": "EPSG:2154"}
    meta |= {"transform": from_origin(WEST, NORTH, CELL, CELL), "compress": "ZSTD", "predictor": "YES", "blocksize": 512}
    with rasterio.open(os.path.join(out, "cov", f"{name}.tif"), "w", **meta) as file:
        file.write((np.round(values * 1024) / 1024).astype("f4"), 1)

warm = 0.03 * gaussian_filter(sealed, 6) - 0.02 * gaussian_filter(canopy, 6) + 0.35 * field(80)
col, row = r.integers(10, SIDE - 10, STATIONS), r.integers(10, SIDE - 10, STATIONS)
own = warm[row, col] - warm[row, col].min()
references = np.argsort(own)[:2]
with open(os.path.join(out, "stations.csv"), "w") as file:
    file.write("station,x,y,altitude,reference\n")
    for k in range(STATIONS):
        x, y = WEST + col[k] * CELL + CELL / 2, NORTH - row[k] * CELL - CELL / 2
        file.write(f"S{k:02},{x},{y},{terrain[row[k], col[k]]:.1f},{'yes' if k in references else 'no'}\n")
with open(os.path.join(out, "readings.csv"), "w") as file:
    file.write("station,instant_utc,temperature_c\n")
    for k in range(STATIONS):
        for hour in range(DAYS * 24):
            air = 20 + 6 * np.cos((hour - 15) / 24 * 2 * np.pi)
            night = 1 if hour % 24 >= 20 or hour % 24 < 5 else 0.15
            value = air + own[k] * night + r.normal(0, 0.15)
            file.write(f"S{k:02},2022-07-{8 + hour // 24:02}T{hour % 24:02}:00Z,{value:.2f}\n")
