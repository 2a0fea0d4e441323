//! `truth/README.md`: the formulas, the noise and the columns of a sample, in French and in English.

use super::{SampleOptions, climate, ortho, scan};

/// The whole page for these options.
pub fn text(options: &SampleOptions) -> String {
    let SampleOptions { size: (width, height), density, seed } = options;
    let noise = scan::NOISE * 100.0;
    let dead = scan::DEAD_ZONE;
    let (azimuth, elevation) = (ortho::SUN_AZIMUTH, ortho::SUN_ELEVATION);
    let (air, lapse, days) = (climate::NOISE, climate::LAPSE, climate::DAYS);
    format!(
        "\
# Vérité de la ville d'exemple

Ville inventée, écrite par `ilot sample` : {width} × {height} m, {density} impulsions laser par m², graine {seed}. \
Lambert-93 (EPSG:2154), altitudes NGF-IGN69 (EPSG:5720). Aucun lieu réel, aucune personne réelle. \
Mêmes options, mêmes octets.

## Repères
Coin sud-ouest : E 379000, N 6786000. Repère du plan (u, v) : origine au milieu du pont, en \
(L/2 ; H/2 − min(0,1 H ; 70 m)) depuis ce coin ; axe u tourné de 11° depuis l'est vers le nord.

## Terrain (`dtm.tif`)
- axe de la rivière : v = r(u) = 4 sin(u/70) + 2 sin(u/31 + 1) − 1,7 ; niveau de l'eau : w(u) = 62 − 0,002 u ; eau là où |v − r(u)| < 7 m (bord droit par tronçons de 6 m) ;
- d = |v − r(u)|, s(a, b, d) = 3t² − 2t³ avec t = (d − a)/(b − a) borné à [0, 1] ;
- sol = w(u) + 0,25 + 3,2 s(7, 14, d) + 14 k (1 − exp(−(d/230)²)) + s(20, 90, d) (1,3 sin(u/92 + 0,5) sin(v/77) + 0,3 sin(u/24) cos(v/21)), k = 1 au nord, 0,72 au sud ;
- dans l'eau, `dtm` est le niveau de l'eau. Sous le pont, `dtm` est le sol ou l'eau.

## Surface (`dsm.tif`, `chm.tif` = `dsm` − `dtm`)
Le plus haut du sol, des toits, du tablier du pont, des houppiers, arbustes et haies. Murs, voitures et mâts (classes 67, 1, 64) n'y sont pas. \
Toits : plans exacts, sans débord. Houppiers : ellipsoïde entre base et sommet ; cône ; moitié haute d'ellipsoïde (parasol). \
Un premier retour laser tombe un peu sous l'enveloppe du houppier : le `dsm` mesuré y est plus bas que la vérité.
Grille : 0,5 m, centres des cellules sur les multiples de 0,5 m ; valeurs exactes au centre, arrondies à 1/4096 m.

## Autres rasters (bords des cellules sur les multiples de la maille)
- `cover.tif`, 1 m, classe au centre : 1 bâtiment, 2 imperméable, 3 minéral perméable, 4 sol nu, 5 herbacé, 6 arbustes (feuilles de 0,5 à 3 m), 7 arbre (≥ 3 m) sur sol perméable, 8 arbre sur sol imperméable, 9 eau ;
- `imperviousness.tif`, 10 m, % : surface exacte des bâtiments, revêtements et du pont, arbres ou non ;
- `canopy.tif`, 10 m, % : part où des feuilles d'arbre sont à 3 m ou plus du sol (1600 points par cellule) ;
- `heat_night.tif`, 10 m, K : 0,034 × % imperméable − 0,018 × % canopée (lissés, gaussienne de 60 m, bords exclus) − 0,8 exp(−d_eau / 50 m).

## LiDAR (`lidar/*.laz`)
LAS 1.4, format 6, dalles du kilomètre nommées par leur coin nord-ouest, `[ouest, est) × (sud, nord]`. Bandes de vol nord-sud à 900 m de haut, qui se recouvrent. \
{density} impulsions par m² en moyenne (recouvrement compris), 1 à 5 retours, au moins {dead} m entre deux retours. \
Bruit normal sur z seulement : écart type {noise} cm, coupé à 4 fois. x, y : exacts au centimètre. \
Classes : 1 voitures, 2 sol, 3 / 4 / 5 végétation < 0,5 / 0,5–1,5 / > 1,5 m, 6 toits et façades, 9 eau, 17 tablier, 64 mâts, 65 bruit, 66 points virtuels sous le pont (exacts), 67 murs. \
L'eau n'a presque pas de retours. Pas de retour mixte en bord de toit, pas de troncs.

## Orthophoto (`ortho/irc.tif`)
Proche infrarouge, rouge, vert ; 0,2 m ; soleil : azimut {azimuth}°, hauteur {elevation}°. Vraie orthophoto : les bâtiments ne penchent pas.

## Vecteurs
- `buildings.gpkg` : `roof` flat | gable | hip | spire ; `area` m² ; `z_eaves`, `z_ridge`, `z_ground` altitudes en m ; `slope` ° ; `bearing` direction du faîte, ° depuis le nord ; `in_2018` 1 si présent en 2018 ;
- `trees.gpkg` (≥ 3 m) : `height`, `crown_base` au-dessus du sol, `crown_diameter` en m, `crown_area` en m², `z_ground`, `z_top` altitudes, `over_sealed` 1 si le pied est sur un sol imperméable ;
- `zan_state.csv`, `zan_flux.csv` : m² par commune, d'après `vectors/ocsge_2018.gpkg` et `ocsge_2021.gpkg` (couverture complète, sans trou ni recouvrement, sommets au millimètre) et la matrice couverture × usage, sans les seuils du décret ni surface minimale. `artificialisation` : à la seconde date seulement ; `desartificialisation` : à la première seulement.

## Capteurs (`stations.csv`, `readings.csv`)
{days} jours d'heures rondes UTC depuis le 8 juillet 2022. Air = campagne(t) + chaleur × action(t) − {lapse} K/m × (altitude − moyenne) + bruit normal de {air} K ; \
campagne(t) = 18,5 + 3,5 exp(−((j − 7,5)/3,2)²) + 6,2 cos φ + 0,9 cos 2φ, j en jours, φ = 2π (h − 15)/24 ; \
action : 1 de 22 h à 4 h, 0,1 de 9 h à 17 h, linéaire entre, fois un facteur par nuit (moyenne 1). \
`truth/stations.csv` : la chaleur de chaque station, celle de sa cellule de `heat_night`. `truth/station_faults.csv` : dérive, soleil sur l'abri, deux capteurs échangés, lacune, horloge en avance (seulement si la ville porte plus de 21 stations).

---

# Truth of the sample town

An invented town, written by `ilot sample`: {width} × {height} m, {density} laser pulses per m², seed {seed}. \
Lambert-93 (EPSG:2154), heights NGF-IGN69 (EPSG:5720). No real place, no real person. Same options, same bytes.

## Frames
South-west corner: E 379000, N 6786000. Frame of the plan (u, v): origin at the middle of the bridge, at \
(W/2, H/2 − min(0.1 H, 70 m)) from that corner; the u axis is turned 11° from east towards north.

## Terrain (`dtm.tif`)
- the river's axis: v = r(u) = 4 sin(u/70) + 2 sin(u/31 + 1) − 1.7; water level: w(u) = 62 − 0.002 u; water where |v − r(u)| < 7 m (edges straight in pieces of 6 m);
- d = |v − r(u)|, s(a, b, d) = 3t² − 2t³ with t = (d − a)/(b − a) kept in [0, 1];
- ground = w(u) + 0.25 + 3.2 s(7, 14, d) + 14 k (1 − exp(−(d/230)²)) + s(20, 90, d) (1.3 sin(u/92 + 0.5) sin(v/77) + 0.3 sin(u/24) cos(v/21)), k = 1 to the north, 0.72 to the south;
- on water, `dtm` is the water level. Under the bridge, `dtm` is the ground or the water.

## Surface (`dsm.tif`, `chm.tif` = `dsm` − `dtm`)
The highest of ground, roofs, the bridge's deck, crowns, shrubs and hedges. Walls, cars and posts (classes 67, 1, 64) are not in it. \
Roofs: exact planes, no overhang. Crowns: an ellipsoid between base and top; a cone; the upper half of an ellipsoid (umbrella). \
A first laser return falls a little below the envelope of a crown: a measured `dsm` is lower there than the truth.
Grid: 0.5 m, cell centres on multiples of 0.5 m; values exact at the centres, rounded to 1/4096 m.

## Other rasters (cell edges on multiples of the cell size)
- `cover.tif`, 1 m, class at the centre: 1 building, 2 sealed, 3 mineral permeable, 4 bare, 5 herbaceous, 6 shrub (leaves from 0.5 to 3 m), 7 tree (3 m and more) over permeable ground, 8 tree over sealed ground, 9 water;
- `imperviousness.tif`, 10 m, %: exact area of buildings, sealed ground and the bridge, under trees or not;
- `canopy.tif`, 10 m, %: share where leaves of trees are 3 m or more above ground (1600 positions a cell);
- `heat_night.tif`, 10 m, K: 0.034 × % sealed − 0.018 × % canopy (smoothed, Gaussian of 60 m, borders left out) − 0.8 exp(−d_water / 50 m).

## LiDAR (`lidar/*.laz`)
LAS 1.4, format 6, kilometre tiles named by their north-west corner, `[west, east) × (south, north]`. Overlapping strips flown north-south, 900 m up. \
{density} pulses per m² on average (overlaps included), 1 to 5 returns, at least {dead} m between two returns. \
Normal noise on z only: standard deviation {noise} cm, cut at 4 times. x, y: exact to the centimetre. \
Classes: 1 cars, 2 ground, 3 / 4 / 5 vegetation < 0.5 / 0.5–1.5 / > 1.5 m, 6 roofs and façades, 9 water, 17 bridge deck, 64 posts, 65 noise, 66 virtual points under the bridge (exact), 67 walls. \
Water has hardly any returns. No mixed returns at the edges of roofs, no stems.

## Orthophoto (`ortho/irc.tif`)
Near infrared, red, green; 0.2 m; sun: azimuth {azimuth}°, elevation {elevation}°. A true orthophoto: buildings do not lean.

## Vectors
- `buildings.gpkg`: `roof` flat | gable | hip | spire; `area` m²; `z_eaves`, `z_ridge`, `z_ground` heights in m; `slope` °; `bearing` of the ridge, ° from north; `in_2018` 1 where it stood in 2018;
- `trees.gpkg` (3 m and more): `height`, `crown_base` above ground, `crown_diameter` in m, `crown_area` in m², `z_ground`, `z_top` heights, `over_sealed` 1 where the stem stands on sealed ground;
- `zan_state.csv`, `zan_flux.csv`: m² per commune, from `vectors/ocsge_2018.gpkg` and `ocsge_2021.gpkg` (complete cover, no gap, no overlap, corners in whole millimetres) and the matrix of cover × use, without the decree's thresholds or a minimal area. `artificialisation`: at the second date only; `desartificialisation`: at the first only.

## Sensors (`stations.csv`, `readings.csv`)
{days} days of full hours UTC from 8 July 2022. Air = country(t) + warmth × action(t) − {lapse} K/m × (altitude − mean) + normal noise of {air} K; \
country(t) = 18.5 + 3.5 exp(−((j − 7.5)/3.2)²) + 6.2 cos φ + 0.9 cos 2φ, j in days, φ = 2π (h − 15)/24; \
action: 1 from 22 h to 4 h, 0.1 from 9 h to 17 h, linear between, times a factor per night (mean 1). \
`truth/stations.csv`: the warmth of each station, that of its cell of `heat_night`. `truth/station_faults.csv`: drift, sun on the shield, two sensors exchanged, a gap, a clock ahead (only where the town has more than 21 stations).
"
    )
}
