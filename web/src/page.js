// The page over a folder of results: panel, map, figures of a place, 3D. Everything comes from the folder itself.

import 'maplibre-gl/dist/maplibre-gl.css';
import './page.css';
import { Maps } from './map.js';
import { Values } from './values.js';
import { attributes, element, ofFeature, ofRaster } from './figures.js';
import { figure, lidarClass, speak, spoken, t } from './words.js';

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
  const box = element('div', { class: 'settings' },
    run.maps.length ? null : element('p', { class: 'hint' }, t('notiles')),
    choice('main', t('shown'), state.main, false, (name) => { state.main = name; draw(); again(); }),
    state.main ? legend(rasterOf(state.main)) : null,
    element('label', { class: 'field', for: 'opacity' }, element('span', {}, t('opacity')),
      element('input', { id: 'opacity', type: 'range', min: 0, max: 100, value: Math.round(state.opacity * 100), oninput: (event) => { state.opacity = event.target.value / 100; maps.draw(); } })),
    run.relief ? check('relief', t('relief'), state.relief, (on) => { state.relief = on; maps.draw(); }) : null,
    choice('other', t('compare'), state.other, true, (name) => { state.other = name; draw(); again(); }),
    state.other ? legend(rasterOf(state.other)) : null);
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

const css = ([r, g, b], alpha = 255) => `rgba(${r},${g},${b},${alpha / 255})`;

function swatch({ paint }) {
  const colours = paint.kind === 'ramp' ? paint.stops.map(([, c]) => css(c)) : paint.kind === 'words' ? paint.values.map(([, c]) => css(c)) : [css(paint.colour)];
  const background = colours.length > 1 ? `linear-gradient(90deg, ${colours.join(',')})` : colours[0];
  return element('i', { class: 'swatch', style: `background:${background}` });
}

function check(id, label, on, act, mark = null) {
  return element('label', { class: 'check', for: id }, element('input', { id, type: 'checkbox', checked: on, onchange: (event) => act(event.target.checked) }), mark, element('span', {}, label));
}

function legend(it) {
  const box = element('div', { class: 'legend' }, element('p', {}, t(it.meaning)));
  const list = element('ul', {});
  for (const mark of it.legend.filter((one) => one.label.fr)) {
    list.append(element('li', {}, element('i', { style: `background:${css(mark.colour, mark.alpha)}` }), element('span', {}, t(mark.label))));
  }
  box.append(list);
  return box;
}

function layerLegend(it) {
  const box = element('div', { class: 'legend' }, element('p', {}, t(it.meaning)));
  const list = element('ul', {});
  const { paint } = it;
  if (paint.kind === 'ramp') for (const [at, c] of paint.stops) list.append(element('li', {}, element('i', { style: `background:${css(c)}` }), element('span', {}, `${figure(at, Number.isInteger(at) ? 0 : 1)} ${paint.unit}`)));
  if (paint.kind === 'words') for (const [, c, label] of paint.values) list.append(element('li', {}, element('i', { style: `background:${css(c)}` }), element('span', {}, t(label))));
  if (list.children.length) box.append(list);
  return box;
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
  const wanted = [...new Set([maps.state.main, maps.state.other].filter(Boolean).map((name) => shownMap(name).raster))];
  const first = await Promise.all(wanted.map((name) => ofRaster(run, values, raster(name), x, y)));
  if (mine !== asked) return;
  const rest = element('details', { class: 'rest' }, element('summary', {}, t('all')));
  rest.addEventListener('toggle', async () => {
    if (!rest.open || rest.dataset.full) return;
    rest.dataset.full = 'yes';
    const others = run.rasters.filter((it) => !wanted.includes(it.name));
    rest.append(...await Promise.all(others.map((it) => ofRaster(run, values, it, x, y))));
  });
  card.replaceChildren(closing(), element('h2', {}, t('here')), ...first,
    ...features.slice(0, 6).map((feature) => ofFeature(layer(feature.source.replace('layer-', '')), feature.properties)), rest,
    element('p', { class: 'place' }, `${run.crs.code} ${x.toFixed(1)} ${y.toFixed(1)}`));
}

function picked({ kind, rows, point }) {
  if (view !== 'scene') return;
  const shown = Object.entries(rows).filter(([, value]) => value !== null && value !== '').map(([name, value]) => {
    if (name.toLowerCase() === 'classification') return [t('class'), lidarClass(value)];
    return [name, typeof value === 'bigint' ? String(value) : value];
  });
  card.hidden = false;
  card.replaceChildren(closing(), element('h2', {}, t(kind)), shown.length ? attributes(shown, columnsOf(kind)) : element('p', {}, t('novalue')));
  card.dataset.point = [point.x, point.y, point.z].map((it) => it.toFixed(1)).join(' ');
}

// What the run says of the attributes of buildings and trees, so that both views use the same words.
const columnsOf = (kind) => layer(kind)?.columns ?? { height: { fr: t('height'), en: t('height'), unit: 'm' }, intensity: { fr: t('intensity'), en: t('intensity') } };

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
  maps.state.main = run.first;
  run.seen.forEach((name) => maps.state.layers.add(name));
  maps.ready.then(() => {
    maps.draw();
    render();
    maps.map.on('click', (event) => read(event.lngLat));
    maps.map.on('mousemove', () => { maps.map.getCanvas().style.cursor = 'crosshair'; });
    maps.map.getCanvas().addEventListener('keydown', (event) => { if (event.key === 'Enter') read(maps.map.getCenter()); });
    document.addEventListener('keydown', (event) => { if (event.key === 'Escape') { card.hidden = true; maps.marker.remove(); } });
    window.ILOT.ready = true;
  });
}

if (location.protocol !== 'file:') begin();
