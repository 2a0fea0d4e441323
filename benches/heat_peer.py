#!/usr/bin/env python3
"""heat_peer.py FOLDER OUT: the map of the night as it is made with PyKrige (1.7.3, vectorised), numpy and rasterio, from the same files
as `ilot heat --only night`: night minima less the references', means of discs of 50 m (sealed ground) and 25 m (canopy), least
squares on both, ordinary kriging of what they leave with its variance (exponential, given parameters: no fit), the half-width of
the 90 % interval, two GeoTIFF. It checks no reading, chooses no covariate, knows no error of stations left out and no mask.

`heat_peer.py FOLDER OUT start` stops before the kriging. Prints the seconds of processor of `execute` alone."""
import csv
import os
import sys
import time
from collections import defaultdict

import numpy as np
import rasterio
from pykrige.ok import OrdinaryKriging
from scipy.signal import fftconvolve

folder, out = sys.argv[1:3]
stations = {row["station"]: row for row in csv.DictReader(open(os.path.join(folder, "stations.csv")))}
minima = defaultdict(lambda: defaultdict(lambda: np.inf))
for row in csv.DictReader(open(os.path.join(folder, "readings.csv"))):
    day, hour = row["instant_utc"][:10], int(row["instant_utc"][11:13])
    if hour < 5:
        night = minima[row["station"]]
        night[day] = min(night[day], float(row["temperature_c"]))
names = sorted(stations)
table = np.array([[minima[name][day] for day in sorted(minima[name])] for name in names])
rural = [k for k, name in enumerate(names) if stations[name]["reference"] == "yes"]
warmth = (table - table[rural].mean(axis=0)).mean(axis=1)
x = np.array([float(stations[name]["x"]) for name in names])
y = np.array([float(stations[name]["y"]) for name in names])


def means(values, radius):
    reach = int(radius // 10)
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = (down**2 + across**2 <= (radius / 10) ** 2).astype("f8")
    both = [fftconvolve(part, disc, mode="same") for part in (values.astype("f8"), np.ones(values.shape))]
    return both[0] / both[1]


covariates = []
for name, radius in (("imperviousness", 50), ("canopy", 25)):
    with rasterio.open(os.path.join(folder, "cov", f"{name}.tif")) as file:
        covariates.append(means(file.read(1), radius))
        transform, crs = file.transform, file.crs
row, col = ((transform.f - y) / 10).astype(int), ((x - transform.c) / 10).astype(int)
design = np.column_stack([np.ones(len(x))] + [values[row, col] for values in covariates])
slopes, *_ = np.linalg.lstsq(design, warmth, rcond=None)
left = warmth - design @ slopes
model = {"psill": max(left.var(ddof=3), 0.01), "range": 3000, "nugget": 0.02}
kriging = OrdinaryKriging(x, y, left, variogram_model="exponential", variogram_parameters=model)
if sys.argv[3:] == ["start"]:
    sys.exit()
side = covariates[0].shape[0]
east = transform.c + 10 * (np.arange(side) + 0.5)
north = transform.f - 10 * (np.arange(side) + 0.5)
begun = time.process_time()
rest, variance = kriging.execute("grid", east, north, backend="vectorized")
print(f"{time.process_time() - begun:.2f}")
warm = slopes[0] + sum(slope * values for slope, values in zip(slopes[1:], covariates)) + np.asarray(rest)
half = 1.645 * np.sqrt(np.maximum(np.asarray(variance), 0))
meta = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "float32", "crs": crs, "transform": transform}
meta |= {"compress": "ZSTD", "predictor": 3, "tiled": True, "blockxsize": 512, "blockysize": 512}
os.makedirs(out, exist_ok=True)
for name, values in (("warmth", warm), ("half_width", half)):
    with rasterio.open(os.path.join(out, f"{name}.tif"), "w", **meta) as file:
        file.write(values.astype("f4"), 1)
