// The 3D scene: the run's 3D Tiles, standing on the plane that touches the globe at their middle.

import { AmbientLight, Color, DirectionalLight, Float32BufferAttribute, Group, Matrix4, PerspectiveCamera, Raycaster, Scene, Sphere, Vector2, Vector3, WebGLRenderer } from 'three';
import { MapControls } from 'three/addons/controls/MapControls.js';
import { MeshoptDecoder } from 'three/addons/libs/meshopt_decoder.module.js';
import { TilesRenderer } from '3d-tiles-renderer/three';
import { GLTFExtensionsPlugin } from '3d-tiles-renderer/three/plugins';

// Colours of LiDAR classes, as QGIS and CloudCompare users know them.
const CLASSES = { 2: '#d8bf95', 3: '#a6d96a', 4: '#4dac26', 5: '#0b5d27', 6: '#b2182b', 9: '#3b7dd8', 17: '#f0c000', 64: '#888888', 66: '#cccccc', 67: '#7b3294' };
const HEIGHTS = [[0, '#cdb38b'], [1, '#c7e9b4'], [4, '#41ab5d'], [10, '#005a32'], [20, '#08306b']];

// Which layer a file belongs to, by its folder.
const KINDS = ['points', 'buildings', 'trees', 'terrain'];
// How far things are drawn where terrain shows the ground, metres: beyond, they are specks that would all be fetched.
const FAR = { points: 1500, trees: 2500, buildings: 6000 };
const kindOf = (url) => KINDS.find((kind) => url.includes(`/${kind}/`)) ?? 'other';

export class Twin {
  static reader = reader;

  constructor(run, holder, heard) {
    this.heard = heard;
    this.shown = new Set([...KINDS, 'other']);
    this.kinds = new Set();
    this.colour = 'natural';
    this.size = 3;
    this.renderer = new WebGLRenderer({ antialias: true, preserveDrawingBuffer: navigator.webdriver === true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    holder.append(this.renderer.domElement);
    this.canvas = this.renderer.domElement;
    this.scene = new Scene();
    this.scene.background = new Color('#dfe8ee');
    const sun = new DirectionalLight('#fff6e8', 2.2);
    sun.position.set(-0.6, 1, 0.5);
    this.scene.add(new AmbientLight('#ffffff', 1.4), sun);
    this.camera = new PerspectiveCamera(50, 1, 1, 50000);
    this.controls = new MapControls(this.camera, this.canvas);
    this.controls.maxPolarAngle = 1.5;
    this.controls.listenToKeyEvents(holder);
    this.ray = new Raycaster();
    this.load(run);
    this.alive = true;
    // Where there are surfaces, points would only cover them.
    if (run.surfaces) this.shown.delete('points');
    this.frame();
    holder.addEventListener('keydown', (event) => this.key(event.key));
    this.canvas.addEventListener('pointerdown', (event) => { this.pressed = [event.clientX, event.clientY]; });
    this.canvas.addEventListener('pointerup', (event) => {
      if (this.pressed && Math.hypot(event.clientX - this.pressed[0], event.clientY - this.pressed[1]) < 5) this.pick(event);
    });
  }

  load(run) {
    this.tiles = new TilesRenderer(new URL(run.tileset, document.baseURI).href);
    this.tiles.errorTarget = 4;
    // Far terrain need not be as fine as near terrain.
    this.tiles.errorFalloff = 16;
    this.tiles.errorFalloffDensity = 1 / 6000;
    this.surfaces = run.surfaces;
    this.tiles.registerPlugin({ name: 'NEAR', calculateTileViewError: (tile, target) => this.masks(tile, target) });
    this.tiles.registerPlugin(new GLTFExtensionsPlugin({ metadata: true, rtc: false, meshoptDecoder: MeshoptDecoder, autoDispose: false }));
    this.frameGroup = new Group();
    this.frameGroup.add(this.tiles.group);
    this.scene.add(this.frameGroup);
    this.tiles.setCamera(this.camera);
    this.faults = [];
    this.tiles.addEventListener('load-error', ({ url, error }) => this.faults.push(`${url} ${error}`));
    this.tiles.addEventListener('load-model', ({ scene, url }) => this.dress(scene, String(url)));
    this.tiles.addEventListener('load-root-tileset', () => { this.census(); this.stand(); });
  }

  // What is hidden or far is not fetched. The kind of a tile stands in the path of its own tileset below the root's.
  masks(tile, target) {
    const kind = KINDS.find((it) => tile.content?.uri?.startsWith(`${it}/`));
    if (!kind) return false;
    const { boundingVolume } = tile.engineData;
    const place = this.tiles.cameraInfo[0]?.position;
    const far = this.surfaces && place && boundingVolume.distanceToPoint(place) > (FAR[kind] ?? Infinity);
    if (this.shown.has(kind) && !far) return false;
    target.inView = false;
    return true;
  }

  // The kinds that the root names, loaded or not.
  census() {
    const visit = (tile) => {
      const kind = KINDS.find((it) => tile.content?.uri?.startsWith(`${it}/`));
      if (kind) this.kinds.add(kind);
      tile.children?.forEach(visit);
    };
    visit(this.tiles.root);
    this.heard.kinds([...this.kinds]);
  }

  // Turns the globe so that up is up where the tiles are, and looks at them.
  stand() {
    const sphere = new Sphere();
    if (!this.tiles.getBoundingSphere(sphere)) return;
    const { x, y, z } = sphere.center;
    const [a, b] = [6378137, 6356752.314245];
    const up = new Vector3(x / (a * a), y / (a * a), z / (b * b)).normalize();
    const east = new Vector3(-y, x, 0).normalize();
    const north = new Vector3().crossVectors(up, east);
    const local = new Matrix4().makeBasis(east, up, north.clone().negate()).setPosition(sphere.center);
    this.frameGroup.matrixAutoUpdate = false;
    this.frameGroup.matrix.copy(local).invert();
    this.frameGroup.updateMatrixWorld(true);
    // A country is looked at from where a town of it fills the view.
    this.reach = Math.min(sphere.radius, 2500);
    this.home();
  }

  home() {
    const far = this.reach ?? 500;
    this.camera.near = far / 200;
    this.camera.far = far * 60;
    this.camera.position.set(-0.3 * far, 0.7 * far, 1.0 * far);
    this.controls.target.set(0, -far * 0.05, 0);
    this.camera.updateProjectionMatrix();
    this.controls.update();
  }

  // Notes what a model is, and colours its points.
  dress(scene, url) {
    scene.userData.kind = kindOf(url);
    if (!this.kinds.has(scene.userData.kind)) {
      this.kinds.add(scene.userData.kind);
      this.heard.kinds([...this.kinds]);
    }
    scene.visible = this.shown.has(scene.userData.kind);
    scene.traverse((node) => {
      if (!node.isPoints) return;
      node.material.sizeAttenuation = false;
      node.material.size = this.size * this.renderer.getPixelRatio();
      node.userData.natural = node.geometry.getAttribute('color');
      this.tint(node);
    });
  }

  models(act) {
    this.tiles.forEachLoadedModel((scene) => act(scene));
  }

  show(kind, visible) {
    if (visible) this.shown.add(kind);
    else this.shown.delete(kind);
    this.models((scene) => { scene.visible = this.shown.has(scene.userData.kind); });
  }

  paint(colour) {
    this.colour = colour;
    this.models((scene) => scene.traverse((node) => node.isPoints && this.tint(node)));
  }

  grow(size) {
    this.size = size;
    this.models((scene) => scene.traverse((node) => { if (node.isPoints) node.material.size = size * this.renderer.getPixelRatio(); }));
  }

  tint(node) {
    const { geometry } = node;
    const column = this.colour === 'byclass' ? '_classification' : this.colour === 'byheight' ? '_height' : null;
    const values = column && geometry.getAttribute(column);
    const read = column && reader(node, column);
    if (!values) {
      if (node.userData.natural) geometry.setAttribute('color', node.userData.natural);
    } else {
      const colours = new Float32Array(values.count * 3);
      const known = new Map();
      for (let at = 0; at < values.count; at += 1) {
        const value = read(at);
        const key = this.colour === 'byclass' ? value : value === null ? null : Math.round(value * 4);
        if (!known.has(key)) known.set(key, this.colour === 'byclass' ? new Color(CLASSES[value] ?? '#7f7f7f') : key === null ? new Color('#9a9a9a') : between(value));
        known.get(key).toArray(colours, at * 3);
      }
      geometry.setAttribute('color', new Float32BufferAttribute(colours, 3));
    }
    node.material.vertexColors = true;
    node.material.needsUpdate = true;
  }

  // Arrows move and turn (the library's own); the others come closer, go away, and tell what is at the centre.
  key(key) {
    if (key === 'Enter') this.pickAt(new Vector2(0, 0));
    const share = { '+': 0.2, '=': 0.2, '-': -0.25 }[key];
    if (share) this.camera.position.lerp(this.controls.target, share);
  }

  pick(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = new Vector2(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
    this.pickAt(at);
  }

  pickAt(at) {
    this.ray.setFromCamera(at, this.camera);
    this.ray.params.Points.threshold = Math.max(0.3, this.camera.position.distanceTo(this.controls.target) / 400);
    const hits = this.ray.intersectObject(this.tiles.group, true).filter(({ object }) => {
      for (let node = object; node; node = node.parent) if (!node.visible) return false;
      return true;
    });
    if (hits.length) this.heard.picked(this.about(hits[0]));
  }

  // What the data say of what was hit, and what its columns mean.
  about({ object, index, faceIndex, point }) {
    let kind = 'other';
    for (let node = object; node; node = node.parent) kind = node.userData.kind ?? kind;
    const { meshFeatures, structuralMetadata } = object.userData;
    const rows = {};
    if (object.isPoints) {
      for (const name of Object.keys(object.geometry.attributes)) if (name.startsWith('_')) rows[name.slice(1)] = reader(object, name)(index);
    } else if (structuralMetadata && meshFeatures && faceIndex !== undefined) {
      const [id] = meshFeatures.getFeatures(faceIndex, new Vector3(1 / 3, 1 / 3, 1 / 3));
      const table = structuralMetadata.tableAccessors[meshFeatures.getFeatureInfo()[0]?.propertyTable ?? -1];
      if (table && id !== null) Object.assign(rows, row(table, id));
    }
    return { kind, rows, point: point.clone(), place: this.place(point) };
  }

  // Longitude and latitude of a point of the scene (Bowring 1976, below a millimetre).
  place(point) {
    const { x, y, z } = point.clone().applyMatrix4(this.frameGroup.matrix.clone().invert());
    const [a, b] = [6378137, 6356752.314245];
    const flat = Math.hypot(x, y);
    const angle = Math.atan2(z * a, flat * b);
    const [outer, inner] = [(a * a - b * b) / (b * b), (a * a - b * b) / (a * a)];
    const lat = Math.atan2(z + outer * b * Math.sin(angle) ** 3, flat - inner * a * Math.cos(angle) ** 3);
    return { lng: (Math.atan2(y, x) * 180) / Math.PI, lat: (lat * 180) / Math.PI };
  }

  frame() {
    if (!this.alive) return;
    requestAnimationFrame(() => this.frame());
    if (this.canvas.parentElement.hidden) return;
    const { clientWidth, clientHeight } = this.canvas.parentElement;
    if (clientWidth && (this.canvas.clientWidth !== clientWidth || this.canvas.clientHeight !== clientHeight)) {
      this.renderer.setSize(clientWidth, clientHeight);
      this.camera.aspect = clientWidth / clientHeight;
      this.camera.updateProjectionMatrix();
    }
    this.controls.update();
    this.camera.updateMatrixWorld();
    this.tiles.setResolutionFromRenderer(this.camera, this.renderer);
    this.tiles.update();
    this.renderer.render(this.scene, this.camera);
    this.heard.progress?.(this.tiles.loadProgress);
  }
}

// Reads a column of points as its schema means it: normalised once (the library does it twice), scaled, null where unknown.
export function reader(node, column) {
  const attribute = node.geometry.getAttribute(column);
  const accessors = node.userData.structuralMetadata?.attributeAccessors ?? [];
  const properties = accessors.flatMap((accessor) => Object.values(accessor.properties));
  const about = properties.find((it) => it.attribute?.toLowerCase() === column);
  const full = { UINT8: 255, UINT16: 65535 }[about?.componentType] ?? 1;
  const whole = attribute.normalized ? full : 1;
  return (index) => {
    const stored = Math.round(attribute.getX(index) * whole);
    if (!about) return attribute.getX(index);
    if (about.noData !== null && about.noData !== undefined && stored === Number(about.noData)) return null;
    const value = about.normalized ? stored / full : stored;
    return value * Number(about.scale ?? 1) + Number(about.offset ?? 0);
  };
}

// A row of a table of attributes; null where there is no value: the library would give 0 in its place.
function row(table, id) {
  return Object.fromEntries(Object.entries(table.properties).map(([name, property]) => {
    const none = property.noData;
    property.noData = null;
    const value = table.getPropertyValue(name, id);
    property.noData = none;
    return [name, none !== null && none !== undefined && value === none ? null : value];
  }));
}

function between(value) {
  const above = HEIGHTS.findIndex(([at]) => at > value);
  if (above <= 0) return new Color(HEIGHTS[above === 0 ? 0 : HEIGHTS.length - 1][1]);
  const [[low, from], [high, to]] = [HEIGHTS[above - 1], HEIGHTS[above]];
  return new Color(from).lerp(new Color(to), (value - low) / (high - low));
}
