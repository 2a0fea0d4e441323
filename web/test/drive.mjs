// Drives the page in headless Chromium as a user would, and fails on anything that should not be.
//
//   node test/drive.mjs ILOT OUT [SHOTS]
//
// ILOT is the binary, OUT a folder of results with `pmtiles/` and, where the scene is to be tried, `tileset/`.

import puppeteer from 'puppeteer-core';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import assert from 'node:assert/strict';

// Where the maps of heat of the sample town have a value: its middle is unlike any place with a sensor.
const SPOKEN = [0.5, 0.3];

const [ilot, out, shots = 'shots'] = process.argv.slice(2);
if (!out) throw new Error('node test/drive.mjs ILOT OUT [SHOTS]');
mkdirSync(shots, { recursive: true });

const server = spawn(ilot, ['view', out, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
const first = await new Promise((done, fail) => {
  createInterface({ input: server.stdout }).once('line', (line) => done(JSON.parse(line)));
  server.once('exit', (code) => fail(new Error(`ilot view ended with ${code}`)));
});
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist', '--disable-dev-shm-usage', '--no-proxy-server', '--lang=fr'],
});

const faults = [];
const seen = [];
let code = 1;
try {
  await desktop();
  await phone();
  await report();
  await fromDisk();
  assert.deepEqual(faults, []);
  console.log(`all passed; ${seen.length} requests, all to ${new URL(first.address).host}`);
  code = 0;
} catch (why) {
  console.error(why);
  console.error(faults.slice(0, 10).join('\n'));
} finally {
  await browser.close();
  server.kill('SIGINT');
}
process.exit(code);

async function opened(width, height, mobile) {
  const page = await browser.newPage();
  await page.setViewport({ width, height, deviceScaleFactor: mobile ? 2 : 1, isMobile: mobile, hasTouch: mobile });
  // With BUILD, the scripts just bundled are tried in place of those that the binary carries.
  if (process.env.BUILD) {
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const name = new URL(request.url()).pathname.match(/^\/web\/(.+)$/)?.[1];
      if (!name) return request.continue();
      const types = { js: 'text/javascript', css: 'text/css' };
      return request.respond({ contentType: types[name.split('.').pop()], body: readFileSync(`${process.env.BUILD}/${name}`) });
    });
  }
  page.on('console', (message) => {
    // SwiftShader tells of its own slowness; the library of tiles says of every 1.1 set that it is one.
    if (['error', 'warn'].includes(message.type()) && !/GPU stall|swiftshader|fallback|tiles versions at 1.1/i.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (why) => faults.push(`page: ${why.message}`));
  page.on('requestfailed', (request) => {
    if (!/ERR_ABORTED/.test(request.failure()?.errorText ?? '')) faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => { if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`); });
  page.on('request', (request) => {
    const url = new URL(request.url());
    seen.push(request.url());
    if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.origin !== new URL(first.address).origin) faults.push(`leaves this machine: ${url}`);
  });
  return page;
}

async function ready(page) {
  await page.goto(first.address, { waitUntil: 'load' });
  await page.waitForFunction('window.ILOT?.ready', { timeout: 60000 });
  await idle(page);
}

async function idle(page) {
  await page.evaluate(() => new Promise((done) => {
    const { map } = window.ILOT.maps;
    if (map.loaded() && map.areTilesLoaded()) done();
    else map.once('idle', done);
  }));
}

async function clickAt(page, x, y) {
  const box = await page.$eval('#map', (node) => { const { left, top, width, height } = node.getBoundingClientRect(); return { left, top, width, height }; });
  await page.mouse.click(box.left + box.width * x, box.top + box.height * y);
  await page.waitForFunction(() => document.querySelectorAll('#here .figure').length > 0, { timeout: 30000 });
}

async function desktop() {
  const page = await opened(1360, 860, false);
  await ready(page);
  const about = await page.evaluate(() => ({ ...window.ILOT.run, first: window.ILOT.maps.state.main }));
  assert.ok(about.first, 'a map is shown at first');
  await page.click('#speak-fr');
  await page.screenshot({ path: `${shots}/map.png` });
  // A click reads the file: the page's figure is that of the COG.
  await clickAt(page, ...SPOKEN);
  const text = await page.$eval('#here', (node) => node.innerText);
  assert.match(text, /\d/, 'a figure');
  assert.match(text, /intervalle|interval|chance/, 'with its interval, or the word that there is none');
  await page.screenshot({ path: `${shots}/click.png` });
  // Every layer can be toggled.
  for (const { name } of about.layers) {
    const before = await page.evaluate((layer) => window.ILOT.maps.state.layers.has(layer), name);
    await page.click(`#layer-${name}`);
    const after = await page.evaluate((layer) => ({ on: window.ILOT.maps.state.layers.has(layer), drawn: ['fill', 'line', 'circle'].some((part) => window.ILOT.maps.map.getLayoutProperty(`layer-${layer}-${part}`, 'visibility') === 'visible') }), name);
    assert.equal(after.on, !before, name);
    assert.equal(after.drawn, !before, `${name} is drawn where it is on`);
    if (after.on) await page.click(`#layer-${name}`);
  }
  // Every map can be shown.
  for (const { name } of about.maps) {
    if (name === about.relief) continue;
    await page.select('#main', name);
    await idle(page);
  }
  await page.keyboard.press('Escape');
  // Two maps side by side; the border moves by keyboard.
  const [left, right] = ['heat_night', 'imperviousness-1', 'cover', 'chm', 'dtm', 'dsm'].filter((name) => about.maps.some((map) => map.name === name));
  await page.select('#main', left);
  await page.select('#other', right);
  await idle(page);
  await page.focus('.border');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => window.ILOT.maps.state.swipe), 0.51);
  await new Promise((done) => setTimeout(done, 800));
  await page.screenshot({ path: `${shots}/compare.png` });
  await page.select('#other', '');
  for (const { name } of about.maps.filter((map) => map.stack)) await time(page, name);
  // English at the flick of a word, and back; the keyboard reaches the map and reads at its centre.
  await page.click('#speak-en');
  assert.match(await page.$eval('#panel', (node) => node.innerText), /Opacity/);
  await page.focus('#map canvas');
  for (const key of ['ArrowUp', 'ArrowUp', 'Enter']) {
    await page.keyboard.press(key);
    await idle(page);
  }
  await page.waitForFunction(() => document.querySelectorAll('#here .figure').length > 0, { timeout: 30000 });
  assert.match(await page.$eval('#here', (node) => node.innerText), /interval|chance/);
  await page.click('#here details.rest summary');
  await page.waitForFunction((count) => document.querySelectorAll('#here .figure').length >= count, { timeout: 60000 }, about.rasters.filter((it) => !about.maps.some((map) => map.stack && map.raster === it.name)).length);
  await page.screenshot({ path: `${shots}/all.png` });
  await page.click('#speak-fr');
  // Zones with their figures.
  const zone = ['heat_zones', 'zan_flux', 'cover_zones'].find((name) => about.layers.some((layer) => layer.name === name));
  if (zone) {
    await page.click(`#layer-${zone}`);
    await idle(page);
    await clickAt(page, 0.5, 0.3);
    await page.waitForSelector('#here .feature');
    assert.match(await page.$eval('#here .feature', (node) => node.innerText), /intervalle à 9\d/);
    await page.screenshot({ path: `${shots}/zones.png` });
  }
  await names(page);
  if (about.tileset) await scene(page);
  await page.close();
}

// Maps by hour or night are leafed through by keyboard; each step has its own tiles and its own figures.
async function time(page, name) {
  await page.select('#main', name);
  await page.waitForSelector('#step-main');
  await idle(page);
  const said = [];
  for (const count of [1, 2, 3]) {
    await clickAt(page, ...SPOKEN);
    await idle(page);
    const words = await page.$eval('.time b', (node) => node.innerText);
    assert.match(words, /\d{4}/, 'a step says when it is');
    assert.equal(await page.$eval('#step-main', (node) => node.getAttribute('aria-valuetext')), words);
    await page.waitForFunction((when) => document.querySelector('#here .figure')?.innerText.includes(when), { timeout: 30000 }, words);
    const figure = await page.$eval('#here .figure', (node) => node.innerText);
    assert.match(figure, /K/);
    assert.match(figure, /intervalle à 90 %/, 'no figure of heat without its interval');
    said.push(figure);
    const tiles = await page.evaluate(() => Object.keys(window.ILOT.maps.map.getStyle().sources).filter((id) => id.includes('@')));
    assert.equal(tiles.length, 1, `one step is held, not ${tiles}`);
    if (count === 3) break;
    await page.focus('#step-main');
    await page.keyboard.press('ArrowRight');
  }
  assert.equal(new Set(said).size, said.length, 'each step has figures of its own');
  await page.screenshot({ path: `${shots}/${name}.png` });
  await page.keyboard.press('Escape');
}

// Everything that can be operated has a name for who does not see it.
async function names(page) {
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, select, input, a[href]')]
    .filter((node) => !(node.labels?.length || node.getAttribute('aria-label') || node.innerText?.trim() || node.title))
    .map((node) => node.outerHTML.slice(0, 80)));
  assert.deepEqual(nameless, []);
}

function settled(page) {
  return page.waitForFunction(() => window.ILOT.twin.tiles.loadProgress === 1 && window.ILOT.twin.tiles.visibleTiles.size > 0, { timeout: 120000, polling: 500 });
}

async function scene(page) {
  await page.click('#tab-scene');
  await page.waitForFunction(() => window.ILOT.twin?.kinds.size > 0, { timeout: 90000 });
  await settled(page);
  const asked = seen.length;
  const fetched = (kind) => seen.slice(0, asked).some((url) => url.includes(`/tileset/${kind}/`));
  for (const kind of await page.evaluate(() => [...window.ILOT.twin.kinds].filter((it) => !window.ILOT.twin.shown.has(it)))) assert.equal(fetched(kind), false, `${kind} is hidden, hence not fetched`);
  const kinds = await page.evaluate(() => [...window.ILOT.twin.kinds]);
  assert.deepEqual(await page.evaluate(() => window.ILOT.twin.faults), []);
  await new Promise((done) => setTimeout(done, 1500));
  await page.screenshot({ path: `${shots}/scene.png` });
  // Every kind can be hidden and shown; points begin hidden where there are surfaces.
  const seenOf = (kind) => page.evaluate((it) => { let on = false; window.ILOT.twin.models((scene) => { if (scene.userData.kind === it) on ||= scene.visible; }); return on; }, kind);
  for (const kind of kinds) {
    const before = await seenOf(kind);
    assert.equal(before, await page.$eval(`#kind-${kind}`, (node) => node.checked), kind);
    for (const wanted of [!before, before]) {
      await page.click(`#kind-${kind}`);
      for (let wait = 0; wait < 60 && await seenOf(kind) !== wanted; wait += 1) await new Promise((done) => setTimeout(done, 500));
      assert.equal(await seenOf(kind), wanted, kind);
    }
  }
  if (kinds.includes('points')) {
    // What is hidden is not fetched: points are, when they are wanted.
    if (!(await page.$eval('#kind-points', (node) => node.checked))) await page.click('#kind-points');
    await settled(page);
    // Ground stands at no height above itself: a column that is decoded wrongly would show here.
    const heights = await page.evaluate(() => {
      const found = [];
      window.ILOT.twin.models((scene) => scene.traverse((node) => {
        if (!node.isPoints || !node.geometry.getAttribute('_height')) return;
        const [height, kind] = ['_height', '_classification'].map((name) => window.ILOT.Twin.reader(node, name));
        for (let at = 0; at < node.geometry.getAttribute('position').count; at += 7) if (kind(at) === 2 && height(at) !== null) found.push(Math.abs(height(at)));
      }));
      return found.sort((a, b) => a - b);
    });
    if (heights.length) assert.ok(heights.length > 100 && heights[Math.floor(heights.length * 0.95)] < 0.3, `ground is ${heights[Math.floor(heights.length * 0.95)]} m above itself`);
    await page.select('#colour', 'byheight');
    await new Promise((done) => setTimeout(done, 1000));
    await page.screenshot({ path: `${shots}/height.png` });
    await page.select('#colour', 'natural');
    if (kinds.includes('buildings')) await page.click('#kind-points');
  }
  // What is clicked tells what it is.
  const box = await page.$eval('#scene', (node) => { const { left, top, width, height } = node.getBoundingClientRect(); return { left, top, width, height }; });
  const wanted = kinds.includes('buildings') ? 'buildings' : 'points';
  let told = '';
  for (let step = 0; step < 60 && !told; step += 1) {
    const [x, y] = [0.3 + 0.05 * (step % 10), 0.4 + 0.06 * Math.floor(step / 10)];
    await page.mouse.click(box.left + box.width * x, box.top + box.height * y);
    await new Promise((done) => setTimeout(done, 120));
    told = await page.$eval('#here', (node, title) => (!node.hidden && node.querySelector('h2').innerText === title ? node.innerText : ''), { buildings: 'Bâtiment', points: 'Point LiDAR' }[wanted]);
  }
  assert.match(told, /\d/, 'what was picked says its attributes');
  if (wanted === 'buildings') {
    // The scene says of a building what its layer says.
    const id = told.match(/\d{4}_\d{4}_\w+/)?.[0];
    const layer = await page.evaluate(async () => (await fetch('buildings.geojson')).json());
    const own = layer.features.find((feature) => feature.properties.id === id)?.properties;
    assert.ok(own, `${id} is a building of the layer`);
    const shown = new Intl.NumberFormat('fr', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(own.height_ridge);
    assert.ok(told.includes(Number.isInteger(own.height_ridge) ? String(own.height_ridge) : shown), `${id}: ${own.height_ridge} in ${told}`);
  }
  await page.screenshot({ path: `${shots}/picked.png` });
  // By keyboard alone: closer, then what is at the centre.
  await page.keyboard.press('Escape');
  await page.focus('#scene');
  await page.keyboard.press('+');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => !document.querySelector('#here').hidden, { timeout: 20000 });
  await page.click('#tab-map');
}

async function phone() {
  const page = await opened(390, 844, true);
  await ready(page);
  await page.screenshot({ path: `${shots}/phone.png` });
  await clickAt(page, 0.5, 0.4);
  await page.screenshot({ path: `${shots}/phone-click.png` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, 'nothing is wider than the phone');
  const small = await page.evaluate(() => [...document.querySelectorAll('button, select, input, .tabs a, summary, footer a')]
    .filter((node) => node.checkVisibility() && !node.matches('.border'))
    .map((node) => [node.closest('label.check') ?? node, node])
    .filter(([box]) => box.getBoundingClientRect().height < 44).map(([, node]) => `${node.outerHTML.slice(0, 90)} ${node.getBoundingClientRect().height}`));
  assert.deepEqual(small, [], 'a finger needs 44 pixels');
  await page.click('#fold');
  await page.screenshot({ path: `${shots}/phone-map.png` });
  await page.close();
}

async function report() {
  const page = await opened(1100, 900, false);
  const answer = await page.goto(new URL('report.html', first.address).href, { waitUntil: 'load' });
  assert.equal(answer.status(), 200);
  await page.pdf({ path: `${shots}/report.pdf`, format: 'A4', printBackground: true });
  await page.close();
}

// Opened from the disk, the page says what to do, and nothing else happens.
async function fromDisk() {
  const page = await browser.newPage();
  await page.goto(new URL('index.html', `file://${resolve(out)}/`).href, { waitUntil: 'load' });
  const text = await page.$eval('body', (node) => node.innerText);
  assert.match(text, /ilot view/);
  await page.screenshot({ path: `${shots}/file.png` });
  await page.close();
}
