// Bundles the page into one archive that ilot carries: `dist/web.json.zst`, file names and their text.
//
// Needs node, the packages of `package-lock.json`, and the `zstd` command.

import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

rmSync('build', { recursive: true, force: true });
await build({
  entryPoints: { page: 'src/page.js', worker: 'node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs' },
  outdir: 'build',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  entryNames: '[name]',
  chunkNames: 'part-[hash]',
  logLevel: 'warning',
});
const names = readdirSync('build').sort();
const files = Object.fromEntries(names.map((name) => [name, readFileSync(`build/${name}`, 'utf8')]));
files['LICENSES.txt'] = licences();
mkdirSync('dist', { recursive: true });
writeFileSync('build/web.json', JSON.stringify(files));
execFileSync('zstd', ['-q', '-f', '-19', '--ultra', '--no-check', 'build/web.json', '-o', 'dist/web.json.zst']);
writeFileSync('LICENSES.txt', files['LICENSES.txt']);
const size = (path) => `${Math.round(readFileSync(path).length / 1024)} kB`;
console.log(`${names.length} files, ${size('build/web.json')}; dist/web.json.zst: ${size('dist/web.json.zst')}`);

// The licences of all that is bundled, as each package ships it.
function licences() {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const packages = Object.entries(lock.packages).filter(([path, about]) => path && !about.dev && !about.optional);
  return packages.map(([path, about]) => {
    const file = readdirSync(path).find((name) => /^(licen[sc]e|copying)/i.test(name));
    const text = file ? readFileSync(`${path}/${file}`, 'utf8').trim() : `(${about.license ?? 'see package.json'})`;
    return `${path.replace(/^.*node_modules\//, '')} ${about.version} – ${about.license ?? '?'}\n\n${text}\n`;
  }).join('\n----------------------------------------\n\n');
}
