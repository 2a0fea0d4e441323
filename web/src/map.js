// The map: one raster of the run over its relief, a second one beside it under a line that can be moved, layers of features.

import * as maplibregl from 'maplibre-gl';
import { Protocol } from 'pmtiles';

maplibregl.setWorkerUrl(new URL('web/worker.js', document.baseURI).href);
const protocol = new Protocol();
maplibregl.addProtocol('pmtiles', protocol.tile);

const absolute = (path) => new URL(path, document.baseURI).href;

const EMPTY = { version: 8, sources: {}, layers: [{ id: 'paper', type: 'background', paint: { 'background-color': '#eceae4' } }] };

export class Maps {
  constructor(run, holder, words) {
    this.run = run;
    this.state = { main: null, other: null, opacity: 0.85, relief: true, layers: new Set(), swipe: 0.5, steps: { main: null, other: null } };
    this.panes = ['main', 'other'].map((role) => {
      const container = document.createElement('div');
      container.className = `pane ${role}`;
      holder.append(container);
      const map = new maplibregl.Map({
        container,
        style: structuredClone(EMPTY),
        bounds: run.bounds,
        fitBoundsOptions: { padding: 24 },
        attributionControl: false,
        maxZoom: 22,
        dragRotate: false,
        pitchWithRotate: false,
        interactive: role === 'main',
        canvasContextAttributes: { antialias: true },
        locale: words,
      });
      map.touchZoomRotate?.disableRotation();
      return { role, map, container };
    });
    const [main, other] = this.panes.map((pane) => pane.map);
    this.map = main;
    main.addControl(new maplibregl.NavigationControl({ showCompass: false }), 'top-right');
    main.addControl(new maplibregl.ScaleControl({ unit: 'metric' }), 'bottom-right');
    main.on('move', () => other.jumpTo({ center: main.getCenter(), zoom: main.getZoom(), bearing: main.getBearing(), pitch: main.getPitch() }));
    this.marker = new maplibregl.Marker({ color: '#16324f' });
    this.ready = Promise.all(this.panes.map(({ map }) => new Promise((done) => map.once('load', done))));
  }

  fit() {
    this.map.fitBounds(this.run.bounds, { padding: 24, animate: !matchMedia('(prefers-reduced-motion: reduce)').matches });
  }

  resize() {
    this.panes.forEach(({ map }) => map.resize());
  }

  // Draws what `state` says on both panes.
  draw() {
    const { other, swipe } = this.state;
    this.panes.forEach(({ role, map, container }) => {
      container.hidden = role === 'other' && !other;
      if (role === 'other') container.style.clipPath = `inset(0 0 0 ${swipe * 100}%)`;
      if (role === 'other' && !other) return;
      this.rasters(map, role);
      this.features(map);
    });
    if (other) this.panes[1].map.resize();
  }

  // Maps lie below features; the relief, black where it darkens, lies over the map, as in QGIS.
  rasters(map, role) {
    const { opacity, relief } = this.state;
    const below = map.getStyle().layers.find((layer) => layer.id.startsWith('layer-'))?.id;
    const shown = [];
    const wanted = this.tiles(this.state[role], role);
    if (wanted) shown.push([wanted, opacity]);
    if (relief && this.run.relief) shown.push([this.tiles(this.run.relief, role), 0.5]);
    const ids = shown.map(([{ id }]) => id);
    for (const { id } of map.getStyle().layers) {
      if (!id.startsWith('raster-') || ids.includes(id)) continue;
      map.removeLayer(id);
      // There may be hundreds of steps: one that is no longer shown is not kept.
      if (id.includes('@')) map.removeSource(id);
    }
    for (const [{ id, path, size }, strength] of shown) {
      if (!map.getSource(id)) map.addSource(id, { type: 'raster', url: `pmtiles://${absolute(path)}`, tileSize: size });
      if (!map.getLayer(id)) map.addLayer({ id, type: 'raster', source: id, paint: { 'raster-fade-duration': 0, 'raster-resampling': 'nearest' } }, below);
      map.setPaintProperty(id, 'raster-opacity', strength);
      map.moveLayer(id, below);
    }
  }

  // The archive of a map, or that of the step of a stack which a pane shows; null where its index is not read yet.
  tiles(name, role) {
    const map = this.run.maps.find((it) => it.name === name);
    if (!map) return null;
    const step = map.stack ? this.state.steps[role] : null;
    if (map.stack && !step) return null;
    return { id: `raster-${name}${step ? `@${step.id}` : ''}`, path: step ? `pmtiles/${step.archive}` : map.tiles, size: map.tile_size };
  }

  features(map) {
    for (const layer of this.run.layers) {
      const visible = this.state.layers.has(layer.name);
      const id = `layer-${layer.name}`;
      if (!map.getSource(id)) {
        if (!visible) continue;
        map.addSource(id, layer.tiles
          ? { type: 'vector', url: `pmtiles://${absolute(layer.tiles)}` }
          : { type: 'geojson', data: absolute(`${layer.name}.geojson`) });
        for (const style of styles(layer, id)) map.addLayer(style);
      }
      for (const part of ['fill', 'line', 'circle']) {
        if (map.getLayer(`${id}-${part}`)) map.setLayoutProperty(`${id}-${part}`, 'visibility', visible ? 'visible' : 'none');
      }
    }
  }

  // The features at a place, those on top first, each once.
  at(point) {
    const layers = this.map.getStyle().layers.filter((layer) => layer.id.startsWith('layer-') && layer.layout?.visibility !== 'none').map((layer) => layer.id);
    if (!layers.length) return [];
    const near = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
    const found = this.map.queryRenderedFeatures(near, { layers });
    const seen = new Set();
    return found.filter((feature) => {
      const key = `${feature.source} ${JSON.stringify(feature.properties)}`;
      return !seen.has(key) && seen.add(key);
    });
  }
}

const rgb = ([r, g, b]) => `rgb(${r},${g},${b})`;

// How a layer is coloured, as an expression of MapLibre.
function colour({ paint }) {
  if (paint.kind === 'ramp') {
    const value = ['to-number', ['get', paint.column], 0];
    return ['case', ['==', ['get', paint.column], null], '#bbb', ['interpolate', ['linear'], value, ...paint.stops.flatMap(([at, c]) => [at, rgb(c)])]];
  }
  if (paint.kind === 'steps') {
    const value = ['to-number', ['get', paint.column], 0];
    const [[, first], ...more] = paint.stops;
    return ['case', ['==', ['get', paint.column], null], '#bbb', ['step', value, rgb(first), ...more.flatMap(([at, c]) => [at, rgb(c)])]];
  }
  if (paint.kind === 'words') return ['match', ['to-string', ['get', paint.column]], ...paint.values.flatMap(([word, c]) => [word, rgb(c)]), '#999'];
  return rgb(paint.colour);
}

function styles(layer, id) {
  const base = { source: id, ...(layer.tiles ? { 'source-layer': layer.name } : {}) };
  const last = layer.last ? [['==', ['to-string', ['get', layer.last.column]], layer.last.value]] : [];
  const only = (...kinds) => ['all', ['any', ...kinds.map((kind) => ['==', ['geometry-type'], kind])], ...last];
  const fill = colour(layer);
  const zones = ['ramp', 'steps'].includes(layer.paint.kind);
  // What lies below a layer of borders is to be seen, yet a click finds it.
  const inside = layer.paint.kind === 'outline' ? 0.01 : zones ? 0.55 : 0.45;
  return [
    { id: `${id}-fill`, type: 'fill', ...base, filter: only('Polygon', 'MultiPolygon'), paint: { 'fill-color': fill, 'fill-opacity': inside } },
    { id: `${id}-line`, type: 'line', ...base, filter: only('Polygon', 'MultiPolygon', 'LineString', 'MultiLineString'), paint: { 'line-color': ['case', ['any', ['==', ['geometry-type'], 'LineString'], ['==', ['geometry-type'], 'MultiLineString']], fill, '#26313d'], 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 0.6, 18, 1.6] } },
    { id: `${id}-circle`, type: 'circle', ...base, filter: only('Point', 'MultiPoint'), paint: { 'circle-color': fill, 'circle-radius': ['interpolate', ['linear'], ['zoom'], 12, zones ? 4 : 1.5, 18, zones ? 8 : 4], 'circle-stroke-color': '#16202a', 'circle-stroke-width': zones ? 1.2 : 0.5 } },
  ];
}
