/** Pieces of SVG and HTML. Every text goes through `escaped`. */
import { printable } from './printable.js';

/** @param most characters before an ellipsis */
export function escaped(text: string, most = 400): string {
  return printable(text, most).replace(/[&<>"'`]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** A number of pixels, without a tail of digits. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Characters before an ellipsis. */
  readonly most?: number;
}

/** One line of SVG text with its base line at y. */
export function line(
  className: string,
  x: number,
  y: number,
  text: string,
  options: TextOptions = {},
): string {
  const anchor = options.anchor === undefined ? '' : ` text-anchor="${options.anchor}"`;
  return `<text class="${className}" x="${px(x)}" y="${px(y)}"${anchor}>${escaped(text, options.most ?? 160)}</text>`;
}

export function box(
  className: string,
  x: number,
  y: number,
  width: number,
  height: number,
  round = 4,
): string {
  return `<rect class="${className}" x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="${round}"/>`;
}

/** A part of a picture, drawn from its own top. */
export interface Section {
  readonly height: number;
  readonly svg: string;
}

/** Width of every picture, and of the margin on both sides. */
export const WIDTH = 960;
export const MARGIN = 40;
export const INNER = WIDTH - 2 * MARGIN;

export function heading(text: string, aside?: string): string {
  return (
    line('head', MARGIN, 16, text) +
    (aside === undefined ? '' : line('soft', WIDTH - MARGIN, 16, aside, { anchor: 'end' }))
  );
}
