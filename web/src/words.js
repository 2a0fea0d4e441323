// What the page says of its own, in both languages; what the data say comes with the data.

const WORDS = {
  map: ['Carte', 'Map'],
  scene: ['3D', '3D'],
  report: ['Rapport', 'Report'],
  layers: ['Couches', 'Layers'],
  shown: ['Carte montrée', 'Map shown'],
  compare: ['Comparer avec', 'Compare with'],
  none: ['— rien —', '— nothing —'],
  opacity: ['Opacité', 'Opacity'],
  notiles: ['Les cartes ne sont pas encore en tuiles : « ilot pmtiles DOSSIER » les fait, puis rechargez la page ; les chiffres se lisent déjà d\'un clic.', 'The maps are not tiled yet: `ilot pmtiles DIR` does it, then load the page again; a click reads figures already.'],
  relief: ['Relief ombré', 'Shaded relief'],
  objects: ['Objets et communes', 'Objects and communes'],
  legend: ['Légende', 'Legend'],
  swipe: ['Limite entre les deux cartes', 'Border between both maps'],
  here: ['Ici', 'Here'],
  close: ['Fermer', 'Close'],
  all: ['Toutes les valeurs en ce point', 'All values at this point'],
  more: ['Tous les attributs', 'All attributes'],
  reading: ['Lecture…', 'Reading…'],
  novalue: ['pas de valeur ici', 'no value here'],
  nointerval: ['intervalle non estimé', 'interval not estimated'],
  nointervals: ['Intervalles non estimés pour cet objet.', 'Intervals not estimated for this object.'],
  interval: ['intervalle à {level} % : {low} à {high}', '{level} % interval: {low} to {high}'],
  part: ['sur {share} % du territoire, le reste est sans donnée', 'over {share} % of the territory, the rest has no data'],
  nohalf: ['sans intervalle ici', 'no interval here'],
  chance: ['chance que ce soit juste : {value} %', 'chance that it is right: {value} %'],
  hint: ['Cliquez ou touchez la carte pour lire les chiffres. Au clavier : flèches pour bouger, Entrée pour lire au centre.', 'Click or touch the map to read figures. By keyboard: arrows move, Enter reads at the centre.'],
  centre: ['Lire au centre', 'Read at the centre'],
  points: ['Points LiDAR', 'LiDAR points'],
  buildings: ['Bâtiments', 'Buildings'],
  trees: ['Arbres', 'Trees'],
  terrain: ['Terrain', 'Terrain'],
  other: ['Autres', 'Others'],
  colour: ['Couleur des points', 'Colour of points'],
  natural: ['celle des tuiles', 'that of the tiles'],
  byclass: ['classe', 'class'],
  byheight: ['hauteur', 'height'],
  pointsize: ['Taille des points', 'Size of points'],
  loading: ['Chargement de la scène…', 'Loading the scene…'],
  no3d: ['La scène 3D ne peut être montrée : ce navigateur n\'a pas WebGL.', 'The 3D scene cannot be shown: this browser has no WebGL.'],
  nomap: ['La carte ne peut être montrée : ce navigateur n\'a pas WebGL. Le rapport s\'en passe.', 'The map cannot be shown: this browser has no WebGL. The report does without.'],
  reset: ['Vue d\'ensemble', 'Whole view'],
  move: ['Glisser : déplacer. Clic droit ou deux doigts : tourner. Molette : approcher. Clic : attributs. Au clavier : flèches, Maj et flèches pour tourner, + et −, Entrée pour lire au centre.', 'Drag: move. Right button or two fingers: turn. Wheel: closer. Click: attributes. By keyboard: arrows, Shift and arrows to turn, + and −, Enter reads at the centre.'],
  panel: ['Réglages', 'Settings'],
  failed: ['illisible : {why}', 'unreadable: {why}'],
  class: ['classe', 'class'],
  step: ['Moment montré', 'Time shown'],
  earlier: ['Moment précédent', 'Earlier'],
  later: ['Moment suivant', 'Later'],
  night: ['Nuit du {from} au {to}', 'Night from {from} to {to}'],
  one: { buildings: ['Bâtiment', 'Building'], trees: ['Arbre', 'Tree'], points: ['Point LiDAR', 'LiDAR point'], terrain: ['Terrain', 'Terrain'] },
  hour: ['{day}, de {from} à {to} ({zone})', '{day}, {from} to {to} ({zone})'],
  legal: ['heure légale', 'legal time'],
  howwell: ['Erreur aux capteurs laissés de côté : {error} K, {stations} capteurs.', 'Error at sensors left out: {error} K, {stations} sensors.'],
  nobetter: ['Cette carte ne fait pas mieux que la moyenne des capteurs.', 'This map does no better than the mean of the sensors.'],
  outside: ['Sans couleur : le modèle n\'y peut rien dire.', 'Without colour: the model may say nothing there.'],
  mapped: ['Carte de chaleur, à cet endroit', 'Heat map, at this place'],
  skip: ['Aller à la carte', 'Go to the map'],
};

// An object of a kind.
export function one(kind) {
  const pair = WORDS.one[kind];
  return pair ? pair[language === 'fr' ? 0 : 1] : t(kind);
}

const CLASSES = {
  1: ['non classé', 'unclassified'], 2: ['sol', 'ground'], 3: ['végétation basse', 'low vegetation'],
  4: ['végétation moyenne', 'medium vegetation'], 5: ['végétation haute', 'high vegetation'],
  6: ['bâtiment', 'building'], 9: ['eau', 'water'], 17: ['pont', 'bridge'], 64: ['sursol pérenne', 'lasting object'],
  65: ['artefact', 'artefact'], 66: ['point virtuel', 'virtual point'], 67: ['divers bâti', 'other built'],
};

let language = 'fr';

export function speak(wanted) {
  language = wanted === 'en' ? 'en' : 'fr';
  document.documentElement.lang = language;
}

export const spoken = () => language;

// A text of ours by its name, or a text of the data in both languages.
export function t(what, parts = {}) {
  const pair = typeof what === 'string' ? WORDS[what] : what && [what.fr, what.en];
  const text = pair ? pair[language === 'fr' ? 0 : 1] : '';
  return text.replace(/\{(\w+)\}/g, (_, name) => parts[name] ?? '');
}

export const lidarClass = (code) => (CLASSES[code] ? CLASSES[code][language === 'fr' ? 0 : 1] : `${t('class')} ${code}`);

// The first letter of a line is a capital.
export const capital = (text) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1);

// A number with its decimals, as its language writes it.
export function figure(value, decimals) {
  if (!Number.isFinite(value)) return '–';
  const text = new Intl.NumberFormat(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: 'negative' }).format(value);
  return text.replace('-', '\u2212');
}

// An angle stands by its sign; a unit stands apart, as both languages write it.
export function withUnit(text, unit) {
  if (!unit) return text;
  if (unit === '°') return `${text}°`;
  return `${text}\u00a0${language === 'en' && unit === 'ha/an' ? 'ha/yr' : unit}`;
}
