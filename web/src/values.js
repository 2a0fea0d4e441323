// The true values of a place: read from the run's own files, the COGs behind each mosaic, never from a coloured picture.
//
// `<product>.vrt` says where each file lies; geotiff.js reads the one block that holds the place, by a range request.

import { fromUrl } from 'geotiff';
import proj4 from 'proj4';

export class Values {
  constructor(run) {
    this.run = run;
    this.mosaics = new Map();
    this.files = new Map();
    this.project = proj4('EPSG:4326', run.crs.proj);
  }

  // Easting and northing of a place on the globe.
  place(lng, lat) {
    return this.project.forward([lng, lat]);
  }

  mosaic(name) {
    if (!this.mosaics.has(name)) this.mosaics.set(name, this.describe(name));
    return this.mosaics.get(name);
  }

  // Tells of a step of a stack: its rasters side by side, as the index of the stack has them.
  step(name, { rasters }) {
    if (this.mosaics.has(name) || !rasters.every((it) => it.shape && it.transform)) return;
    const [width, , , , height] = rasters[0].transform;
    const west = Math.min(...rasters.map((it) => it.transform[2]));
    const north = Math.max(...rasters.map((it) => it.transform[5]));
    const sources = rasters.map(({ path, shape: [rows, cols], transform }) => ({ path, cols, rows, col: Math.round((transform[2] - west) / width), row: Math.round((transform[5] - north) / height) }));
    this.mosaics.set(name, Promise.resolve({ west, north, width, height: -height, nodata: null, sources }));
  }

  async describe(name) {
    const answer = await fetch(`${name}.vrt`);
    if (!answer.ok) throw new Error(`${name}.vrt: ${answer.status}`);
    const xml = new DOMParser().parseFromString(await answer.text(), 'text/xml');
    const numbers = (text) => text.split(',').map(Number);
    const [west, width, , north, , height] = numbers(xml.querySelector('GeoTransform').textContent);
    const bands = [...xml.querySelectorAll('VRTRasterBand')];
    const nodata = bands.map((band) => {
      const text = band.querySelector('NoDataValue')?.textContent;
      return text === undefined ? NaN : Number(text);
    });
    const sources = [...bands[0].querySelectorAll('SimpleSource, ComplexSource')].map((source) => {
      const rect = source.querySelector('DstRect');
      const [col, row, cols, rows] = ['xOff', 'yOff', 'xSize', 'ySize'].map((side) => Number(rect.getAttribute(side)));
      return { path: source.querySelector('SourceFilename').textContent, col, row, cols, rows };
    });
    return { west, north, width, height: -height, nodata, sources };
  }

  file(path) {
    if (!this.files.has(path)) {
      this.files.set(path, fromUrl(new URL(path, document.baseURI).href).then(async (tiff) => ({ tiff, image: await tiff.getImage() })));
    }
    return this.files.get(path);
  }

  // The values of all bands at a place of the map; null for a band without one, null alone outside of the data.
  async at(name, x, y) {
    const mosaic = await this.mosaic(name);
    const col = Math.floor((x - mosaic.west) / mosaic.width);
    const row = Math.floor((mosaic.north - y) / mosaic.height);
    const source = mosaic.sources.find((it) => col >= it.col && col < it.col + it.cols && row >= it.row && row < it.row + it.rows);
    if (!source) return null;
    const { image } = await this.file(source.path);
    const [left, top] = [Math.floor(col - source.col), Math.floor(row - source.row)];
    const rasters = await image.readRasters({ window: [left, top, left + 1, top + 1] });
    return Array.from(rasters, (band, at) => {
      const value = band[0];
      const nodata = mosaic.nodata ? mosaic.nodata[at] : image.getGDALNoData();
      return Number.isFinite(value) && value !== nodata ? value : null;
    });
  }
}
