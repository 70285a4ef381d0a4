import type { Sample } from './heap.js';

export interface Curve {
  readonly name: string;
  readonly samples: readonly Sample[];
}

export interface Mark {
  readonly seconds: number;
  readonly name: string;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [900, 360, 60, 40, 30];
const COLOURS = ['#1f77b4', '#d95f02', '#2a9d5c', '#7b3294'];

/** The heap of each process over time, with a line for each fault. */
export function picture(curves: readonly Curve[], marks: readonly Mark[]): string {
  const all = curves.flatMap(({ samples }) => samples);
  const until = Math.max(...all.map(({ seconds }) => seconds));
  const most = Math.ceil(Math.max(...all.map(({ bytes }) => bytes)) / 2 ** 20 / 10) * 10;
  const x = (seconds: number) => (LEFT + (seconds / until) * (WIDTH - LEFT - 10)).toFixed(1);
  const y = (bytes: number) => (HEIGHT - BOTTOM - (bytes / 2 ** 20 / most) * (HEIGHT - BOTTOM - TOP)).toFixed(1);
  const text = (at: string | number, of: string | number, what: string, more = '') =>
    `<text x="${at}" y="${of}" ${more}>${what}</text>`;
  const lines = marks.map(
    ({ seconds, name }) =>
      `<line x1="${x(seconds)}" x2="${x(seconds)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"><title>${name}</title></line>`,
  );
  const drawn = curves.map(({ name, samples }, at) => {
    const points = samples.map(({ seconds, bytes }) => `${x(seconds)},${y(bytes)}`).join(' ');
    const colour = COLOURS[at % COLOURS.length];
    const label = text(LEFT + 10 + at * 160, 20, name, `fill="${colour}"`);
    return `${label}<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
  });
  const up = [0, most / 2, most].map((mb) => text(LEFT - 8, y(mb * 2 ** 20), `${mb} MB`, 'text-anchor="end"'));
  const along = [0, 0.25, 0.5, 0.75, 1].map((part) =>
    text(x(part * until), HEIGHT - 18, `${Math.round(part * until)} s`, 'text-anchor="middle"'),
  );
  const size = `viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12"`;
  const parts = [...lines, ...drawn, ...up, ...along];
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${parts.join('\n')}\n</svg>\n`;
}
