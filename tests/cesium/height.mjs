// The ellipsoidal height that CesiumJS itself reports, against PROJ: the field's first defect is a twin 49 m too low.
//
//   node tests/cesium/height.mjs MODULES TILESET GRID EASTING,NORTHING,HEIGHT…
//
// MODULES is a folder `node_modules` with cesium and puppeteer-core (`npm install cesium puppeteer-core`), TILESET a folder
// that `ilot tiles` made (points and terrain, compressed or not), GRID the geoid that PROJ takes (`fr_ign_RAF20.tif`); then
// points of the cloud on open ground: Lambert-93, height above the sea (IGN69). PROJ's `cct` makes longitude, latitude and
// height of them without a line of ilot. CesiumJS loads the finest tiles, looks straight down and is asked
// - for the place of what it drew in the middle of the picture (`Scene.pickPosition`, the points),
// - for the height there (`Scene.sampleHeightMostDetailed`, the terrain).
// Fails where one is off by more than 0.10 m: on open ground, what is drawn beside a point is as high.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, resolve } from 'node:path';

const [modules, tileset, grid, ...places] = process.argv.slice(2);
if (!places.length) throw new Error('node tests/cesium/height.mjs MODULES TILESET GRID EASTING,NORTHING,HEIGHT…');
const TOLERANCE = 0.1;
const { default: puppeteer } = await import(createRequire(resolve(modules, 'x.js')).resolve('puppeteer-core'));

/** Longitude, latitude in degrees and height above the ellipsoid, as PROJ has them. */
function ellipsoidal(place) {
  const lambert93 = '+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80';
  const steps = `+proj=pipeline +step +inv ${lambert93} +step +proj=vgridshift +grids=${resolve(grid)} +multiplier=1 `
    + '+step +proj=unitconvert +xy_in=rad +xy_out=deg';
  const said = execFileSync('cct', ['-d', '10', ...steps.split(' ')], { input: `${place.replaceAll(',', ' ')} 0\n`, encoding: 'utf8' });
  const numbers = said.trim().split(/\s+/).slice(0, 3).map(Number);
  assert(numbers.every(Number.isFinite), `PROJ says of ${place}: ${said}`);
  return numbers;
}

const page = `<!doctype html><script>window.CESIUM_BASE_URL = '/cesium/'</script><script src="/cesium/Cesium.js"></script>
<style>html, body, #c, .cesium-widget, canvas { margin: 0; width: 100%; height: 100% }</style><div id="c"></div>`;
const types = { '.js': 'text/javascript', '.json': 'application/json', '.css': 'text/css', '.wasm': 'application/wasm' };
const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  const file = path.startsWith('/cesium/')
    ? join(modules, 'cesium/Build/Cesium', path.slice(8)) : join(tileset, path.replace(/^\/data\//, ''));
  try {
    const body = path === '/' ? page : await readFile(file);
    response.writeHead(200, { 'content-type': path === '/' ? 'text/html' : types[extname(path)] ?? 'application/octet-stream' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist', '--disable-dev-shm-usage', '--no-proxy-server'],
});

let code = 1;
try {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 600, height: 600 });
  await tab.goto(`http://127.0.0.1:${server.address().port}/`, { waitUntil: 'load' });
  for (const place of places) {
    const [longitude, latitude, height] = ellipsoidal(place);
    const seen = await tab.evaluate(measured, longitude, latitude, height);
    assert.deepEqual(seen.failed, []);
    assert(seen.terrain !== undefined, `no terrain at ${place}`);
    const off = { points: seen.points - height, terrain: seen.terrain - height };
    console.log(`${place}: PROJ ${height.toFixed(3)} m; CesiumJS ${seen.version}: points ${seen.points.toFixed(3)} m `
      + `(${off.points.toFixed(3)}), terrain ${seen.terrain.toFixed(3)} m (${off.terrain.toFixed(3)})`);
    assert(Math.abs(off.points) <= TOLERANCE && Math.abs(off.terrain) <= TOLERANCE, place);
  }
  console.log(`all within ${TOLERANCE} m`);
  code = 0;
} catch (why) {
  console.error(why);
} finally {
  await browser.close();
  server.close();
}
process.exit(code);

/** In the page: what CesiumJS reports at a place. */
async function measured(longitude, latitude, height) {
  const { Cartesian2, Cartesian3, Cartographic, Cesium3DTileset, Cesium3DTileStyle, CesiumWidget, Ion, Math: Angle, VERSION } = Cesium;
  Ion.defaultAccessToken = '';
  document.getElementById('c').replaceChildren();
  const widget = new CesiumWidget('c', { baseLayer: false, skyBox: false, skyAtmosphere: false, globe: false });
  const { scene, camera } = widget;
  const failed = [];
  const shown = async (name) => {
    const tiles = await Cesium3DTileset.fromUrl(`/data/${name}.json`, { maximumScreenSpaceError: 1 });
    tiles.tileFailed.addEventListener((event) => failed.push(`${event.url}: ${event.message}`));
    return scene.primitives.add(tiles);
  };
  camera.frustum.fov = Angle.toRadians(20);
  camera.setView({
    destination: Cartesian3.fromDegrees(longitude, latitude, height + 80),
    orientation: { heading: 0, pitch: Angle.toRadians(-90), roll: 0 },
  });
  const points = await shown('points');
  points.style = new Cesium3DTileStyle({ pointSize: '7' });
  await new Promise((done) => {
    let calm = 0;
    scene.postRender.addEventListener(() => {
      calm = points.tilesLoaded ? calm + 1 : 0;
      if (calm === 20) done();
    });
  });
  const drawn = scene.pickPosition(new Cartesian2(scene.canvas.clientWidth / 2, scene.canvas.clientHeight / 2));
  if (!drawn) throw new Error('nothing is drawn at the place');
  const at = Cartographic.fromCartesian(drawn);
  points.show = false;
  await shown('terrain');
  const [below] = await scene.sampleHeightMostDetailed([Cartographic.fromDegrees(longitude, latitude)]);
  widget.destroy();
  return { version: VERSION, points: at.height, terrain: below?.height, failed };
}
