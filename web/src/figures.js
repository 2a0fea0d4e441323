// What a place or an object says: each figure over its interval, with its unit.

import { capital, figure, spoken, t, withUnit } from './words.js';

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const line = (label, value, sure) => element('div', { class: 'figure' }, element('span', { class: 'label' }, capital(label)), element('b', {}, value), sure ? element('small', {}, sure) : null);

const between = (low, high, level, decimals, unit) =>
  t('interval', { level, low: figure(low, decimals), high: withUnit(figure(high, decimals), unit) });

// The value of a raster at a place of the map; of a stack, `mosaic` names the step.
export async function ofRaster(values, raster, x, y, mosaic = raster.name, when = null) {
  const title = when ? `${t(raster.title)} · ${when}` : t(raster.title);
  let bands;
  try {
    bands = await values.at(mosaic, x, y);
  } catch (why) {
    return line(title, '–', t('failed', { why: why.message }));
  }
  if (!bands || bands.every((value) => value === null)) return line(title, '–', t('novalue'));
  if (raster.kind === 'classes') {
    const mark = raster.legend.find((it) => it.value === bands[0]);
    return line(title, mark ? t(mark.label) : String(bands[0]), await sure(values, raster, bands, x, y));
  }
  const interval = await sure(values, raster, bands, x, y);
  // A half-width is no value of its own.
  const shown = raster.doubt.kind === 'band' ? bands.slice(0, raster.doubt.band - 1) : bands;
  const lines = shown.map((value, at) => ({ value, name: shown.length > 1 ? t(raster.bands[at]) : null }));
  const texts = lines.map(({ value, name }) => {
    const text = value === null ? '–' : withUnit(figure(value, raster.decimals), raster.unit);
    return name ? `${name}\u00a0: ${text}` : text;
  });
  return line(title, texts.join(' · '), interval);
}

async function sure(values, raster, bands, x, y) {
  const { doubt } = raster;
  if (doubt.kind === 'said') return t(doubt.words);
  if (doubt.kind === 'unknown') return t('nointerval');
  let half = null;
  if (doubt.kind === 'band') half = bands[doubt.band - 1];
  else half = (await values.at(doubt.product, x, y).catch(() => null))?.[0] ?? null;
  if (half === null) return t('nohalf');
  if (doubt.kind === 'chance') return t('chance', { value: figure(half, 0) });
  const [low, high] = [bands[0] - half, bands[0] + half].map((end) => Math.min(Math.max(end, raster.range[0]), raster.range[1]));
  return between(low, high, doubt.level, raster.decimals, raster.unit);
}

// The warmth of the map at the place of an object, where it has one with its interval; else nothing.
export async function heatAt(values, raster, x, y) {
  if (!raster || raster.doubt.kind !== 'half') return null;
  const [bands, half] = await Promise.all([raster.name, raster.doubt.product].map((name) => values.at(name, x, y).catch(() => null)));
  const known = (found) => found && found[0] !== null;
  if (!known(bands) || !known(half)) return null;
  return element('section', { class: 'feature' }, element('h3', {}, t('mapped')), await ofRaster(values, raster, x, y));
}

// The figures of a feature of a layer.
export function ofFeature(layer, properties) {
  const number = (column) => {
    const value = properties[column];
    return value === undefined || value === null || value === '' ? null : Number(value);
  };
  const name = layer.names.filter((column) => properties[column]).map((column) => told(properties[column], layer.columns[column])).join(' · ');
  const box = element('section', { class: 'feature' }, element('h3', {}, t(layer.title)), name ? element('p', { class: 'name' }, name) : null);
  // One word for all where none has an interval.
  const unsure = layer.figures.every((it) => it.interval.kind === 'unknown' || it.interval.kind === 'none');
  for (const it of layer.figures) {
    const value = number(it.column);
    if (value === null) continue;
    const [scale, decimals] = [it.factor, it.decimals];
    let sure = it.interval.kind === 'unknown' && !unsure ? t('nointerval') : null;
    if (it.interval.kind === 'ends' && number(it.interval.low) !== null) {
      sure = between(number(it.interval.low) * scale, number(it.interval.high) * scale, it.interval.level, decimals, it.unit);
    } else if (it.interval.kind === 'half' && number(it.interval.half) !== null) {
      const half = number(it.interval.half) * scale;
      sure = between(value * scale - half, value * scale + half, it.interval.level, decimals, it.unit);
    }
    // A figure of a part of a zone must not be read as that of the whole.
    const missing = it.missing ? number(it.missing) : null;
    const part = missing !== null && 1 - missing < it.whole ? t('part', { share: figure(Math.floor((1 - missing) * 100), 0) }) : null;
    box.append(line(t(it.label), withUnit(figure(value * scale, decimals), it.unit), [part, sure].filter(Boolean).join(' · ') || null));
  }
  if (unsure && layer.figures.length) box.append(element('p', { class: 'unsure' }, t('nointervals')));
  const other = spoken() === 'fr' ? 'reasons_en' : 'reasons_fr';
  const rows = Object.entries(properties).filter(([name, value]) => value !== null && value !== '' && name !== other);
  if (rows.length) box.append(element('details', {}, element('summary', {}, t('more')), attributes(rows, layer.columns)));
  return box;
}

// How many decimals of a number mean something.
function decimals(value, unit) {
  if (Number.isInteger(value)) return 0;
  if (unit === '%' || unit === 'h' || unit === '°') return 1;
  if ((unit === 'm²' || unit === 'm³') && Math.abs(value) >= 100) return 0;
  return 2;
}

// A value as people read it: in the words of its column, else as a number of its unit.
export function told(value, about) {
  const said = about?.values?.[String(value)];
  if (said) return t(said);
  if (typeof value !== 'number') return String(value);
  // A year or a code is a number without a unit: it is not grouped.
  const text = Number.isInteger(value) && !about?.unit ? String(value) : figure(value, decimals(value, about?.unit));
  return withUnit(text, about?.unit);
}

export function attributes(rows, columns = {}) {
  const table = element('table', {});
  for (const [name, value] of rows) {
    const about = columns[name];
    table.append(element('tr', {}, element('th', { scope: 'row' }, about ? capital(t(about)) : name), element('td', {}, told(value, about))));
  }
  return table;
}
