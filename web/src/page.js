// The page over a folder of results: panel, map, figures of a place, 3D. Everything comes from the folder itself.

import 'maplibre-gl/dist/maplibre-gl.css';
import './page.css';
import { Maps } from './map.js';
import { Values } from './values.js';
import { attributes, element, heatAt, ofFeature, ofRaster } from './figures.js';
import { span, step as stepOf, steps as stepsOf } from './steps.js';
import { figure, lidarClass, one, speak, spoken, t } from './words.js';

const run = JSON.parse(document.getElementById('run').textContent);
const app = document.getElementById('app');
const values = new Values(run);
let maps = null;
let twin = null;
let view = 'map';
let asked = 0;

speak(run.language);

const shownMap = (name) => run.maps.find((it) => it.name === name);
const raster = (name) => run.rasters.find((it) => it.name === name);
const rasterOf = (name) => raster(shownMap(name).raster);
const layer = (name) => run.layers.find((it) => it.name === name);
const stacked = (name) => Boolean(name && shownMap(name)?.stack);

// ---- the frame of the page

const holder = element('div', { class: 'stage map', id: 'map', role: 'region' });
const space = element('div', { class: 'stage space', id: 'scene', role: 'region', tabindex: 0, hidden: true });
const panel = element('aside', { class: 'panel', id: 'panel' });
const card = element('div', { class: 'here', id: 'here', role: 'status', 'aria-live': 'polite', hidden: true });
const border = element('input', { class: 'border', type: 'range', min: 0, max: 100, step: 1, value: 50, hidden: true });
const rod = element('div', { class: 'rod', hidden: true });
const skip = element('a', { class: 'skip', href: '#map' });
app.append(skip, panel, element('main', {}, holder, space, rod, border, card));

border.addEventListener('input', () => moveBorder(border.value / 100));
// The whole rod can be taken, not only its knob.
rod.addEventListener('pointerdown', (event) => {
  rod.setPointerCapture(event.pointerId);
  const follow = (move) => {
    const box = holder.getBoundingClientRect();
    border.value = ((move.clientX - box.left) / box.width) * 100;
    moveBorder(border.value / 100);
  };
  rod.addEventListener('pointermove', follow);
  rod.addEventListener('pointerup', () => rod.removeEventListener('pointermove', follow), { once: true });
});

function moveBorder(share) {
  maps.state.swipe = share;
  rod.style.left = `${share * 100}%`;
  border.setAttribute('aria-valuetext', `${Math.round(share * 100)} %`);
  maps.panes[1].container.style.clipPath = `inset(0 0 0 ${share * 100}%)`;
}

// ---- the panel

function render() {
  const focused = document.activeElement?.id;
  document.title = t(run.title);
  skip.textContent = t('skip');
  holder.setAttribute('aria-label', `${t('map')} – ${t('hint')}`);
  space.setAttribute('aria-label', `${t('scene')} – ${t('move')}`);
  border.setAttribute('aria-label', t('swipe'));
  panel.replaceChildren(head(), tabs(), view === 'map' ? mapSettings() : sceneSettings(), foot());
  if (focused) document.getElementById(focused)?.focus();
}

function head() {
  const button = (code, name) => element('button', { id: `speak-${code}`, type: 'button', lang: code, 'aria-pressed': String(spoken() === code), onclick: () => { speak(code); render(); again(); } }, name);
  return element('header', {},
    element('h1', {}, t(run.title)),
    element('p', { class: 'when' }, t(run.subtitle)),
    element('div', { class: 'speak', role: 'group', 'aria-label': 'Langue / Language' }, button('fr', 'Français'), button('en', 'English')));
}

function tabs() {
  const tab = (name) => element('button', { id: `tab-${name}`, type: 'button', 'aria-pressed': String(view === name), onclick: () => show(name) }, t(name));
  const list = element('div', { class: 'tabs', role: 'group' }, tab('map'));
  if (run.tileset) list.append(tab('scene'));
  if (run.report) list.append(element('a', { id: 'to-report', href: run.report }, t('report')));
  list.append(element('button', { id: 'fold', class: 'fold', type: 'button', 'aria-expanded': String(!panel.classList.contains('folded')), onclick: () => { panel.classList.toggle('folded'); render(); } }, t('panel')));
  return list;
}

function choice(id, label, wanted, optional, act) {
  const select = element('select', { id, onchange: (event) => act(event.target.value || null) });
  if (optional) select.append(element('option', { value: '' }, t('none')));
  for (const group of run.groups) {
    const box = element('optgroup', { label: t(group.title) });
    for (const name of group.maps) box.append(element('option', { value: name, selected: name === wanted }, t(shownMap(name).title)));
    select.append(box);
  }
  if (!wanted) select.value = '';
  return element('label', { class: 'field', for: id }, element('span', {}, label), select);
}

function mapSettings() {
  const { state } = maps ?? { state: { layers: new Set(), opacity: 0.85 } };
  const draw = () => { maps.draw(); syncBorder(); render(); };
  const box = element('div', { class: 'settings' });
  if (!run.maps.length) box.append(element('p', { class: 'hint' }, t('notiles')));
  else box.append(...[choice('main', t('shown'), state.main, false, (name) => pick('main', name)),
    stacked(state.main) ? time('main') : null,
    state.main ? legend(rasterOf(state.main), stacked(state.main)) : null,
    element('label', { class: 'field', for: 'opacity' }, element('span', {}, t('opacity')),
      element('input', { id: 'opacity', type: 'range', min: 0, max: 100, value: Math.round(state.opacity * 100), oninput: (event) => { state.opacity = event.target.value / 100; maps.draw(); } })),
    run.relief ? check('relief', t('relief'), state.relief, (on) => { state.relief = on; maps.draw(); }) : null,
    choice('other', t('compare'), state.other, true, (name) => pick('other', name)),
    stacked(state.other) ? time('other') : null,
    state.other ? legend(rasterOf(state.other), stacked(state.other)) : null].filter(Boolean));
  if (run.layers.length) {
    box.append(element('fieldset', {}, element('legend', {}, t('objects')), ...run.layers.map((it) => {
      const on = state.layers.has(it.name);
      const row = check(`layer-${it.name}`, t(it.title), on, (wanted) => { wanted ? state.layers.add(it.name) : state.layers.delete(it.name); draw(); }, swatch(it));
      return on ? element('div', {}, row, layerLegend(it)) : row;
    })));
  }
  box.append(element('p', { class: 'hint' }, t('hint')), element('button', { id: 'centre', type: 'button', onclick: () => read(maps.map.getCenter()) }, t('centre')),
    element('button', { id: 'fit', type: 'button', onclick: () => maps.fit() }, t('reset')));
  return box;
}

// Shows a map in a pane; of a stack, the step that was last seen there, else the first.
async function pick(role, name) {
  const { state } = maps;
  state[role] = name;
  state.steps[role] = null;
  if (stacked(name)) {
    const { steps, seen } = await stepsOf(shownMap(name));
    // Somebody may have chosen another meanwhile.
    if (state[role] !== name) return;
    go(role, steps[seen[role] ?? 0]);
  }
  maps.draw();
  syncBorder();
  render();
  again();
}

function go(role, step) {
  const { state } = maps;
  state.steps[role] = step;
  if (step) values.step(`${state[role]}@${step.id}`, step);
}

// The steps of a stack: a slider, a step back, a step on, and what the step is.
function time(role) {
  const { state } = maps;
  const map = shownMap(state[role]);
  const held = stepOf(map);
  if (!held || !state.steps[role]) return element('p', { class: 'hint' }, t('reading'));
  const { steps } = held;
  const at = () => steps.indexOf(state.steps[role]);
  const words = element('b', {});
  const well = element('p', { class: 'hint' });
  const range = element('input', { id: `step-${role}`, type: 'range', min: 0, max: steps.length - 1, step: 1, value: at(), oninput: () => move(Number(range.value)), onchange: again });
  const button = (id, name, sign, by) => element('button', { id: `${id}-${role}`, type: 'button', 'aria-label': t(name), onclick: () => { move(at() + by); again(); } }, sign);
  const [back, on] = [button('earlier', 'earlier', '‹', -1), button('later', 'later', '›', 1)];
  const tell = () => {
    const step = state.steps[role];
    words.textContent = span(step, map.nights, run);
    range.value = at();
    range.setAttribute('aria-valuetext', words.textContent);
    back.disabled = at() === 0;
    on.disabled = at() === steps.length - 1;
    well.textContent = [Number.isFinite(step.error_k) ? t('howwell', { error: figure(step.error_k, 2), stations: step.stations }) : '', step.better_than_mean === false ? t('nobetter') : ''].join(' ').trim();
  };
  const move = (wanted) => {
    const to = Math.min(Math.max(wanted, 0), steps.length - 1);
    held.seen[role] = to;
    go(role, steps[to]);
    tell();
    maps.draw();
  };
  tell();
  return element('div', { class: 'field time' }, element('label', { for: `step-${role}` }, t('step')), words, element('div', { class: 'leaf' }, back, range, on), well);
}

const css = ([r, g, b], alpha = 255) => `rgba(${r},${g},${b},${alpha / 255})`;

function swatch({ paint }) {
  if (paint.kind === 'outline') return element('i', { class: 'swatch', style: `border:2px solid ${css(paint.colour)}` });
  const colours = ['ramp', 'steps'].includes(paint.kind) ? paint.stops.map(([, c]) => css(c)) : paint.kind === 'words' ? paint.values.map(([, c]) => css(c)) : [css(paint.colour)];
  const background = colours.length > 1 ? `linear-gradient(90deg, ${colours.join(',')})` : colours[0];
  return element('i', { class: 'swatch', style: `background:${background}` });
}

function check(id, label, on, act, mark = null) {
  return element('label', { class: 'check', for: id }, element('input', { id, type: 'checkbox', checked: on, onchange: (event) => act(event.target.checked) }), mark, element('span', {}, label));
}

function legend(it, masked = false) {
  const box = element('div', { class: 'legend' }, element('p', {}, t(it.meaning)));
  const list = element('ul', {});
  for (const mark of it.legend.filter((one) => one.label.fr)) {
    list.append(element('li', {}, element('i', { style: `background:${css(mark.colour, mark.alpha)}` }), element('span', {}, t(mark.label))));
  }
  box.append(list);
  if (masked) box.append(element('p', { class: 'after' }, t('outside')));
  return box;
}

function layerLegend(it) {
  const box = element('div', { class: 'legend' }, element('p', {}, t(it.meaning)));
  const list = element('ul', {});
  const { paint } = it;
  if (paint.kind === 'ramp') for (const [at, c] of paint.stops) list.append(element('li', {}, element('i', { style: `background:${css(c)}` }), element('span', {}, `${figure(at, Number.isInteger(at) ? 0 : 1)} ${paint.unit}`)));
  if (paint.kind === 'steps') paint.stops.forEach(([at, c], place) => list.append(element('li', {}, element('i', { style: `background:${css(c)}` }), element('span', {}, range(at, paint.stops[place + 1]?.[0], paint.unit)))));
  if (paint.kind === 'words') for (const [, c, label] of paint.values) list.append(element('li', {}, element('i', { style: `background:${css(c)}` }), element('span', {}, t(label))));
  if (list.children.length) box.append(list);
  return box;
}

function range(from, to, unit) {
  const number = (value) => figure(value, Number.isInteger(value) ? 0 : 1);
  return [number(from), to === undefined ? '+' : `– ${number(to)}`, unit].join(' ').trim();
}

function sceneSettings() {
  const box = element('div', { class: 'settings' });
  if (!twin) return box.append(element('p', {}, t('loading'))), box;
  const kinds = [...twin.kinds];
  box.append(element('fieldset', {}, element('legend', {}, t('layers')), ...kinds.map((kind) => check(`kind-${kind}`, t(kind), twin.shown.has(kind), (on) => twin.show(kind, on)))));
  if (twin.kinds.has('points')) {
    const select = element('select', { id: 'colour', onchange: (event) => twin.paint(event.target.value) });
    for (const name of ['natural', 'byclass', 'byheight']) select.append(element('option', { value: name, selected: twin.colour === name }, t(name)));
    box.append(element('label', { class: 'field', for: 'colour' }, element('span', {}, t('colour')), select));
    box.append(element('label', { class: 'field', for: 'size' }, element('span', {}, t('pointsize')), element('input', { id: 'size', type: 'range', min: 1, max: 6, step: 0.5, value: twin.size, oninput: (event) => twin.grow(Number(event.target.value)) })));
  }
  box.append(element('p', { class: 'hint' }, t('move')), element('button', { id: 'home', type: 'button', onclick: () => twin.home() }, t('reset')));
  return box;
}

function foot() {
  const links = run.documents.map(({ path, title }) => element('li', {}, element('a', { href: path }, t(title))));
  return element('footer', {}, links.length ? element('ul', {}, ...links) : null, element('p', {}, t(run.credit)));
}

function syncBorder() {
  const on = view === 'map' && Boolean(maps?.state.other);
  border.hidden = rod.hidden = !on;
  if (on) moveBorder(maps.state.swipe);
}

// ---- figures of a place

let last = null;

function again() {
  if (last && !card.hidden && view === 'map') read(last);
}

function closing() {
  return element('button', { class: 'close', type: 'button', 'aria-label': t('close'), onclick: () => { card.hidden = true; maps?.marker.remove(); } }, '×');
}

async function read(at) {
  last = at;
  asked += 1;
  const mine = asked;
  maps.marker.setLngLat(at).addTo(maps.map);
  const [x, y] = values.place(at.lng, at.lat);
  const features = maps.at(maps.map.project(at));
  card.hidden = false;
  card.replaceChildren(closing(), element('h2', {}, t('here')), element('p', {}, t('reading')));
  const { state } = maps;
  const shown = ['main', 'other'].filter((role) => state[role]).map((role) => {
    const { raster: name } = shownMap(state[role]);
    const step = state.steps[role];
    return { name, mosaic: step ? `${name}@${step.id}` : name, when: step ? span(step, shownMap(state[role]).nights, run) : null };
  });
  const once = shown.filter((it, place) => shown.findIndex((other) => other.mosaic === it.mosaic) === place);
  const wanted = shown.map(({ name }) => name);
  const first = await Promise.all(once.map(({ name, mosaic, when }) => ofRaster(values, raster(name), x, y, mosaic, when)));
  if (mine !== asked) return;
  const rest = element('details', { class: 'rest' }, element('summary', {}, t('all')));
  rest.addEventListener('toggle', async () => {
    if (!rest.open || rest.dataset.full) return;
    rest.dataset.full = 'yes';
    // A stack has a value for each of its steps: it is read where a step is shown.
    const others = run.rasters.filter((it) => !wanted.includes(it.name) && !stacked(it.name));
    rest.append(...await Promise.all(others.map((it) => ofRaster(values, it, x, y))));
  });
  // Where no map is shown, its figures are all there is to see.
  rest.open = !first.length;
  card.replaceChildren(closing(), element('h2', {}, t('here')), ...first,
    ...features.slice(0, 6).map((feature) => ofFeature(layer(feature.source.replace('layer-', '')), feature.properties)), rest,
    element('p', { class: 'place' }, `${run.crs.code} ${x.toFixed(1)} ${y.toFixed(1)}`));
}

async function picked({ kind, rows, point, place }) {
  if (view !== 'scene') return;
  asked += 1;
  const mine = asked;
  const columns = run.scene?.[kind] ?? {};
  // Warmth is told from the map, with its interval, or not at all.
  const shown = Object.entries(rows).filter(([name, value]) => value !== null && value !== '' && name.toLowerCase() !== 'heat_night').map(([name, value]) => {
    if (name.toLowerCase() === 'classification') return [name.toLowerCase(), lidarClass(value)];
    return [name.toLowerCase(), typeof value === 'bigint' ? Number(value) : value];
  });
  const heat = await heatAt(values, raster('heat_night'), ...values.place(place.lng, place.lat));
  if (mine !== asked || view !== 'scene') return;
  card.hidden = false;
  card.replaceChildren(...[closing(), element('h2', {}, one(kind)), heat, shown.length ? attributes(shown, columns) : null,
    shown.length && kind !== 'points' ? element('p', { class: 'unsure' }, t('nointervals')) : null, shown.length || heat ? null : element('p', {}, t('novalue'))].filter(Boolean));
  card.dataset.point = [point.x, point.y, point.z].map((it) => it.toFixed(1)).join(' ');
}

// ---- map or scene

async function show(name) {
  view = name;
  holder.hidden = name !== 'map';
  space.hidden = name !== 'scene';
  card.hidden = true;
  syncBorder();
  render();
  if (name === 'map') maps?.resize();
  if (name === 'scene' && !twin) {
    try {
      const { Twin } = await import('./scene.js');
      window.ILOT.Twin = Twin;
      twin = new Twin(run, space, { kinds: () => view === 'scene' && render(), picked });
      window.ILOT.twin = twin;
    } catch (why) {
      space.replaceChildren(element('p', { class: 'sorry' }, t('no3d'), ` (${why.message})`));
    }
    render();
  }
}

// ---- begin

function begin() {
  window.ILOT = { run, values };
  render();
  try {
    maps = new Maps(run, holder, {});
  } catch (why) {
    holder.replaceChildren(element('p', { class: 'sorry' }, t('nomap'), ` (${why.message})`));
    return;
  }
  window.ILOT.maps = maps;
  run.seen.forEach((name) => maps.state.layers.add(name));
  maps.ready.then(() => {
    pick('main', run.first);
    maps.map.on('click', (event) => read(event.lngLat));
    maps.map.on('mousemove', () => { maps.map.getCanvas().style.cursor = 'crosshair'; });
    maps.map.getCanvas().addEventListener('keydown', (event) => { if (event.key === 'Enter') read(maps.map.getCenter()); });
    document.addEventListener('keydown', (event) => { if (event.key === 'Escape') { card.hidden = true; maps.marker.remove(); } });
    window.ILOT.ready = true;
  });
}

if (location.protocol !== 'file:') begin();
