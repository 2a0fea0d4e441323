// Maps by hour or by night: their index, read when one of them is first shown, and the words of a step.

import { spoken, t } from './words.js';

const locale = () => (spoken() === 'en' ? 'en-GB' : 'fr');

const held = new Map();

// The steps of a stack and the one last seen in each pane, where they are read already.
export const step = (map) => held.get(map.name)?.now ?? null;

export async function steps(map) {
  if (!held.has(map.name)) {
    const entry = { now: null };
    entry.coming = fetch(map.stack).then(async (answer) => {
      const { steps: all } = answer.ok ? await answer.json() : { steps: [] };
      entry.now = { steps: all, seen: {} };
      return entry.now;
    });
    held.set(map.name, entry);
  }
  return held.get(map.name).coming;
}

// What a step is: the night of two days, or an hour in the legal time of the place, else in UTC.
export function span({ from, to }, nights, run) {
  const [start, end] = [new Date(from), new Date(to)];
  if (nights) {
    // The days of a night are those of the sun where it is, whatever the zone of who looks.
    const [west, , east] = run.bounds;
    const shift = ((west + east) / 2 / 15) * 3600000;
    const day = (date, options) => new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', ...options }).format(new Date(date.getTime() + shift));
    const year = { day: 'numeric', month: 'long', year: 'numeric' };
    // « du 14 au 15 juillet »: the month is said once where it is one.
    const month = { month: 'long', year: 'numeric' };
    const first = day(start, month) === day(end, month) ? { day: 'numeric' } : { day: 'numeric', month: 'long' };
    return t('night', { from: day(start, first), to: day(end, year) });
  }
  const zone = run.zone ?? 'UTC';
  const of = (date, options) => new Intl.DateTimeFormat(locale(), { timeZone: zone, ...options }).format(date);
  const time = { hour: '2-digit', minute: '2-digit' };
  const day = of(start, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const text = t('hour', { day, from: of(start, time), to: of(end, time), zone: run.zone ? t('legal') : 'UTC' });
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
